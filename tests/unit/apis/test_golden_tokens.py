"""The token table is a wire format: it may only grow at its end."""

from pathlib import Path

from safety_spec import spec

from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.tokens import ROUTES, special_tokens, token_table

FOLDER = Path(__file__).parents[2] / "golden"


def golden(file: str = "token_table.txt") -> list[str]:
    lines = (FOLDER / file).read_text(encoding="utf-8").splitlines()
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
    # of format 1
    assert tokens[:128] == tuple(f"<fn_{i}>" for i in range(128))
    assert tokens[128:136] == tuple(f"<arg_{i}>" for i in range(8))
    assert tokens[136:144] == tuple(f"<ref_{i}>" for i in range(1, 9))
    assert tokens[144:147] == ("<refuse>", "<clarify>", "<end>")
    # of format 2
    assert tokens[147:403] == tuple(f"<fn_{i}>" for i in range(128, 384))
    assert tokens[403:419] == tuple(f"<route_{i}>" for i in range(16))
    assert tokens[419:425] == ("<more>", "<less>", "<prior>", "<yes>", "<no>", "<cancel>")
    assert tokens[425:429] == ("<turn>", "<asked>", "<heard>", "<tool>")
    assert len(tokens) == len(set(tokens))


def test_special_tokens_were_only_appended_to_and_are_all_copied() -> None:
    known = golden("special_tokens.txt")
    assert list(special_tokens())[: len(known)] == known
    assert len(special_tokens()) == len(known), "append the new ones to tests/golden/special_tokens.txt as well"


def test_a_specialist_keeps_its_token() -> None:
    assert ROUTES[:3] == ("manual", "knowledge", "talk")


def test_the_wire_hash_holds_for_the_built_in_functions_and_is_pinned() -> None:
    # A change here means: every model file trained before no longer fits. Retrain, then write the new value.
    pinned = (FOLDER / "wire_hash.txt").read_text(encoding="utf-8").strip()
    assert load_catalogue(with_packs=False).wire_hash() == pinned
