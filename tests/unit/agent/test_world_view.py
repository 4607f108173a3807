"""What a verdict is told of the player."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.car import PARKED

from vehicle_agent.backends.dbus import DbusConfig
from vehicle_agent.backends.dbus.config import configured
from vehicle_agent.config import Config, load_config
from vehicle_agent.conversation.world_view import CarView, History
from vehicle_agent.errors import ConfigError, NotConfirmed

SPOTIFY = "org.mpris.MediaPlayer2.spotify"


@dataclass(frozen=True)
class Shown:
    title: str
    is_said: bool


@pytest.mark.parametrize(
    ("answer", "title", "is_said"),
    [
        (None, None, True),
        (Shown("a film", is_said=True), "a film", True),
        (Shown("video", is_said=False), "video", False),
        (NotConfirmed("The media player does not answer."), "video", False),
    ],
)
async def test_what_is_not_known_is_a_video(
    answer: Shown | NotConfirmed | None, title: str | None, is_said: bool
) -> None:
    async def ask() -> Shown | None:
        if isinstance(answer, NotConfirmed):
            raise answer
        return answer

    view = CarView(lambda: PARKED, ask, History())
    assert view.context().video_title is None
    await view.refresh()
    assert (view.context().video_title, view.context().is_said) == (title, is_said)


def test_the_configuration_names_players_that_show_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[services]\nsound_only = ["{SPOTIFY}"]\n')
    assert configured(load_config(file)).sound_only == (SPOTIFY,)
    assert configured(Config()).sound_only == DbusConfig().sound_only == ()


@pytest.mark.parametrize("name", ["spotify", "org.mpris.MediaPlayer2", "org.mpris.MediaPlayer2.", "*", SPOTIFY + " "])
def test_what_is_no_name_of_a_player_is_refused(name: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[services]\nsound_only = ["{name}"]\n')
    with pytest.raises(ConfigError, match=r"services\.sound_only\.0"):
        load_config(file)
