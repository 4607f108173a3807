"""Screens, apps, units and driver profiles, and what is held back."""

from typing import Final

from simulators.headunit.content import APPS, PROFILES
from simulators.headunit.service import Interface, ServiceFailure, method

SCREENS: Final = ("center", "cluster", "head_up", "rear")
HOME: Final = "home"


class Display(Interface):
    name = "org.vehicleagent.Display"

    def __init__(self) -> None:
        super().__init__()
        self.declare("Brightness", "a{su}", {"center": 70, "cluster": 80, "head_up": 60, "rear": 50})
        self.declare("Theme", "s", "auto")
        self.declare("Units", "s", "metric")
        self.declare("App", "s", HOME)
        self.declare("Apps", "as", list(APPS))
        self.declare("Profile", "s", PROFILES[0])
        self.declare("Profiles", "as", list(PROFILES))

    @property
    def app(self) -> str:
        return str(self.get("App"))

    @property
    def brightness(self) -> dict[str, int]:
        return dict(self.get("Brightness"))

    @method("su")
    def set_brightness(self, screen: str, level: int) -> None:
        if screen not in SCREENS or level > 100:
            raise ServiceFailure("OutOfRange", f"no brightness {level} for {screen}")
        self.put(Brightness={**self.get("Brightness"), screen: level})

    @method("s")
    def set_theme(self, theme: str) -> None:
        if theme not in {"day", "night", "auto"}:
            raise ServiceFailure("NotFound", f"there is no theme {theme}")
        self.put(Theme=theme)

    @method("s")
    def set_units(self, system: str) -> None:
        if system not in {"metric", "imperial"}:
            raise ServiceFailure("NotFound", f"there are no {system} units")
        self.put(Units=system)

    @method("s")
    def open_app(self, app: str) -> None:
        if app not in APPS:
            raise ServiceFailure("NotFound", f"{app} is not installed")
        self.later(lambda: self.put(App=app))

    @method()
    def home_screen(self) -> None:
        self.put(App=HOME)

    @method("s")
    def load_profile(self, profile: str) -> None:
        if profile not in PROFILES:
            raise ServiceFailure("NotFound", f"there is no profile {profile}")
        self.put(Profile=profile)


class Notifications(Interface):
    """Do not disturb."""

    name = "org.vehicleagent.Notifications"
    writable = frozenset({"DoNotDisturb"})

    def __init__(self) -> None:
        super().__init__()
        self.declare("DoNotDisturb", "b", False)
