"""A look at the players that is cancelled before it has begun leaves nothing behind."""

import asyncio
import gc
from typing import cast

import pytest

from vehicle_agent.backends.dbus import players
from vehicle_agent.backends.dbus.client import Client
from vehicle_agent.backends.dbus.config import DbusConfig


class _NeverAsked:
    """A client of which only the configuration is needed: no look gets as far as asking it."""

    config = DbusConfig()


async def test_a_look_that_is_cancelled_as_it_begins_leaves_no_coroutine_unawaited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def names(_client: Client) -> tuple[str, ...]:
        # in the very tick in which the looks at the single players are begun
        asyncio.get_running_loop().call_soon(looking.cancel)
        return ("org.mpris.MediaPlayer2.one", "org.mpris.MediaPlayer2.two")

    monkeypatch.setattr(players, "names", names)
    looking = asyncio.ensure_future(players.showing(cast("Client", _NeverAsked())))
    with pytest.raises(asyncio.CancelledError):
        await looking
    gc.collect()  # "never awaited" is a warning, and every warning fails its test
