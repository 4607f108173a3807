"""`config check`: everything that can be checked without starting, all problems at once, each with key and remedy."""

import json
import shutil
from pathlib import Path

import pytest
from support.shipped import shipped_model
from typer.testing import CliRunner

from vehicle_agent.backends.dbus.config import SERVICES, DbusConfig, configured
from vehicle_agent.cli import app
from vehicle_agent.config import Config, ServicesConfig, load_config
from vehicle_agent.config_check import problems_of
from vehicle_agent.errors import ConfigError
from vehicle_apis.binding import default_binding_path

BINDING = default_binding_path()


def file_of(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    return problems_of(load_config(file_of(tmp_path, text)))


def test_the_defaults_are_right() -> None:
    assert problems_of(Config()) == ()


def test_a_whole_configuration_is_right(tmp_path: Path) -> None:
    assert (
        problems(
            tmp_path,
            f'[car]\nbinding = "{BINDING}"\n[model]\npath = "{shipped_model()}"\n[bus]\nchannel = "239.1.2.3"\n'
            f'[journal]\npath = "{tmp_path}/deep/er/journal.jsonl"\n[safety]\ncrash_latch = "{tmp_path}/latch"\n',
        )
        == ()
    )
    assert {p.name for p in tmp_path.iterdir()} == {"config.toml"}, "checking leaves nothing behind"


def _binding(tmp_path: Path, content: str) -> str:
    (tmp_path / "car.toml").write_text(content, encoding="utf-8")
    return str(tmp_path / "car.toml")


def test_a_binding_that_cannot_be_loaded(tmp_path: Path) -> None:
    whole = BINDING.read_text(encoding="utf-8").replace('dbc = "', f'dbc = "{BINDING.parent}/')
    assert problems(tmp_path, f'[car]\nbinding = "{_binding(tmp_path, whole)}"') == ()
    for content, said in (
        ("dbc = 3", "car.toml"),
        ("no toml", "not valid TOML"),
        (whole.replace(".dbc", ".none"), "none"),
        (whole.replace("control_window", "control_nothing"), "control_nothing"),
    ):
        (problem,) = problems(tmp_path, f'[car]\nbinding = "{_binding(tmp_path, content)}"')
        assert problem.startswith("car.binding: ")
        assert said in problem
    (problem,) = problems(tmp_path, f'[car]\nbinding = "{tmp_path}/none.toml"')
    assert "cannot be read" in problem
    assert "check its path" in problem


def test_a_model_that_is_missing_or_changed(tmp_path: Path) -> None:
    def of(name: str) -> tuple[str, ...]:
        return problems(tmp_path, f'[model]\npath = "{tmp_path}/{name}"')

    assert of("none.gguf")[0].startswith("model.path: there is no planner model")
    (tmp_path / "text.gguf").write_text("no model")
    assert "no GGUF file" in of("text.gguf")[0]
    model = shipped_model()
    shutil.copyfile(model, tmp_path / "m.gguf")
    shutil.copyfile(model.with_name(model.name + ".sha256"), tmp_path / "m.gguf.sha256")
    assert of("m.gguf") == ()
    with (tmp_path / "m.gguf").open("r+b") as file:
        file.seek(20_000_000)
        file.write(bytes(100))
    assert "damaged" in of("m.gguf")[0]


@pytest.mark.parametrize("key", ["[journal]\npath", "[safety]\ncrash_latch"])
def test_a_place_that_cannot_be_written(tmp_path: Path, key: str) -> None:
    (tmp_path / "file").write_text("")
    name = key.strip("[").replace("]\n", ".")
    for place, said in (
        (str(tmp_path), "is a folder; name a file in it"),
        (f"{tmp_path}/file/below", "is no folder"),
        ("/proc/nothing/here", "cannot be written"),
        ("/dev/null", "is no file"),
        ("x" * 300, "cannot be written"),
    ):
        (problem,) = problems(tmp_path, f'{key} = "{place}"')
        assert problem.startswith(f"{name}: "), problem
        assert said in problem


def test_latch_and_journal_are_two_files(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, f'[journal]\npath = "{tmp_path}/a"\n[safety]\ncrash_latch = "{tmp_path}/./a"\n')
    assert problem.startswith("safety.crash_latch: ")


@pytest.mark.parametrize(
    ("interface", "channel", "right"),
    [
        ("udp_multicast", "239.74.163.2", True),
        ("udp_multicast", "10.0.0.1", False),
        ("udp_multicast", "can0", False),
        ("socketcan", "can0", True),
        ("socketcan", "a" * 15, True),
        ("socketcan", "a" * 16, False),
        ("socketcan", "can 0", False),
        ("socketcan", "239.74.163.2/24", False),
        ("virtual", "any thing", True),
    ],
)
def test_channels(tmp_path: Path, interface: str, channel: str, right: bool) -> None:
    found = problems(tmp_path, f'[bus]\ninterface = "{interface}"\nchannel = "{channel}"')
    assert (found == ()) is right
    assert right or found[0].startswith("bus.channel: ")


def test_a_recogniser_that_was_named_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "vehicle_agent.voice.engines.find_engine.__kwdefaults__",
        {"find": lambda _name: None, "has_package": lambda _name: True},
    )
    (problem,) = problems(tmp_path, '[voice]\nengine = "vosk"')
    assert problem == "voice.engine: no English Vosk model is installed; run: vehicle-agent models install vosk-en"
    assert problems(tmp_path, '[voice]\nengine = "auto"') == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bus = 3", "bus: this is a section; write [bus]"),
        ("[[bus]]", "bus: this is a section"),
        ("[bus]\nchanel = 'x'", "bus.chanel: there is no such key in [bus]; did you mean channel?"),
        ("[bus]\nzzz = 'x'", "there are: interface, channel, port"),
        ("[safty]", "safty: there is no such section; did you mean safety?"),
        ("[services]\nplayr = 'a.b'", "did you mean player?"),
        (
            "[services.player]\nnam = 'a.b'",
            "services.player.nam: there is no such key in [services.player]; did you mean",
        ),
        ("[model]\nthreads = '2'", "model.threads: input should be a valid integer, not '2'"),
        ("[model]\nthreads = 2.5", "model.threads"),
        ("[model]\nthreads = true", "model.threads"),
        ("[model]\nthreads = 0", "greater than or equal to 1, not 0"),
        ("[model]\npath = 3", "model.path: input should be a valid string, not 3"),
        ('[model]\npath = "a\\u0000b"', "model.path: 'a\\x00b' holds a character that cannot be printed"),
        ("[journal]\ntranscripts = 'no'", "journal.transcripts: input should be a valid boolean"),
        ("[journal]\ntranscripts = 0", "journal.transcripts"),
        ("[planner]\nask_below = nan", "planner.ask_below"),
        ("[planner]\nask_below = '0.5'", "planner.ask_below"),
        ("[bus]\ninterface = 'can'", "'virtual', 'udp_multicast' or 'socketcan', not 'can'"),
        ("[dbus]\nsession = 'system'", "dbus.session: 'system' is no D-Bus address; write one such as unix:path="),
        ("[dbus]\nsystem = ''", "dbus.system: '' is no D-Bus address"),
        ("[dbus]\nsystem = 'unix:/run/x'", "dbus.system"),
        ("[dbus]\nsystem = 'tcp:host=a'", "dbus.system"),
        ("[dbus]\nsystem = 'tcp:host=a,port=x'", "dbus.system"),
        ("[dbus]\nsystem = 'autolaunch:'", "dbus.system"),
        ("[services]\nplayer = 'spotify'", "services.player.name: 'spotify' is no D-Bus name; write one such as"),
        ("[services]\nplayer = 'a..b'", "services.player.name"),
        ("[services]\nplayer = 'org.4u'", "services.player.name"),
        ("[services]\nplayer = ':1.5'", "services.player.name"),
        (f"[services]\nplayer = 'a.{'b' * 254}'", "services.player.name"),
        ("[services]\nplayer = 3", "services.player: this is a section"),
        ("[services]\nplayer = { bus = 'third' }", "services.player.bus"),
        ("[services]\nroadside_number = '112'", "services.roadside_number: '112' is no telephone number; write 5 to"),
        ("[services]\nroadside_number = '+1 800 555'", "services.roadside_number"),
        ("[services]\nroadside_number = '**21*5550#'", "services.roadside_number"),
        ("[services]\nroadside_number = '\u0661\u0661\u0662\u0661\u0661'", "services.roadside_number"),
        ("[services]\nroadside_number = '1234567890123456'", "services.roadside_number"),
        ("[services]\nroadside_number = 8005550199", "services.roadside_number"),
    ],
)
def test_a_wrong_value_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as e:
        load_config(file_of(tmp_path, text))
    assert said in str(e.value)
    assert "config.toml: " in str(e.value)
    assert "\n" not in str(e.value)
    assert len(e.value.problems) == 1


