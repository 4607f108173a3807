"""What in a configuration would keep the agent from starting or from doing its work, found without starting it."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from vehicle_agent.config import Config
from vehicle_agent.errors import ModelError
from vehicle_agent.packages import problem

_LONGEST_DEVICE: Final = 15  # IFNAMSIZ without its zero


def problems_of(config: Config) -> tuple[str, ...]:
    """One sentence for each, the key first, with what to do; empty when all is well. Reads the files that are named."""
    looks = (_binding, _model, _bus, _engine, _journal, _latch, _same_file)
    return tuple(problem for look in looks for problem in _careful(look, config))


def _careful(look: Callable[[Config], Iterator[str]], config: Config) -> Iterator[str]:
    """``look``; where a Python package it needs is missing or broken, that."""
    try:
        yield from look(config)
    except Exception as e:
        sentence = problem(e)
        if sentence is None:
            raise
        yield sentence


def _binding(config: Config) -> Iterator[str]:
    from vehicle_apis.binding import BindingError, load_binding
    from vehicle_apis.catalogue import load_catalogue
    from vehicle_apis.errors import VehicleApiError

    try:
        catalogue = load_catalogue()
    except VehicleApiError as e:
        yield f"vehicle functions: {e}"
        return
    try:
        binding = load_binding(catalogue, Path(config.car.binding) if config.car.binding else None)
        if binding.route:
            from vehicle_agent.backends.build import check_routes

            check_routes(catalogue, binding)
    except BindingError as e:
        yield f"car.binding: {e}"


def _model(config: Config) -> Iterator[str]:
    from vehicle_agent.planning.model_file import check_file, find_model

    try:
        check_file(find_model(Path(config.model.path) if config.model.path else None))
    except ModelError as e:
        yield f"model.path: {e}"


def _bus(config: Config) -> Iterator[str]:
    from vehicle_apis.can_bus import is_multicast_group

    channel = config.bus.channel
    match config.bus.interface:
        case "udp_multicast" if channel and not is_multicast_group(channel):
            yield (
                f"bus.channel: {channel!r} is no multicast address; write one from 224.0.0.0 to 239.255.255.255, "
                "for example 239.74.163.2"
            )
        case "socketcan" if channel and (
            len(channel.encode()) > _LONGEST_DEVICE or "/" in channel or any(c.isspace() for c in channel)
        ):
            yield (
                f"bus.channel: {channel!r} cannot be a network device, whose name has up to {_LONGEST_DEVICE} "
                "characters and no space or slash; write its name, for example can0"
            )


def _engine(config: Config) -> Iterator[str]:
    """Only a recogniser that was named must be there: without a microphone none is needed."""
    from vehicle_agent.voice.engines import find_engine

    if config.voice.engine == "auto":
        return
    try:
        find_engine(config.voice.engine)
    except ModelError as e:
        yield f"voice.engine: {e}"


def _journal(config: Config) -> Iterator[str]:
    yield from _written("journal.path", config.journal.path)


def _latch(config: Config) -> Iterator[str]:
    yield from _written("safety.crash_latch", config.safety.crash_latch)


def _same_file(config: Config) -> Iterator[str]:
    latch, journal = config.safety.crash_latch, config.journal.path
    if latch and journal and Path(latch).absolute() == Path(journal).absolute():
        yield f"safety.crash_latch: {latch} is the journal's file too; name another file"


def _written(key: str, name: str) -> Iterator[str]:
    """Whether the file can be written by who asks; the folders before it are made when it is."""
    if not name:
        return
    path = Path(name)
    folder = path.parent
    try:
        if path.is_dir():
            yield f"{key}: {path} is a folder; name a file in it"
            return
        if path.exists() and not path.is_file():
            yield f"{key}: {path} is no file; name another"
            return
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            yield f"{key}: {folder} is no folder, so {path} cannot be made; name another place"
        elif path.exists() and not os.access(path, os.R_OK | os.W_OK):
            yield f"{key}: {path} may not be read and written by this user; give it to the user or name another"
        else:
            # a file without a name: what the system says about permissions is not the whole truth (/proc, quotas)
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as e:
        yield f"{key}: {path} cannot be written ({e.strerror or e}); give {folder} to this user or name another place"
