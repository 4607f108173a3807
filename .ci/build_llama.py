"""Brings llama-cpp-python into the virtual environment, compiled as llama.cmake says, with progress.

build_llama.py PYTHON [--anew]: PYTHON is the environment's interpreter. What pip has in its cache may have been
compiled with other flags or on another processor: `--anew` forgets it. Standard library only; it runs before anything
is there.
"""

import os
import re
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

PACKAGE = "llama-cpp-python"
HERE = Path(__file__).resolve().parent
STEP = re.compile(r"^\s*\[\s*(\d+)(?:/(\d+)|%)\] ")  # ninja's; make's, where there is no ninja
EVERY_S = 10.0  # between two lines of progress
KEPT_LINES = 40


def pinned(lock: Path) -> str:
    """ "llama-cpp-python==VERSION" of requirements.lock."""
    wanted = PACKAGE.replace("-", "_")
    for line in lock.read_text(encoding="utf-8").splitlines():
        name, _, version = line.partition("==")
        if name.strip().replace("-", "_").lower() == wanted:
            return f"{PACKAGE}=={version.strip()}"
    raise SystemExit(f"{lock} does not name {PACKAGE}; check the file out again")


def run(command: list[str], environment: dict[str, str]) -> int:
    """Runs pip; ninja's "[n/m]" become a line of progress now and then. What went before a failure is shown."""
    began = time.monotonic()
    told_s = began
    last: deque[str] = deque(maxlen=KEPT_LINES)
    at = ""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            last.append(line.rstrip())
            step = STEP.match(line)
            if step is None:
                continue
            done, whole = step[1], step[2] or "100"
            now_s = time.monotonic()
            if not at:
                print(f"  compiling llama.cpp: {whole} steps, some minutes", flush=True)
            at = f"{done} of {whole}"
            if now_s - told_s >= EVERY_S:
                told_s = now_s
                print(f"  {at} after {now_s - began:.0f} s", flush=True)
    if pip.returncode:
        print("\n".join(last), file=sys.stderr)
        print(
            f"{PACKAGE} could not be installed; the lines above say why. A compiler (build-essential), 1 GB of memory "
            "and a package index that can be reached are needed.",
            file=sys.stderr,
        )
    elif at:
        print(f"  compiled in {time.monotonic() - began:.0f} s", flush=True)
    return pip.returncode


def main() -> int:
    python, *options = sys.argv[1:]
    anew = "--anew" in options
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    environment = dict(os.environ)
    ours = f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={HERE / 'llama.cmake'}"
    environment["CMAKE_ARGS"] = f"{ours} {environment.get('CMAKE_ARGS', '')}".strip()
    command = [
        *pip,
        "install",
        "-v",
        "-c",
        str(HERE.parent / "requirements.lock"),
        pinned(HERE.parent / "requirements.lock"),
    ]
    if anew:
        subprocess.run([*pip, "cache", "remove", "llama_cpp_python*"], capture_output=True, check=False)
        command += ["--force-reinstall", "--no-deps", "--no-binary", PACKAGE]
    return run(command, environment)


if __name__ == "__main__":
    sys.exit(main())