@pytest.mark.parametrize("content", [b"\xff\xfe[\x00b\x00", b"[bus]\nchannel = '\xe4'\n"])
def test_what_is_no_utf8_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigError, match="no UTF-8 text; save it as UTF-8"):
        load_config(file_of(tmp_path, content))


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert load_config(file_of(tmp_path, b"\xef\xbb\xbf[bus]\nport = 2000\n")).bus.port == 2000


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    file = file_of(tmp_path, "[bus]\nport = 1\nchanel = 'x'\n[model]\nthreads = 'two'\n[raido]\n")
    done = CliRunner().invoke(app, ["config", "check", str(file)])
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    assert all(line.startswith(f"vehicle-agent: {file}: ") for line in lines)
    with pytest.raises(ConfigError, match=r"; 3 more: `vehicle-agent config check .*config.toml` shows all"):
        load_config(file)


def test_what_cannot_be_loaded_ends_the_check(tmp_path: Path) -> None:
    file = file_of(tmp_path, f'[car]\nbinding = "/nowhere.toml"\n[journal]\npath = "{tmp_path}"\n')
    done = CliRunner().invoke(app, ["config", "check", str(file)])
    assert done.exit_code == 2
    assert [line.split(": ")[2] for line in done.stderr.splitlines()] == ["car.binding", "journal.path"]
    done = CliRunner().invoke(app, ["config", "check", str(file), "--json"])
    document = json.loads(done.stdout)
    assert document["file"] == str(file)
    assert len(document["problems"]) == 2


