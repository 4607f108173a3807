"""Seeded mutation of inputs: of bits, bytes and lines, and of JSON, YAML and TOML trees as trees."""

import json
import random
import tomllib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import yaml

from fuzz.target import Form

Tree: TypeAlias = Any

_NUMBERS: Final = (
    *(0, 1, -1, 2, 7, 8, 15, 16, 127, 128, 255, 256, 32767, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 10**30),
    *(0.0, -0.0, 0.5, 1e-9, 1e300, -1e300, 5e-324, float("inf"), float("-inf"), float("nan")),
)
_WORDS: Final = (
    *("", " ", "\0", "\n", "a", "on", "off", "yes", "none", "true", "null", "$1", "$99", "<fn_1>", "%s", "{}", "{0}"),
    *("..", "/", "\u00e9", "e\u0301", "\u202e", "\u2028", "\U0001f697", "\u0660", "\x1b[31m", "1_0", "0x10", "1e999"),
    *("nan", "inf", "-1", "007", "12:34", "24:00", "2026-02-30", "&a", "*a", "!!", "|", "[", "{", "9" * 400),
)
_BYTES: Final = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\n",
    b'"',
    b"\\",
    b"{",
    b"[",
    b"]",
    b"}",
    b":",
    b",",
    b"\xed\xa0\x80",
)
_DEEP: Final = 1_500


class Mutator:
    """Makes inputs from ``pool`` (never empty). The same seed and pool give the same inputs."""

    def __init__(self, rng: random.Random, form: Form, dictionary: Sequence[bytes], max_bytes: int) -> None:
        self._rng = rng
        self._form = form
        self._dictionary = dictionary
        self._max_bytes = max_bytes
        self._ways: tuple[Callable[[bytearray], None], ...] = (
            self._flip_bit, self._set_byte, self._insert, self._delete, self._repeat, self._word, self._word,
            self._number, self._cut, self._swap,
        )  # fmt: skip
        if form != "bytes":
            self._ways = (*self._ways, self._lines, self._lines, self._digits)

    def of(self, pool: Sequence[bytes]) -> bytes:
        """One new input."""
        rng = self._rng
        data = rng.choice(pool)
        if self._form in {"json", "jsonl", "toml", "yaml"} and rng.random() < 0.6:
            changed = self._tree(data, pool)
            if changed is not None:
                return changed[: self._max_bytes]
        if rng.random() < 0.15:
            data = self._splice(data, rng.choice(pool))
        work = bytearray(data)
        for _ in range(rng.choice((1, 1, 1, 2, 4, 8))):
            rng.choice(self._ways)(work)
        return bytes(work[: self._max_bytes])

    # --- bytes --------------------------------------------------------------------------------------------------------

    def _at(self, data: bytearray) -> int:
        return self._rng.randrange(len(data)) if data else 0

    def _span(self, data: bytearray) -> tuple[int, int]:
        start = self._at(data)
        return start, min(len(data), start + 1 + int(self._rng.expovariate(1 / 8)))

    def _flip_bit(self, data: bytearray) -> None:
        if data:
            data[self._at(data)] ^= 1 << self._rng.randrange(8)

    def _set_byte(self, data: bytearray) -> None:
        if data:
            data[self._at(data)] = self._rng.randrange(256)

    def _insert(self, data: bytearray) -> None:
        at = self._rng.randint(0, len(data))
        data[at:at] = self._rng.choice(_BYTES) if self._rng.random() < 0.5 else self._rng.randbytes(1)

    def _delete(self, data: bytearray) -> None:
        start, end = self._span(data)
        del data[start:end]

    def _repeat(self, data: bytearray) -> None:
        start, end = self._span(data)
        times = self._rng.choice((1, 2, 8, 64, 1000))
        data[end:end] = (bytes(data[start:end]) * times)[: self._max_bytes]

    def _word(self, data: bytearray) -> None:
        word = self._rng.choice(self._dictionary or _BYTES)
        at = self._rng.randint(0, len(data))
        if self._rng.random() < 0.5:
            data[at:at] = word
        else:
            data[at : at + len(word)] = word

    def _number(self, data: bytearray) -> None:
        width = self._rng.choice((1, 2, 4))
        at = self._at(data)
        value = int(self._rng.choice(_NUMBERS[:18])) & ((1 << 8 * width) - 1)
        data[at : at + width] = value.to_bytes(width, self._rng.choice(("little", "big")))

    def _cut(self, data: bytearray) -> None:
        if self._rng.random() < 0.3:
            del data[self._at(data) :]

    def _swap(self, data: bytearray) -> None:
        start, end = self._span(data)
        piece = bytes(data[start:end])
        del data[start:end]
        at = self._rng.randint(0, len(data))
        data[at:at] = piece

    def _splice(self, first: bytes, second: bytes) -> bytes:
        a, b = self._rng.randint(0, len(first)), self._rng.randint(0, len(second))
        return first[:a] + second[b:]

    # --- text ---------------------------------------------------------------------------------------------------------

    def _lines(self, data: bytearray) -> None:
        lines = bytes(data).split(b"\n")
        rng = self._rng
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        match rng.randrange(5):
            case 0:
                lines[i], lines[j] = lines[j], lines[i]
            case 1:
                lines.insert(j, lines[i])
            case 2:
                del lines[i]
            case 3:
                lines[i] = b"  " * rng.randrange(3) + lines[i].lstrip()
            case _:
                words = lines[i].split(b" ")
                words[rng.randrange(len(words))] = str(rng.choice(_WORDS)).encode("utf-8", "surrogatepass")
                lines[i] = b" ".join(words)
        data[:] = b"\n".join(lines)

    def _digits(self, data: bytearray) -> None:
        """Another number in place of one."""
        at = self._at(data)
        while at < len(data) and not 48 <= data[at] <= 57:
            at += 1
        end = at
        while end < len(data) and (48 <= data[end] <= 57 or data[end] == 46):
            end += 1
        if end > at:
            data[at:end] = str(self._rng.choice(_NUMBERS)).encode()

    # --- trees --------------------------------------------------------------------------------------------------------

    def _tree(self, data: bytes, pool: Sequence[bytes]) -> bytes | None:
        """``data`` with its tree changed; None when it has none."""
        if self._form == "jsonl":
            lines = data.split(b"\n")
            at = self._rng.randrange(len(lines))
            changed = self._tree_of(lines[at], pool)
            if changed is None:
                return None
            lines[at] = changed
            return b"\n".join(lines)
        return self._tree_of(data, pool)

    def _tree_of(self, data: bytes, pool: Sequence[bytes]) -> bytes | None:
        try:
            tree = _read(bytes(data), self._form)
            for _ in range(self._rng.choice((1, 1, 2, 4))):
                tree = self._change(tree, pool)
            if self._rng.random() < 0.002:
                tree = self._deep(tree)
            text = _toml(tree) if self._form == "toml" else json.dumps(tree, ensure_ascii=self._rng.random() < 0.5)
        except (ValueError, TypeError, OverflowError, RecursionError, AttributeError, yaml.YAMLError):
            return None
        return text.encode("utf-8", "surrogatepass")

    def _deep(self, tree: Tree) -> Tree:
        for _ in range(self._rng.randrange(300)):
            tree = [tree]
        return tree

    def _change(self, tree: Tree, pool: Sequence[bytes]) -> Tree:
        """``tree`` with one node changed; a few levels down by chance."""
        rng = self._rng
        if isinstance(tree, dict) and tree and rng.random() < 0.85:
            key = rng.choice(list(tree))
            match rng.randrange(12):
                case 0:
                    return {k: v for k, v in tree.items() if k != key}
                case 1:
                    return {**tree, self._some_word(): tree[key]}
                case 2:
                    return {(self._some_word() if k == key else k): v for k, v in tree.items()}
                case 3:
                    return {**tree, rng.choice(list(tree)): tree[key]}
                case _:
                    return {**tree, key: self._change(tree[key], pool)}
        if isinstance(tree, list) and tree and rng.random() < 0.85:
            at = rng.randrange(len(tree))
            match rng.randrange(8):
                case 0:
                    return tree[:at] + tree[at + 1 :]
                case 1:
                    return [*tree, tree[at]] * rng.choice((1, 1, 1, 20))
                case _:
                    return [*tree[:at], self._change(tree[at], pool), *tree[at + 1 :]]
        return self._leaf(tree, pool)

    def _leaf(self, old: Tree, pool: Sequence[bytes]) -> Tree:
        rng = self._rng
        match rng.randrange(10):
            case 0:
                return None
            case 1:
                return rng.choice((True, False, [], {}, [old], {"a": old}))
            case 2 | 3:
                return rng.choice(_NUMBERS)
            case 4 | 5:
                return self._some_word()
            case 6 if isinstance(old, int | float) and not isinstance(old, bool):
                return old + rng.choice((-1, 1, 0.1, -0.1, 1000))
            case 6 | 7 if isinstance(old, str):
                raw = bytearray(old.encode("utf-8", "surrogatepass"))
                rng.choice(self._ways)(raw)
                return raw.decode("utf-8", "replace")
            case 8:
                with_tree = _read_or_none(rng.choice(pool), self._form)
                return with_tree if with_tree is not None and len(str(with_tree)) < 2_000 else self._some_word()
            case _:
                return str(old)

    def _some_word(self) -> str:
        if self._dictionary and self._rng.random() < 0.6:
            return self._rng.choice(self._dictionary).decode("utf-8", "replace")
        return self._rng.choice(_WORDS)


