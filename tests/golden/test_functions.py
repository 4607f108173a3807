"""What is said and decided about each built-in function is what it was, word for word."""

import pytest
from support.function_record import FOLDER, RECORDS, as_text


@pytest.mark.parametrize("name", RECORDS)
def test_nothing_about_a_function_has_changed(name: str) -> None:
    """After a change that is meant: `cd tests && python -m support.function_record`, then read the difference."""
    golden = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert as_text(RECORDS[name]()).splitlines() == golden.splitlines()