def test_another_binding_is_looked_at(tmp_path: Path) -> None:
    file = file_of(tmp_path, '[car]\nbinding = "/nowhere.toml"\n')
    right = CliRunner().invoke(app, ["config", "check", str(file), "--binding", str(BINDING)])
    assert right.exit_code == 0, right.stderr
    wrong = CliRunner().invoke(app, ["config", "check", str(file_of(tmp_path, "")), "--binding", "/none.toml"])
    assert wrong.exit_code == 2
    assert "/none.toml" in wrong.stderr


def test_services_have_their_usual_names() -> None:
    assert configured(Config()) == DbusConfig()


def test_services_can_be_named(tmp_path: Path) -> None:
    config = load_config(
        file_of(
            tmp_path,
            '[services]\nplayer = "org.mpris.MediaPlayer2.spotify"\nroadside_number = "+4980055501"\n'
            'telephone = { bus = "session" }\nradio = { name = "com.maker.Radio", bus = "system" }\n',
        )
    )
    found = configured(config)
    assert found.player.name == "org.mpris.MediaPlayer2.spotify"
    assert found.player.path == DbusConfig().player.path
    assert (found.telephone.name, found.telephone.bus) == ("org.ofono", "session")
    assert (found.radio.name, found.radio.bus) == ("com.maker.Radio", "system")
    assert found.roadside_number == "+4980055501"
    assert found.contacts == DbusConfig().contacts


def test_every_service_can_be_named() -> None:
    assert set(SERVICES) == ServicesConfig.model_fields.keys() - {"roadside_number", "sound_only"}
    for service in SERVICES:
        config = Config.model_validate({"services": {service: "com.maker.Thing"}})
        changed = {s for s in SERVICES if getattr(configured(config), s) != getattr(DbusConfig(), s)}
        assert changed == {service}
