"""Values of /proc, for figures on memory and the computer."""

from pathlib import Path


def line_of(file: str, key: str) -> str | None:
    """The value of the first line "key: value" of ``file``; None where there is none."""
    try:
        lines = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and name.strip() == key:
            return value.strip()
    return None


def kib_of(file: str, key: str, *, to_mib: bool = False) -> float | None:
    """A line such as "VmRSS:  1234 kB" of ``file``; None where there is none."""
    text = line_of(file, key)
    if text is None:
        return None
    kib = float(text.split()[0])
    return round(kib / 1024, 1) if to_mib else kib
