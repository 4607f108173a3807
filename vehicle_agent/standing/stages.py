"""Where something goes on that a standing rule may end: in the car itself, and on the head unit's display."""

from collections.abc import Callable, Hashable, Mapping
from typing import Final, assert_never

from state_machines import limits
from state_machines.standing import Ended
from vehicle_agent.backends.base import Pictures, Stopper
from vehicle_agent.standing.lookout import CarLookout, HeadUnitLookout, Probe
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.errors import InvalidCall
from vehicle_apis.traits import Ending

_AN_APP: Final = "unknown"  # where the head unit's own name for an app is no app of ours


class InCar:
    """Motors and camera pictures: ended by a command, seen in the status frames."""

    endings: Final = frozenset({Ending.STOP_MOTION, Ending.CLOSE_CAMERA})

    def __init__(self, stopper: Stopper, lookout: CarLookout) -> None:
        self._stopper = stopper
        self.lookout = lookout

    def thing(self, ended: Ended) -> Hashable:
        return self.lookout.key(ended.call)

    async def end(self, ended: Ended) -> None:
        if ended.how is Ending.CLOSE_CAMERA:
            await self._stopper.close_camera()
        else:
            await self._stopper.stop_motion(ended.call)

    async def goes_on(self, ended: Ended, *, lost: bool) -> bool:  # noqa: ARG002 - a unit's frames tell by themselves
        return self.lookout.shows(ended.call) is not False

    def look_again(self, ended: Ended) -> None:
        self.lookout.open_again(ended.call)


class OnHeadUnit:
    """Videos and apps: ended by a service, seen by asking it. ``seen`` and ``at_leisure`` as for `HeadUnitLookout`."""

    endings: Final = frozenset({Ending.PAUSE_AND_BLANK_VIDEO, Ending.HOME_SCREEN})

    def __init__(
        self,
        pictures: Pictures,
        catalogue: Catalogue,
        seen: Callable[[Ending, tuple[Call, ...]], None],
        clock: Callable[[], float],
        at_leisure: Callable[[], bool],
    ) -> None:
        self._pictures = pictures
        self._catalogue = catalogue
        self._probes: Mapping[Ending, Probe] = {
            Ending.PAUSE_AND_BLANK_VIDEO: self._seen_video,
            Ending.HOME_SCREEN: self._seen_app,
        }
        self.lookout = HeadUnitLookout(self._probes, seen, clock, at_leisure)

    def thing(self, ended: Ended) -> Hashable:
        return ended.how

    async def end(self, ended: Ended) -> None:
        match ended.how:
            case Ending.PAUSE_AND_BLANK_VIDEO:
                await self._pictures.pause_and_blank_video()
            case Ending.HOME_SCREEN:
                await self._pictures.home_screen()
            case Ending.CLOSE_CAMERA | Ending.STOP_MOTION:
                raise ValueError(f"{ended.call} does not go on on the head unit")
            case _:
                assert_never(ended.how)

    async def goes_on(self, ended: Ended, *, lost: bool) -> bool:
        try:
            return bool(await self._probes[ended.how]())
        except Exception:  # noqa: BLE001 - it may be there; where nobody is there at all, the lookout sees it come back
            return not lost

    def look_again(self, ended: Ended) -> None:
        self.lookout.open(ended.how, after_s=limits.ENDING_TAKES_S)

    async def _seen_video(self) -> tuple[Call, ...]:
        return (self._catalogue.call("play_video", title="video"),) if await self._pictures.shows_video() else ()

    async def _seen_app(self) -> tuple[Call, ...]:
        app = await self._pictures.shown_app()
        if app is None:
            return ()
        try:
            return (self._catalogue.call("open_app", app=app),)
        except InvalidCall:
            return (self._catalogue.call("open_app", app=_AN_APP),)
