"""What the simulated head unit knows. Names, numbers and addresses are made up; numbers lie in the 555-01xx range."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["music", "podcast", "audiobook", "video"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """``uri`` identifies it; ``tags`` are words it is found by besides title and artist."""

    uri: str
    title: str
    artist: str
    kind: Kind
    length_s: int
    tags: tuple[str, ...] = ()


def _music(slug: str, title: str, artist: str, *tags: str) -> Medium:
    return Medium(uri=f"usb:music/{slug}", title=title, artist=artist, kind="music", length_s=214, tags=tags)


def _spoken(kind: Literal["podcast", "audiobook"], slug: str, title: str, artist: str, *tags: str) -> Medium:
    return Medium(uri=f"usb:{kind}/{slug}", title=title, artist=artist, kind=kind, length_s=2700, tags=(kind, *tags))


def _video(slug: str, title: str, *tags: str) -> Medium:
    return Medium(uri=f"usb:video/{slug}", title=title, artist="", kind="video", length_s=5400, tags=tags)


MEDIA: Final[tuple[Medium, ...]] = (
    _music("lanterns", "Paper Lanterns", "Hollow Pines", "folk", "acoustic", "indie"),
    _music("tollbooth", "Tollbooth Blues", "The Slow Exits", "blues", "road trip"),
    _music("satellite", "Satellite Garden", "Mira Voss", "pop", "dance"),
    _music("midnight", "Midnight Ferry", "Blue Tin Quartet", "jazz"),
    _music("sonata", "Sonata for Rain", "Ilse Brandt", "classical", "piano"),
    _music("gravel", "Gravel Road Anthem", "Rust and Chrome", "rock"),
    _music("neon", "Neon Turnpike", "Grid Runner", "electronic", "eighties"),
    _spoken("podcast", "long-way", "The Long Way Round", "Open Road Audio", "travel"),
    _spoken("podcast", "sparks", "Small Sparks", "Workbench Radio", "science", "technology"),
    _spoken("audiobook", "lighthouse", "The Lighthouse Keeper's Map", "Read by Nora Fell", "novel"),
    _video("mountains", "Mountains from Above", "documentary"),
    _video("otters", "Otter Parade", "cartoon", "kids"),
    _video("harvest", "The Last Harvest", "film", "drama"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """``frequency``: MHz on FM, kHz on AM, 0 on DAB."""

    name: str
    band: Literal["fm", "am", "dab"]
    frequency: float = 0.0


STATIONS: Final[tuple[Station, ...]] = (
    Station(name="News Wave", band="fm", frequency=88.4),
    Station(name="Jazz Lounge", band="fm", frequency=90.7),
    Station(name="Radio Mango", band="fm", frequency=94.2),
    Station(name="Capital", band="fm", frequency=95.8),
    Station(name="Harbour Radio", band="fm", frequency=98.5),
    Station(name="Classic Garden", band="fm", frequency=101.3),
    Station(name="Rock Quarry", band="fm", frequency=104.6),
    Station(name="Country Line", band="am", frequency=720),
    Station(name="Sports Desk", band="am", frequency=909),
    Station(name="Talk Street", band="am", frequency=1152),
    Station(name="Indie Attic", band="dab"),
    Station(name="Deep Space", band="dab"),
    Station(name="Story Time", band="dab"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """``numbers``: (mobile | home | work, digits); the first is the preferred one."""

    name: str
    numbers: tuple[tuple[str, str], ...] = ()
    address: str = ""


def _contact(name: str, last: int, address: str = "", *, home: bool = False, work: bool = False) -> Contact:
    numbers = [("mobile", f"20255501{last:02d}")]
    if home:
        numbers.append(("home", f"30355501{last:02d}"))
    if work:
        numbers.append(("work", f"40455501{last:02d}"))
    return Contact(name=name, numbers=tuple(numbers), address=address)


CONTACTS: Final[tuple[Contact, ...]] = (
    _contact("Mom", 1, "12 Orchard Lane, Millbrook", home=True, work=True),
    _contact("Dad", 2, "12 Orchard Lane, Millbrook", home=True, work=True),
    _contact("Grandma", 3, "4 Chapel Row, Old Ferry", home=True),
    _contact("Grandpa", 4, "4 Chapel Row, Old Ferry", home=True),
    _contact("Uncle Pete", 5, "77 Quarry Street, Stonehaven", home=True),
    _contact("Aunt Rosa", 6, "3 Lime Court, Millbrook", home=True),
    _contact("Anna Weber", 7, "9 Kite Hill, Eastfield", home=True, work=True),
    _contact("Ben Carter", 8, "31 Station Road, Eastfield", home=True, work=True),
    _contact("Sarah Lindqvist", 9, "18 Birch Avenue, Northgate", home=True, work=True),
    _contact("Tom Okafor", 10, "5 Mill Pond, Millbrook", home=True, work=True),
    _contact("Lisa Moreau", 11, "22 Garden Street, Northgate", home=True, work=True),
    _contact("James Holt", 12, "60 Canal Walk, Eastfield", work=True),
    _contact("Kate Sutton", 13, "8 Harbour View, Old Ferry", home=True),
    _contact("Chris Baker", 14, "1 Windmill Close, Eastfield"),
    _contact("Chris Young", 15, "14 Foundry Lane, Stonehaven"),
    _contact("Doctor Patel", 16, "40 Clinic Road, Millbrook", work=True),
    _contact("Mister Collins", 17, "2 School Lane, Millbrook", home=True),
    _contact("Boss", 18, work=True),
    _contact("Friend", 19, "27 Meadow Way, Northgate", home=True),
    Contact(name="Home", numbers=(("home", "3035550100"),), address="16 Juniper Street, Northgate"),
    Contact(name="Work", numbers=(("work", "4045550100"),), address="200 Harbour Plaza, Eastfield"),
)

SAVED_PLACES: Final[dict[str, str]] = {
    "home": "16 Juniper Street, Northgate",
    "work": "200 Harbour Plaza, Eastfield",
    "airport": "Terminal Road 1, Stonehaven",
    "train station": "Station Square, Eastfield",
}

# category -> name, address, distance in km
NEARBY: Final[dict[str, tuple[str, str, float]]] = {
    "gas_station": ("Amber Fuel", "101 Ring Road, Eastfield", 1.2),
    "charging_station": ("Volt Corner", "7 Market Square, Eastfield", 0.9),
    "parking": ("Theatre Garage", "15 Theatre Lane, Eastfield", 0.4),
    "restaurant": ("The Copper Spoon", "33 Garden Street, Eastfield", 0.7),
    "coffee": ("Third Bean", "12 Market Square, Eastfield", 0.3),
    "fast_food": ("Bun Run", "98 Ring Road, Eastfield", 1.1),
    "supermarket": ("Green Basket", "50 Mill Street, Eastfield", 0.8),
    "hotel": ("Hotel Linden", "2 Park Avenue, Eastfield", 1.6),
    "hospital": ("Eastfield General Hospital", "1 Infirmary Road, Eastfield", 2.3),
    "pharmacy": ("Willow Pharmacy", "18 Mill Street, Eastfield", 0.6),
    "atm": ("Union Bank cash machine", "3 Market Square, Eastfield", 0.2),
    "car_wash": ("Sparkle Bay", "110 Ring Road, Eastfield", 1.4),
    "rest_area": ("Oak Ridge rest area", "Motorway 9, kilometre 41", 12.5),
    "police": ("Eastfield Police Station", "9 Court Street, Eastfield", 1.0),
    "repair_shop": ("Torque and Sons", "64 Foundry Lane, Eastfield", 1.9),
    "toilet": ("Market Square public toilets", "Market Square, Eastfield", 0.3),
}

APPS: Final[tuple[str, ...]] = (
    *("netflix", "youtube", "disney plus", "prime video", "hulu", "video", "tv"),
    *("chess", "games", "solitaire", "tetris", "arcade"),
    *("web browser", "browser", "email", "facebook", "instagram"),
    *("spotify", "radio", "podcasts", "audible", "apple music", "youtube music", "music", "tidal"),
    *("maps", "google maps", "waze", "navigation"),
    *("phone", "contacts", "messages", "whatsapp", "telegram"),
    *("weather", "calendar", "settings", "climate", "car settings", "energy"),
)

PROFILES: Final[tuple[str, ...]] = ("Driver", "Alex", "Emma", "Mom", "Dad", "Guest")

# name, Bluetooth address, paired
DEVICES: Final[tuple[tuple[str, str, bool], ...]] = (
    ("Pixel Phone", "02:00:00:00:01:01", True),
    ("Ben's Android", "02:00:00:00:01:02", True),
    ("Alex's iPhone", "02:00:00:00:01:03", True),
    ("Galaxy Tablet", "02:00:00:00:01:04", False),
    ("Travel Headphones", "02:00:00:00:01:05", False),
)

NEWS: Final[dict[str, tuple[str, ...]]] = {
    "general": ("The new river bridge opens on Saturday.", "Libraries stay open an hour longer from next week."),
    "business": ("The harbour reports its busiest month in ten years.", "A bakery chain hires two hundred people."),
    "sports": ("Eastfield wins the derby three to one.", "The city marathon has a new route along the canal."),
    "technology": ("Trams test a quieter brake.", "Students build a weather balloon from recycled parts."),
    "politics": ("The council votes on cycle lanes on Thursday.", "Two parties agree on a school budget."),
    "entertainment": ("The open-air cinema starts on Friday.", "Hollow Pines announce a summer tour."),
    "science": ("Otters have returned to the upper river.", "An observatory maps a nearby dust cloud."),
}

# day -> time and title; `week` is everything
APPOINTMENTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("today", "16:30", "dentist"),
    ("today", "19:00", "dinner with Anna"),
    ("tomorrow", "09:15", "project review"),
    ("friday", "18:00", "choir practice"),
)

# sender, text
UNREAD: Final[tuple[tuple[str, str], ...]] = (
    ("Anna Weber", "Are we still on for seven?"),
    ("Dad", "Bring the drill when you come over."),
)

# day -> condition, shift in degrees against the place's usual temperature, chance of rain in percent
WEATHER: Final[dict[str, tuple[str, int, int]]] = {
    "now": ("partly cloudy", 0, 10),
    "today": ("partly cloudy", 1, 20),
    "tonight": ("clear", -6, 5),
    "tomorrow": ("light rain", -2, 80),
    "weekend": ("sunny", 3, 0),
}
