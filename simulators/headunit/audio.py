"""The audio mixer: volumes, mutes, equalizer and source, and the radio."""

from collections.abc import Callable
from typing import Final

from simulators.headunit.content import STATIONS, Station
from simulators.headunit.service import Interface, ServiceFailure, method

CHANNELS: Final = ("media", "navigation", "phone", "assistant")
BANDS: Final = ("bass", "mid", "treble")
SOURCES: Final = ("radio", "bluetooth", "usb", "streaming", "aux", "carplay", "android_auto")
EQUALIZER_RANGE: Final = 10  # steps each way


class Mixer(Interface):
    """``on_source(source)`` hears a change that the driver asked for."""

    name = "org.vehicleagent.Audio"

    def __init__(self, on_source: Callable[[str], None]) -> None:
        super().__init__()
        self._on_source = on_source
        self.declare("Volumes", "a{su}", {"media": 40, "navigation": 60, "phone": 55, "assistant": 50})
        self.declare("Mutes", "a{sb}", dict.fromkeys(CHANNELS, False))
        self.declare("Equalizer", "a{si}", dict.fromkeys(BANDS, 0))
        self.declare("EqualizerRange", "i", EQUALIZER_RANGE)
        self.declare("Source", "s", "streaming")
        self.declare("Sources", "as", list(SOURCES))

    @property
    def source(self) -> str:
        return str(self.get("Source"))

    @method("su")
    def set_volume(self, channel: str, level: int) -> None:
        if channel not in CHANNELS or level > 100:
            raise ServiceFailure("OutOfRange", f"no volume {level} for {channel}")
        self.put(Volumes={**self.get("Volumes"), channel: level})

    @method("sb")
    def set_mute(self, channel: str, muted: bool) -> None:
        if channel not in CHANNELS:
            raise ServiceFailure("OutOfRange", f"no channel {channel}")
        self.put(Mutes={**self.get("Mutes"), channel: muted})

    @method("si")
    def set_equalizer(self, band: str, level: int) -> None:
        if band not in BANDS or abs(level) > EQUALIZER_RANGE:
            raise ServiceFailure("OutOfRange", f"no level {level} for {band}")
        self.put(Equalizer={**self.get("Equalizer"), band: level})

    @method("s")
    def select_source(self, source: str) -> None:
        if source not in SOURCES:
            raise ServiceFailure("NotFound", f"there is no source {source}")
        if not self.stuck:
            self.put(Source=source)
            self._on_source(source)


class Radio(Interface):
    """``on_start()`` hears that the radio begins to play. Frequencies: MHz on FM, kHz on AM."""

    name = "org.vehicleagent.Radio"

    def __init__(self, on_start: Callable[[], None]) -> None:
        super().__init__()
        self._on_start = on_start
        self.declare("Stations", "a(ssd)", [[s.name, s.band, s.frequency] for s in STATIONS])
        self.declare("Playing", "b", False)
        self._declare_station(STATIONS[2])

    def _declare_station(self, station: Station) -> None:
        self.declare("Station", "s", station.name)
        self.declare("Band", "s", station.band)
        self.declare("Frequency", "d", station.frequency)

    @property
    def station(self) -> tuple[str, str, float]:
        return self.get("Station"), self.get("Band"), self.get("Frequency")

    @method("ssd")
    def tune(self, band: str, station: str, frequency: float) -> None:
        """By ``station`` when it is not empty, else by ``frequency``."""
        named = next((s for s in STATIONS if s.band == band and s.name == station), None)
        if station and named is None:
            raise ServiceFailure("NotFound", f"there is no station {station} on {band}")
        here = named or next((s for s in STATIONS if s.band == band and abs(s.frequency - frequency) < 0.05), None)
        self.put(
            Station=here.name if here else "",
            Band=band,
            Frequency=here.frequency if here else frequency,
        )
        self.start()

    @method()
    def start(self) -> None:
        if not self.stuck:
            self.put(Playing=True)
            self._on_start()

    @method()
    def stop(self) -> None:
        self.put(Playing=False)

    @method("i")
    def step(self, by: int) -> None:
        """To the next (1) or previous (-1) station of the band."""
        name, band, _ = self.station
        names = [s for s in STATIONS if s.band == band]
        index = next((i for i, s in enumerate(names) if s.name == name), 0)
        target = names[(index + by) % len(names)]
        self.tune(band, target.name, target.frequency)
