"""The catalogue: every function this agent knows, built-in and packed."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from pydantic import ValidationError

from vehicle_apis.call import Call
from vehicle_apis.errors import CatalogueError, InvalidCall, UnknownFunction
from vehicle_apis.pack import ENTRY_POINT_GROUP, ApiPack
from vehicle_apis.spec import ApiSpec
from vehicle_apis.tokens import FORMAT_VERSION, N_FUNCTION_TOKENS, token_table

_BUILTIN_PREFIX = "vehicle_apis.domains."


def _specs_of(packs: Iterable[ApiPack]) -> dict[str, ApiSpec]:
    """All functions by name. Raises CatalogueError for a duplicate or a rule for somebody else's function."""
    specs: dict[str, ApiSpec] = {}
    for pack in packs:
        foreign = pack.rules.keys() - {api.name for api in pack.apis}
        if foreign:
            raise CatalogueError(
                f"pack {pack.name!r} brings a rule for {min(foreign)!r}, which is not its own function; remove the rule"
            )
        for api in pack.apis:
            if api.name in specs:
                raise CatalogueError(
                    f"pack {pack.name!r}: the function {api.name!r} exists already; give it another name"
                )
            specs[api.name] = api
    return specs


_ROLES = {
    "takes_back": "it takes the last action back",
    "resumes": "it makes a player go on",
    "activity": "its activity ends otherwise than by stopping a motion",
    "telephone": "its number is one that is looked up",
}


def _built_in_role(api: ApiSpec) -> str | None:
    """The field by which ``api`` claims what the agent does for its own functions alone."""
    claims = {
        "takes_back": api.takes_back,
        "resumes": bool(api.resumes),
        "activity": api.ending is not None and api.ending.is_of_a_picture,
        "telephone": api.telephone is not None and api.telephone.is_stored,
    }
    return next((field for field, claimed in claims.items() if claimed), None)


def _check_order(api: ApiSpec, known: Mapping[str, ApiSpec], where: str) -> None:
    """Raises CatalogueError for a call to wait for that there cannot be."""
    for after in api.runs_after:
        if after.function not in known:
            raise CatalogueError(
                f"{where}: runs_after names {after.function!r}, which is neither a built-in function nor one of its own"
            )
        for key, value in after.arguments.items():
            try:
                known[after.function].by_name[key].normalise(value)
            except KeyError:
                raise CatalogueError(f"{where}: runs_after: {after.function} has no parameter {key!r}") from None
            except InvalidCall as e:
                raise CatalogueError(f"{where}: runs_after: {after.function}: {e}") from e


def _check_claims(packs: Iterable[ApiPack], builtin: Mapping[str, ApiSpec]) -> None:
    """Raises CatalogueError where a function speaks of what is not there, or takes a built-in function's part."""
    for pack in packs:
        known = {**builtin, **{api.name: api for api in pack.apis}}
        for api in pack.apis:
            where = f"pack {pack.name!r}: {api.name}"
            _check_order(api, known, where)
            role = None if api.name in builtin else _built_in_role(api)
            if role is not None:
                raise CatalogueError(f"{where}: {role} says that {_ROLES[role]}; only built-in functions do that")