@lru_cache(maxsize=4_000)  # trees are never changed in place, and inputs are mutated many times
def _read(data: bytes, form: Form) -> Tree:
    text = data.decode("utf-8")
    match form:
        case "toml":
            return tomllib.loads(text)
        case "yaml":
            if "&" in text:  # aliases may stand for more than fits into memory
                raise ValueError(text[:9])
            try:
                return json.loads(text)
            except ValueError:
                return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe one
        case _:
            return json.loads(text)


def _read_or_none(data: bytes, form: Form) -> Tree:
    try:
        return _read(data, form)
    except (ValueError, RecursionError, AttributeError, yaml.YAMLError):
        return None


def _toml(tree: Tree) -> str:
    """A TOML document: tables as they are written by hand, values inside them inline."""
    lines = [f"{json.dumps(k)} = {_inline(v)}" for k, v in tree.items() if not isinstance(v, dict)]
    for name, table in tree.items():
        if isinstance(table, dict):
            lines.append(f"[{json.dumps(name)}]")
            lines += [f"{json.dumps(k)} = {_inline(v)}" for k, v in table.items()]
    return "\n".join(lines)


def _inline(value: Tree) -> str:
    match value:
        case None:
            return '""'
        case dict():
            return "{" + ", ".join(f"{json.dumps(str(k))} = {_inline(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_inline, value)) + "]"
        case bool() | str():
            return json.dumps(value)
        case _:
            return str(value)


def nested(opening: bytes, closing: bytes = b"", times: int = _DEEP) -> bytes:
    """A seed that nests deeper than a recursive parser goes."""
    return opening * times + closing * times
