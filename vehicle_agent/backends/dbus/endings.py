"""What ends when the car leaves the states that allowed it, and what a verdict must know of the player.

Nothing here needs a permit: it only takes pictures away.
"""

import asyncio
from typing import Final

from dbus_next.signature import Variant

from vehicle_agent.backends.dbus.action import intelligible
from vehicle_agent.backends.dbus.client import Client, Command, set_property
from vehicle_agent.backends.dbus.media import PICTURE, PLAYER, kind, player_values, title
from vehicle_agent.errors import NotConfirmed, Unavailable

_UNTITLED: Final = "video"


class Endings:
    """Ends on the head unit what the standing rules end. Each raises Unavailable or NotConfirmed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def video_title(self) -> str | None:
        """The video that is loaded in the player, playing or not ("play" would resume it); None when there is none.

        For state_machines.expansion.Context. A player that is not there shows nothing; one that does not answer, or
        not as a player does, may show anything, so that raises NotConfirmed.
        """
        with intelligible("the video"):
            try:
                player = await player_values(self._client)
            except Unavailable:
                return None
            return (title(player) or _UNTITLED) if kind(player) == "video" else None

    async def pause_and_blank_video(self) -> None:
        """Both at once, and each even if the other fails."""
        to = self._client.config.player
        results = await asyncio.gather(
            self._client.ask(set_property(to, "Blanked", Variant("b", True), interface=PICTURE)),
            self._client.ask(Command(to=to, interface=PLAYER, member="Pause")),
            return_exceptions=True,
        )
        failures = [r for r in results if isinstance(r, BaseException)]
        if failures:
            raise failures[0]
        with intelligible("the video"):
            blanked, player = await asyncio.gather(self._client.values(to, PICTURE), player_values(self._client))
            status = str(player["PlaybackStatus"])
            if not blanked["Blanked"] or status == "Playing":
                raise NotConfirmed("The player still shows the video.", seen={"status": status})

    async def home_screen(self) -> None:
        to = self._client.config.display
        await self._client.ask(Command(to=to, member="HomeScreen"))
        with intelligible("its screen"):
            app = str((await self._client.values(to))["App"])
            if app != "home":
                raise NotConfirmed(f"The display still shows {app}.", seen={"app": app})
