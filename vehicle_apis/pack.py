"""The plug-in contract: everything an OEM pack may bring, on one page.

A pack is a Python package that registers one `ApiPack` under the entry point group ``vehicle_agent.apis``. It imports
only ``vehicle_apis``. The project's own domains register the same way.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from vehicle_apis.errors import InvalidSpec
from vehicle_apis.spec import ApiSpec

ENTRY_POINT_GROUP = "vehicle_agent.apis"

StateName: TypeAlias = Literal["parked", "standstill", "creeping", "driving", "fast", "crashed"]


class RuleSpec(BaseModel):
    """One safety rule: the first whose ``args`` and ``when`` match decides; a state not listed means deny.

    ``args``: argument name -> value, list of values, or "<N" for a number below N. ``when``: condition -> value, for
    example ``{"rain": "yes"}``. ``allow``/``confirm``: states; "any" = parked to fast, not crashed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    args: dict[str, str | int | tuple[str | int, ...]] = {}
    when: dict[str, str] = {}
    allow: tuple[StateName, ...] | Literal["any"] = ()
    confirm: tuple[StateName, ...] | Literal["any"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiPack:
    """Functions with all they need.

    ``rules``: function name -> rules in order; an OEM function without rules is allowed only when parked. A pack may
    add rules for its own functions only. ``app_kinds``: app name -> kind, for apps the car brings. ``dbc`` and
    ``binding``: the pack's own CAN messages and the file that ties its functions to them. Raises InvalidSpec.
    """

    name: str
    version: str
    apis: tuple[ApiSpec, ...]
    rules: dict[str, tuple[RuleSpec, ...]] = field(default_factory=dict)
    app_kinds: dict[str, str] = field(default_factory=dict)
    dbc: Path | None = None
    binding: Path | None = None

    def __post_init__(self) -> None:
        # a pack's author may not run a type checker; "apis=(SPEC)" without the comma is easily written
        if not isinstance(self.apis, tuple) or not all(isinstance(api, ApiSpec) for api in self.apis):
            raise InvalidSpec(f"pack {self.name!r}: apis must be a tuple of ApiSpec, such as (SPEC,)")
        if not isinstance(self.name, str) or not isinstance(self.version, str):
            raise InvalidSpec(f"pack {self.name!r}: name and version must be text, not version {self.version!r}")
        if not isinstance(self.app_kinds, dict) or not all(
            isinstance(app, str) and isinstance(kind, str) for app, kind in self.app_kinds.items()
        ):
            raise InvalidSpec(f"pack {self.name!r}: app_kinds must map an app's name to its kind")
        if not isinstance(self.rules, dict) or not all(
            isinstance(rules, tuple) and all(isinstance(rule, RuleSpec) for rule in rules)
            for rules in self.rules.values()
        ):
            raise InvalidSpec(f"pack {self.name!r}: rules must map a function's name to a tuple of RuleSpec")
        for path in (self.dbc, self.binding):
            if path is not None and not isinstance(path, Path):
                raise InvalidSpec(f"pack {self.name!r}: dbc and binding must be a Path, not {path!r}")
