"""`doctor`: what is there and what is missing on this computer, each with the remedy."""

import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import typer

from vehicle_agent.cli.commands import has_workbench
from vehicle_agent.cli.finding import Finding
from vehicle_agent.cli.options import JsonOption
from vehicle_agent.cli.output import print_json
from vehicle_agent.packages import PACKAGES, problem

_OR_ASK: Final = ", or use `vehicle-agent ask`, which brings its own bus"
_EXTRAS: Final = frozenset({"", "voice", "sim", "mf4", "cluster"})  # the others are for those who train


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(what="Python", found=version, ok=sys.version_info >= (3, 11), needed=True, remedy="install 3.11+")


def _program(name: str, package: str, *, needed: bool) -> Finding:
    path = shutil.which(name)
    return Finding(
        what=name, found=path or "no", ok=path is not None, needed=needed, remedy=f"apt-get install {package}"
    )


def _packages() -> Iterator[Finding]:
    """What every command needs, then what some need."""
    for module, package in PACKAGES.items():
        if package.extra in _EXTRAS:
            there = importlib.util.find_spec(module) is not None
            yield Finding(
                what=f"Python package {package.name}",
                found="yes" if there else "no",
                ok=there,
                needed=not package.extra,
                remedy=package.command,
            )


def _needing_packages(what: str, look: Callable[[], Iterable[Finding]], *, needed: bool) -> Iterator[Finding]:
    """What ``look`` finds; where a package it needs is missing, that."""
    try:
        yield from list(look())
    except Exception as e:
        sentence = problem(e)
        if sentence is None:
            raise
        yield Finding(what=what, found="cannot be looked at", ok=False, needed=needed, remedy=sentence)


def _by(look: str) -> Iterable[Finding]:
    """``look``: its name in `looked_at`, whose packages may be missing, which is to be told."""
    from vehicle_agent.cli import looked_at

    looks = {"functions": looked_at.functions, "planner": looked_at.planner, "speech": looked_at.speech_models}
    return looks[look]()


def _socketcan() -> Finding:
    try:
        with socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW):
            ok = True
    except (OSError, AttributeError):
        ok = False
    return Finding(
        what="SocketCAN",
        found="yes" if ok else "not in this kernel",
        ok=ok,
        needed=False,
        remedy="a car's kernel has it; here use the bus interface udp_multicast or virtual",
    )


def _bus(role: str, variable: str, default: str) -> Finding:
    address = os.environ.get(variable, "")
    ok = bool(address) or bool(default and Path(default).exists())
    return Finding(
        what=f"D-Bus {role} bus",
        found=address or (default if ok else "no"),
        ok=ok,
        needed=False,
        remedy=f"set {variable}{_OR_ASK}" if has_workbench() else f"set {variable} to the address of the car's bus",
    )


def findings() -> list[Finding]:
    return [
        _python(),
        *_packages(),
        *_needing_packages("vehicle functions", lambda: _by("functions"), needed=True),
        *_needing_packages("planner model", lambda: _by("planner"), needed=True),
        _program("dbus-daemon", "dbus", needed=True),
        _program("espeak-ng", "espeak-ng", needed=False),
        *_needing_packages("speech models", lambda: _by("speech"), needed=False),
        _socketcan(),
        _bus("session", "DBUS_SESSION_BUS_ADDRESS", ""),
        _bus("system", "DBUS_SYSTEM_BUS_ADDRESS", "/run/dbus/system_bus_socket"),
    ]


def doctor(json_out: JsonOption = False) -> None:
    """Looks this computer over. Example: vehicle-agent doctor"""
    found = findings()
    broken = [f for f in found if f.needed and not f.ok]
    if json_out:
        print_json([asdict(f) for f in found])
    else:
        for f in found:
            mark = "ok     " if f.ok else ("MISSING" if f.needed else "absent ")
            print(f"{mark} {f.what}: {f.found}" + ("" if f.ok else f"  -> {f.remedy}"))
    raise typer.Exit(1 if broken else 0)
