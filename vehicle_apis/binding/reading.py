"""Functions that only tell what the car reports: values by item, and stored trouble codes."""

from collections.abc import Mapping

from vehicle_apis.binding import values
from vehicle_apis.binding.exchange import NotReported, Read, Where
from vehicle_apis.binding.model import Codes, Each, FunctionTable, Item
from vehicle_apis.binding.network import Network, SignalRef
from vehicle_apis.binding.scope import blame
from vehicle_apis.call import Call
from vehicle_apis.params import EnumParam, Scalar
from vehicle_apis.spec import ApiSpec

_SYSTEMS = "PCBU"  # SAE J2012: powertrain, chassis, body, network


class ItemReading:
    """A function whose argument ``by`` chooses what is told. Raises BindingError when made."""

    def __init__(
        self,
        spec: ApiSpec,
        table: FunctionTable,
        network: Network,
        where: Where,
        absent: Mapping[str, frozenset[Scalar]],
    ) -> None:
        param = spec.by_name.get(table.by or "")
        if table.by is None or not isinstance(param, EnumParam):
            raise where.at("by").error("`by` must name an argument with a closed list of words")
        self.spec = spec
        self._by = table.by
        self._items = table.items
        self._network = network
        for value in param.values:
            if value not in table.items and value not in absent.get(table.by, frozenset()):
                raise where.at("items").error(f"{value!r} is missing", "add it or list it under `absent`")
        for name, item in table.items.items():
            at = where.at(f"items.{name}")
            if name not in param.values:
                raise at.error(f"{table.by} has no value {name!r}", "remove it")
            if (item.say is None) == (not item.each) or (bool(item.each) and item.none is None):
                raise at.error("an item has either `say` or `each` with `none`")
            with blame(at, "use a signal of the DBC"):
                self._refs(item)

    def _refs(self, item: Item) -> dict[str, SignalRef]:
        names = [name for name in values.placeholders(item.say or "") if name] + [part.signal for part in item.each]
        for part in item.each:
            values.placeholders(part.say)  # the only name is "", its signal's value
        return {name: self._network.find(name) for name in names}

    def needs(self, call: Call) -> frozenset[str]:
        return frozenset(ref.message for ref in self._refs(self._items[str(call.arguments[self._by])]).values())

    def tell(self, call: Call, read: Read) -> tuple[str, dict[str, Scalar]]:
        """A sentence and the values it rests on. Raises NotReported."""
        item = self._items[str(call.arguments[self._by])]
        seen: dict[str, Scalar] = {}
        for name, ref in self._refs(item).items():
            value = read(ref)
            if value is None or value == "invalid":
                raise NotReported(ref)
            seen[name] = value
        if item.say is not None:
            return values.fill(item.say, seen.__getitem__), seen
        parts = [values.fill(part.say, lambda _, p=part: seen[p.signal]) for part in item.each if _is_so(part, seen)]  # type: ignore[misc]
        return spoken_list(parts) or item.none or "", seen


def _is_so(part: Each, seen: Mapping[str, Scalar]) -> bool:
    value = seen[part.signal]
    return (part.is_ is None or value == part.is_) and (part.not_ is None or value != part.not_)


class CodeReading:
    """Reads the stored trouble codes, which are sent one a frame in turn. Raises BindingError when made."""

    def __init__(self, spec: ApiSpec, codes: Codes, network: Network, where: Where) -> None:
        self.spec = spec
        self._meanings = codes.meanings
        with blame(where.at("codes"), "use signals of the DBC"):
            self.count = network.find(codes.count)
            self.index = network.find(codes.index, first_in=self.count.message)
            self.code = network.find(codes.code, first_in=self.count.message)
        if {self.index.message, self.code.message} != {self.count.message}:
            raise where.at("codes").error("count, index and code must be in one message")

    @property
    def message(self) -> str:
        return self.count.message

    def collected(self, frames: Mapping[int, Mapping[str, Scalar]]) -> tuple[str, ...] | None:
        """The codes, from the latest frame of each index; None until all of them have been seen."""
        counts = {int(frame[self.count.signal]) for frame in frames.values()}
        if len(counts) != 1:
            return None
        count = counts.pop()
        if any(index not in frames for index in range(count)):
            return None
        return tuple(trouble_code(int(frames[index][self.code.signal])) for index in range(count))

    def tell(self, codes: tuple[str, ...]) -> str:
        if not codes:
            return "there are no stored trouble codes"
        named = [f"{code}, {self._meanings[code]}" if code in self._meanings else code for code in codes]
        head = "there is one stored trouble code" if len(codes) == 1 else f"there are {len(codes)} stored trouble codes"
        return f"{head}: {'; '.join(named)}"


def trouble_code(raw: int) -> str:
    """The SAE J2012 name of a two byte trouble code: 0x0171 -> P0171."""
    return f"{_SYSTEMS[raw >> 14 & 3]}{raw >> 12 & 3:X}{raw & 0xFFF:03X}"


def spoken_list(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
