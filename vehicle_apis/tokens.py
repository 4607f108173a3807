"""Functional tokens: the wire format between model and agent. Append-only; tests/golden/ holds a copy."""

from functools import cache
from importlib import resources

FORMAT_VERSION = 2
N_FUNCTION_TOKENS = 384  # the first 128 precede the other special tokens, the rest follows them
N_ARGUMENT_TOKENS = 8
N_REF_TOKENS = 8
N_ROUTE_TOKENS = 16
_FIRST_FUNCTIONS = 128

REFUSE = "<refuse>"
CLARIFY = "<clarify>"
END = "<end>"

# A value one step above or below the one last commanded; the result that an earlier turn got.
MORE = "<more>"
LESS = "<less>"
PRIOR = "<prior>"
# Answers to an open yes/no question. Before an earlier turn's calls, NO says that they were declined.
YES = "<yes>"
NO = "<no>"
CANCEL = "<cancel>"
# What stands before the utterance: an earlier turn's calls; the calls that an open question is about; the words of a
# command that lacks something; a function that is described instead of known.
TURN = "<turn>"
ASKED = "<asked>"
HEARD = "<heard>"
TOOL = "<tool>"

ROUTES = ("manual", "knowledge", "talk")  # the specialists that the model knows, by route token; append-only


def fn_token(index: int) -> str:
    return f"<fn_{index}>"


def arg_token(index: int) -> str:
    return f"<arg_{index}>"


def ref_token(step: int) -> str:
    return f"<ref_{step}>"


def route_token(index: int) -> str:
    return f"<route_{index}>"


def special_tokens() -> tuple[str, ...]:
    """Every special token in vocabulary order."""
    return (
        *(fn_token(i) for i in range(_FIRST_FUNCTIONS)),
        *(arg_token(i) for i in range(N_ARGUMENT_TOKENS)),
        *(ref_token(i) for i in range(1, N_REF_TOKENS + 1)),
        REFUSE,
        CLARIFY,
        END,
        *(fn_token(i) for i in range(_FIRST_FUNCTIONS, N_FUNCTION_TOKENS)),
        *(route_token(i) for i in range(N_ROUTE_TOKENS)),
        *(MORE, LESS, PRIOR, YES, NO, CANCEL, TURN, ASKED, HEARD, TOOL),
    )


@cache
def token_table() -> tuple[str, ...]:
    """Function names by token index: the k-th name is spoken as ``<fn_k>``."""
    text = resources.files("vehicle_apis").joinpath("token_table.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
