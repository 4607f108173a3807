"""Which mutants there are, and the text that names them."""

import ast
from pathlib import Path

import pytest
from mutation import plan
from mutation.mutants import Key, Module, Mutant, enums_of

OPERATORS = {
    "added state",
    "and/or",
    "arithmetic",
    "call",
    "comparison",
    "constant",
    "dropped argument",
    "dropped case",
    "dropped decorator",
    "dropped element",
    "dropped statement",
    "enum member",
    "if True/False",
    "min/max, any/all",
    "not",
    "return None",
}


def module(source: str) -> Module:
    return Module("toy.thing", Path("thing.py"), source, ast.parse(source))


def mutants(source: str) -> list[Mutant]:
    read = module(source)
    return read.mutants(enums_of([read]))


def written(source: str) -> list[str]:
    """The mutated texts, the original left out."""
    return [m.key.mutated for m in mutants(source)]


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("def f(a): return a < 8", ["return None", "return a <= 8", "return a >= 8", "return a < 9", "return a < 7"]),
        (
            "def f(a, b, c): return a and not b == c",
            [
                "return None",
                "return a or not b == c",
                "return not b == c",
                "return a",
                "return a and b == c",
                "return a and (not b != c)",
            ],
        ),
        ("X = 2.0", ["X = 3.0", "X = 1.0", "X = 2.02", "X = 1.98"]),
        ("X = True", ["X = False"]),
        ("X = 'a'", ["X = 'XXaXX'"]),
        ("X = a - b", ["X = a + b", "X = a", "X = b"]),
        ("X = max(a)", ["X = min(a)"]),
        ("def f(a): a.go()", [""]),
        ("def f(*, a=False): ...", ["def f(*, a=True):"]),
        ("class A:\n    @property\n    def f(self): ...", ["def f(self):"]),
        ("X = {1}", ["X = ()", "X = {2}", "X = {0}"]),
        ("X = {**a, 'k': b}", ["", "", "'XXkXX'"]),
        ("def f(a):\n    if a: return b\n    return c", ["if True:", "if False:", "return None", "return None"]),
        ("X = [a for a in b if a]", ["X = [a for a in b if True]", "X = [a for a in b if False]"]),
        ('X = f"{a}b"', ["X = f'b'", "X = f'{a}XXbXX'"]),
        ("import os\n'''text'''\nX: int\nY: TypeAlias = A | B\ndef f(a: 'B') -> 'C':\n    '''doc'''", []),
    ],
)
def test_changes(source: str, after: list[str]) -> None:
    assert written(source) == after


def test_a_rule_is_also_made_more_permissive() -> None:
    found = written("R = {'f': (RuleSpec(allow=('parked',), confirm=('creeping', 'fast')),)}")
    for wider in ("'parked', 'standstill'", "'parked', 'creeping'", "'parked', 'fast'", "'parked', 'crashed'"):
        assert f"RuleSpec(allow=({wider}), confirm=('creeping', 'fast'))" in found
    assert "RuleSpec(allow=('parked',), confirm=('standstill', 'creeping', 'fast'))" in found
    # allowed already: asking as well would change nothing
    assert "RuleSpec(allow=('parked',), confirm=('parked', 'creeping', 'fast'))" not in found


def test_enum_members_are_exchanged() -> None:
    source = "class E(IntEnum):\n    A = 0\n    B = 1\ndef f(): return E.A, E.B, E.name"
    assert [m.key.mutated for m in mutants(source) if m.operator == "enum member"] == [
        "return (E.B, E.B, E.name)",
        "return (E.A, E.A, E.name)",
    ]


def test_every_operator_finds_something_to_do() -> None:
    everything = plan.modules()
    enums = enums_of(everything)
    assert {m.operator for read in everything for m in read.mutants(enums)} == OPERATORS


def test_a_key_outlives_moved_lines_and_is_used_once() -> None:
    source = "def f(a):\n    a.x = 1\n    a.x = 1\n"
    keys = [m.key for m in mutants(source)]
    assert keys == [m.key for m in mutants(f"import os\n\n\n# more\n{source}")]
    assert len(set(keys)) == len(keys)
    assert Key("thing", "f", "a.x = 1", "a.x = 2", 2) in keys
    assert str(Key("thing", "f", "a.x = 1", "", 2)) == "thing: f #2: a.x = 1  ->  (nothing)"


def test_a_mutant_is_its_module_with_one_change_and_leaves_the_module_as_it_was() -> None:
    source = "def f(a):\n    return a < 8\ndef g():\n    return 1\n"
    read = module(source)
    results = []
    for mutant in read.mutants({}):
        names: dict[str, object] = {}
        exec(mutant.code(), names)  # noqa: S102  # what importing it would do
        f, g = names["f"], names["g"]
        assert callable(f)
        assert callable(g)
        results.append((f(7), f(8), f(9), g()))
    assert results == [
        (None, None, None, 1),
        (True, True, False, 1),
        (False, True, True, 1),
        (True, True, False, 1),
        (False, False, False, 1),
        (True, False, False, 2),
        (True, False, False, 0),
    ]
    assert ast.unparse(read.tree) == ast.unparse(ast.parse(source))


def test_every_mutant_of_the_safety_logic_compiles_to_something_else() -> None:
    everything = plan.modules()
    enums = enums_of(everything)
    for read in everything:
        before = ast.unparse(read.tree)
        found = read.mutants(enums)
        for mutant in found[::40]:
            mutant.code()
        assert len({m.key for m in found}) == len(found)
        assert ast.unparse(read.tree) == before
