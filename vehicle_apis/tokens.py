"""Functional tokens: the wire format between model and agent. Append-only; tests/golden/ holds a copy."""

from functools import cache
from importlib import resources

FORMAT_VERSION = 1
N_FUNCTION_TOKENS = 128
N_ARGUMENT_TOKENS = 8
N_REF_TOKENS = 8

REFUSE = "<refuse>"
CLARIFY = "<clarify>"
END = "<end>"


def fn_token(index: int) -> str:
    return f"<fn_{index}>"


def arg_token(index: int) -> str:
    return f"<arg_{index}>"


def ref_token(step: int) -> str:
    return f"<ref_{step}>"


def special_tokens() -> tuple[str, ...]:
    """Every special token in vocabulary order."""
    return (
        *(fn_token(i) for i in range(N_FUNCTION_TOKENS)),
        *(arg_token(i) for i in range(N_ARGUMENT_TOKENS)),
        *(ref_token(i) for i in range(1, N_REF_TOKENS + 1)),
        REFUSE,
        CLARIFY,
        END,
    )


@cache
def token_table() -> tuple[str, ...]:
    """Function names by token index: the k-th name is spoken as ``<fn_k>``."""
    text = resources.files("vehicle_apis").joinpath("token_table.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
