"""`sim dashboard` as a person runs it: start, look, Ctrl-C."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from headunit_bench import needs_bus

pytest.importorskip("aiohttp", reason="aiohttp is not installed; `pip install -e '.[sim]'` brings it")
COMMAND = (
    sys.executable,
    "-c",
    "import typer; from simulators.workbench.sim.dashboard import dashboard; typer.run(dashboard)",
)


@needs_bus
def test_it_tells_its_address_serves_and_ends_quietly_on_ctrl_c() -> None:
    process = subprocess.Popen(
        [*COMMAND, "--no-model", "--port", "0", "--set", "rain=yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert process.stdout is not None
    address, note = process.stdout.readline(), process.stdout.readline()
    assert "only this computer reaches it" in note
    url = next(word for word in address.split() if word.startswith("http://127.0.0.1:"))
    with contextlib.closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)) as connection:
        connection.request("GET", "/api/state")
        assert b'"rain":"yes"' in connection.getresponse().read()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to everybody in the foreground
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--interface", "pigeon"], "the interface is one of virtual, udp_multicast, socketcan, not 'pigeon'"),
        (["--model", "/no/model.gguf"], "there is no planner model at /no/model.gguf"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments: list[str], says: str) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
