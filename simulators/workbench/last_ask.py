"""The conversation of the last `ask` on this computer, for `ask --continue`: one small file, the user's own."""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from vehicle_agent.conversation.kept import Damaged, Kept
from vehicle_agent.install.places import data_dir
from vehicle_agent.planning.memory import EXPIRES_S
from vehicle_apis.catalogue import Catalogue

FILE: Final = "last_ask.json"
_MAX_BYTES: Final = 200_000  # some thirty results of 500 characters, and the turns


def file() -> Path:
    return data_dir() / FILE


def put_away(kept: Kept, *, clock: Callable[[], float] = time.time) -> None:
    """Keeps it in place of the one before; a sentence where that cannot be. ``clock``: wall clock."""
    path = file()
    new = path.with_name(f"{FILE}.{os.getpid()}")
    document = json.dumps({"at_s": round(clock(), 3), **kept.to_json()}, ensure_ascii=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            new.unlink()
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(document)
        new.replace(path)
    except OSError as e:
        _tell(f"this conversation cannot be gone on with: {path}: {e.strerror}")


def taken_up(catalogue: Catalogue, *, clock: Callable[[], float] = time.time) -> Kept | None:
    """The conversation to go on with; None, and a sentence, where there is none."""
    path = file()
    try:
        with path.open("rb") as kept:
            raw = kept.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise Damaged("it is too long")
        document = json.loads(raw)
        age_s = clock() - float(document["at_s"])
        conversation = Kept.from_json(document, catalogue)
    except FileNotFoundError:
        _tell("there is no conversation to go on with; this one begins anew")
        return None
    except OSError as e:
        _tell(f"{path} cannot be read: {e.strerror}; this conversation begins anew")
        return None
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        why = str(e) if isinstance(e, Damaged) else "it is damaged"
        _tell(f"{path} is ignored, {why}; this conversation begins anew")
        return None
    if not 0 <= age_s <= EXPIRES_S:
        _tell(f"the last `ask` is not of the last {EXPIRES_S:.0f} s; this conversation begins anew")
        return None
    return conversation


def _tell(sentence: str) -> None:
    print(f"vehicle-agent: {sentence}", file=sys.stderr)
