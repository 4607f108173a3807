"""What ends when the car leaves the states that allowed it, and what a verdict must know of the player.

Nothing here needs a permit: it only takes pictures away.
"""

from dataclasses import dataclass
from typing import Final

from state_machines.media_kind import MediaKind
from vehicle_agent.backends.dbus import players
from vehicle_agent.backends.dbus.action import intelligible
from vehicle_agent.backends.dbus.aim import JudgedPlayer
from vehicle_agent.backends.dbus.audio import source
from vehicle_agent.backends.dbus.client import Client, MethodCall
from vehicle_agent.errors import NotConfirmed, Unavailable

_UNTITLED: Final = "video"
HOME: Final = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPicture:
    """What playing on would show, or may. ``is_said``: the player says that it is a video."""

    title: str
    is_said: bool


class Endings:
    """Ends on the head unit what the standing rules end. Each raises Unavailable or NotConfirmed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def picture(self) -> LoadedPicture | None:
        """What is loaded in the player that a command goes to, playing or not ("play" would resume it).

        None when it is positively sound alone, or the radio is the source. A player that is not there shows nothing;
        one that does not answer, or not as a player does, may show anything, so that raises NotConfirmed.
        """
        aim = self._client.aim
        aim.judged(None)
        with intelligible("the video"):
            present = await players.names(self._client)
            player = await players.choose(self._client)
            try:
                state = await players.state_of(self._client, player)
            except Unavailable as e:
                if player.name in present:
                    raise NotConfirmed(str(e)) from e
                aim.judged(JudgedPlayer(name=player.name, may_show=False))
                return None
            if state.may_show and await source(self._client) == "radio":
                aim.judged(JudgedPlayer(name=self._client.config.radio.name, may_show=False))
                return None
        aim.judged(JudgedPlayer(name=player.name, may_show=state.may_show))
        if not state.may_show:
            return None
        return LoadedPicture(title=state.title or state.name or _UNTITLED, is_said=state.kind is MediaKind.VIDEO)

    async def video_title(self) -> str | None:
        """The title of `picture`, None when there is none."""
        picture = await self.picture()
        return None if picture is None else picture.title

    async def shows_video(self) -> bool:
        """Whether any player shows a picture, or may: what is not known to be sound alone counts as one.

        Raises Unavailable (there is no player at all), NotConfirmed (none is seen, and one does not answer).
        """
        with intelligible("the video"):
            return await players.is_shown(self._client)

    async def shown_app(self) -> str | None:
        """The app that the display shows; None for the home screen."""
        with intelligible("its screen"):
            app = str((await self._client.values(self._client.config.display))["App"])
            return None if app == HOME else app

    async def pause_and_blank_video(self) -> None:
        """On every player that shows a picture, or may; each even if others fail."""
        with intelligible("the video"):
            await players.end_pictures(self._client)

    async def home_screen(self) -> None:
        to = self._client.config.display
        await self._client.ask(MethodCall(to=to, member="HomeScreen"))
        with intelligible("its screen"):
            app = str((await self._client.values(to))["App"])
            if app != HOME:
                raise NotConfirmed(f"The display still shows {app}.", seen={"app": app})
