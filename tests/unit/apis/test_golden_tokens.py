"""The token table is a wire format: it may only grow at its end."""

from pathlib import Path

from safety_spec import spec

from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.tokens import N_FUNCTION_TOKENS, fn_token, special_tokens, token_table

GOLDEN = Path(__file__).parents[2] / "golden" / "token_table.txt"


def golden() -> list[str]:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_table_was_only_appended_to() -> None:
    assert list(token_table())[: len(golden())] == golden()


def test_new_functions_are_copied_into_the_golden_table() -> None:
    assert len(token_table()) == len(golden()), "append the new names to tests/golden/token_table.txt as well"


def test_each_function_has_one_token() -> None:
    assert len(set(token_table())) == len(token_table()) == len(spec.functions())
    catalogue = load_catalogue(with_packs=False)
    for index, name in enumerate(golden()):
        assert catalogue.token_index(name) == index
        assert catalogue.by_token(index) is catalogue[name]
    assert catalogue.by_token(len(golden())) is None
    assert catalogue.by_token(-1) is None


def test_special_tokens_in_vocabulary_order() -> None:
    tokens = special_tokens()
    assert N_FUNCTION_TOKENS == 128
    assert tokens[:2] == ("<fn_0>", "<fn_1>")
    assert tokens[127] == fn_token(127) == "<fn_127>"
    assert tokens[128:136] == tuple(f"<arg_{i}>" for i in range(8))
    assert tokens[136:144] == tuple(f"<ref_{i}>" for i in range(1, 9))
    assert tokens[144:] == ("<refuse>", "<clarify>", "<end>")
    assert len(set(tokens)) == 147


def test_the_wire_hash_holds_for_the_built_in_functions_and_is_pinned() -> None:
    # A change here means: every model file trained before no longer fits. Retrain, then write the new value.
    pinned = (GOLDEN.parent / "wire_hash.txt").read_text(encoding="utf-8").strip()
    assert load_catalogue(with_packs=False).wire_hash() == pinned
