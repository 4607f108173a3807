"""Central gateway: tire pressures and stored trouble codes."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from simulators.car.domain import Value
from simulators.car.ecu import Ecu
from simulators.errors import BadValue

_CODE: Final = re.compile(r"[PCBU][0-3][0-9A-F]{3}")
_LETTERS: Final = "PCBU"
MAX_CODES: Final = 255


def code_number(code: str) -> int:
    """The two byte form (SAE J2012) of a trouble code such as "P0420"."""
    letter, digits = code[0], code[1:]
    return _LETTERS.index(letter) << 14 | int(digits, base=16)


def parse_codes(given: object) -> tuple[str, ...]:
    """Codes from a list or from text with commas or spaces; "none" is none. Raises BadValue."""
    words = given.replace(",", " ").split() if isinstance(given, str) else given
    if not isinstance(words, list | tuple) or len(words) > MAX_CODES:
        raise BadValue(f"trouble_codes must be codes such as P0420,C1201, or none, not {given!r}")
    codes = tuple(str(word).upper() for word in words if str(word).lower() != "none")
    for code in codes:
        if not _CODE.fullmatch(code):
            raise BadValue(f"trouble_codes must be codes such as P0420,C1201, or none, not {code!r}")
    return codes


class Gateway(Ecu):
    """The codes are sent one a frame, in turn."""

    node = "Gateway"

    def initial(self) -> Mapping[str, Value]:
        self.codes: tuple[str, ...] = ()
        return {
            "FrontLeftTirePressure": 2.4,
            "FrontRightTirePressure": 2.4,
            "RearLeftTirePressure": 2.3,
            "RearRightTirePressure": 2.3,
            "TroubleCodeCount": 0,
            "TroubleCodeIndex": 0,
            "TroubleCode": 0,
        }

    def restart(self, measured: AbstractSet[str]) -> None:
        codes = self.codes
        super().restart(measured)
        self.codes = codes

    def before_send(self, message: str) -> None:
        if message != "TroubleCodes":
            return
        index = (int(self.number("TroubleCodeIndex")) + 1) % len(self.codes) if self.codes else 0
        self.values["TroubleCodeCount"] = len(self.codes)
        self.values["TroubleCodeIndex"] = index
        self.values["TroubleCode"] = code_number(self.codes[index]) if self.codes else 0