class Catalogue:
    """Functions by name, in token order (built-ins first, then packs by name).

    Raises CatalogueError for duplicate names, rules for somebody else's function, or more functions than tokens.
    """

    def __init__(self, builtin: Iterable[ApiPack], packs: Iterable[ApiPack] = ()) -> None:
        self.builtin = tuple(builtin)
        self.packs = tuple(sorted(packs, key=lambda p: p.name))
        specs = _specs_of((*self.builtin, *self.packs))
        table = token_table()
        missing = [name for name in table if name not in specs]
        if missing:
            raise CatalogueError(
                f"{len(missing)} functions of the token table are not installed ({missing[0]}, ...); "
                "install the project with `pip install -e .` so that its entry points exist"
            )
        self._builtin_names = frozenset(table)
        extra = [name for name in specs if name not in self._builtin_names]
        for pack in self.builtin:
            for api in pack.apis:
                if api.name not in self._builtin_names:
                    raise CatalogueError(f"{api.name} has no functional token; append it to token_table.txt")
        _check_claims((*self.builtin, *self.packs), {name: specs[name] for name in table})
        if len(table) + len(extra) > N_FUNCTION_TOKENS:
            raise CatalogueError(
                f"{len(table) + len(extra)} functions, but only {N_FUNCTION_TOKENS} functional tokens; remove a pack"
            )
        self._specs: dict[str, ApiSpec] = {name: specs[name] for name in (*table, *extra)}
        self._tokens = {name: index for index, name in enumerate(self._specs)}
        self._by_token = tuple(self._specs.values())

    def __iter__(self) -> Iterator[ApiSpec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def __getitem__(self, name: str) -> ApiSpec:
        try:
            return self._specs[name]
        except KeyError:
            raise UnknownFunction(
                f"there is no function {name!r}; `vehicle-agent api list` shows those there are"
            ) from None

    def call(self, name: str, /, **arguments: object) -> Call:
        """A validated call. Raises UnknownFunction or InvalidCall."""
        return Call(self[name], arguments)  # type: ignore[arg-type]  # Call validates them

    def token_index(self, name: str) -> int:
        return self._tokens[self[name].name]

    def by_token(self, index: int) -> ApiSpec | None:
        """The function spoken as ``<fn_index>``, None for a spare token."""
        return self._by_token[index] if 0 <= index < len(self._by_token) else None

    def is_builtin(self, name: str) -> bool:
        return name in self._builtin_names

    def app_kinds(self) -> Mapping[str, str]:
        """App kinds that the loaded packs declare."""
        return {app: kind for pack in self.packs for app, kind in pack.app_kinds.items()}

    def wire_hash(self) -> str:
        """sha256 over all that decides what the built-in functions' tokens mean. Stored in the model file."""
        wire = [
            [
                spec.name,
                [p.model_dump(mode="json", exclude={"note"}) for p in spec.params],
                spec.returns,
            ]
            for spec in self
            if self.is_builtin(spec.name)
        ]
        text = json.dumps([FORMAT_VERSION, wire], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def is_builtin_entry(entry: EntryPoint) -> bool:
    """Whether an entry point is one of the project's own domains."""
    return entry.value.startswith(_BUILTIN_PREFIX)


def _in_one_line(error: Exception) -> str:
    if isinstance(error, ValidationError):  # of an ApiSpec or RuleSpec: its text has a line for each mistake
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        told = f"{error.title}: {where + ': ' if where else ''}{first['msg'].removeprefix('Value error, ')}"
        return " ".join(told.split())
    return " ".join(str(error).split()) or type(error).__name__


def load_pack(entry: EntryPoint) -> ApiPack:
    """The pack an entry point names. Raises CatalogueError."""
    try:
        pack = entry.load()
    except Exception as e:  # a foreign package may raise anything while it is imported
        raise CatalogueError(
            f"the API pack {entry.name!r} ({entry.value}) cannot be loaded: {_in_one_line(e)}; fix or uninstall it"
        ) from e
    if not isinstance(pack, ApiPack):
        raise CatalogueError(
            f"the entry point {entry.name!r} ({entry.value}) is no ApiPack; point it at one or uninstall it"
        )
    return pack


@cache
def load_catalogue(*, with_packs: bool = True) -> Catalogue:
    """The catalogue of all installed domains and packs (entry point group ``vehicle_agent.apis``)."""
    builtin: dict[str, ApiPack] = {}
    packs: dict[str, ApiPack] = {}
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        if is_builtin_entry(entry):
            builtin[entry.value] = load_pack(entry)  # the same module may be listed twice (editable + build metadata)
        elif with_packs:
            packs[entry.value] = load_pack(entry)
    return Catalogue(builtin.values(), packs.values())
