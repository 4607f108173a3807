"""An event as a line of the journal: its fields as they are marked, with or without the words in them."""

import typing
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from typing import Any, Final

from vehicle_agent.events import KINDS, Event, Events, Judged, Mark
from vehicle_agent.record.journal import Journal
from vehicle_agent.record.rejudge import judgement_event, known_apps
from vehicle_apis.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field of a line: ``key`` there, ``name`` in the event."""

    name: str
    key: str
    mark: Mark


def columns(kind: type[Event]) -> tuple[Column, ...]:
    """The fields of a line, in order."""
    hints = typing.get_type_hints(kind, include_extras=True)
    found = []
    for field in fields(kind):
        marks = [m for m in getattr(hints[field.name], "__metadata__", ()) if isinstance(m, Mark)]
        mark = marks[0] if marks else Mark()
        if not mark.aside:
            found.append(Column(name=field.name, key=mark.key or field.name, mark=mark))
    return tuple(found)


WRITTEN: Final = {kind: columns(kind) for kind in KINDS if kind.kind}


def line_of(event: Event, *, words: bool, apps: Collection[str] = ()) -> dict[str, object]:
    """The fields of a written event's line. ``apps``: names of apps that are no free text."""
    if isinstance(event, Judged):
        return judgement_event(event, words=words, apps=apps)
    line: dict[str, object] = {}
    for column in WRITTEN[type(event)]:
        mark, value = column.mark, getattr(event, column.name)
        if mark.optional and value is None:
            continue
        if mark.private and not words:
            if mark.rest is not None:
                line[column.key] = mark.rest(value)
        else:
            line[column.key] = value if mark.form is None else mark.form(value)
    return line


def record(events: Events, journal: Journal, catalogue: Catalogue, *, words: bool = True) -> Callable[[], None]:
    """Writes what happens from now on. ``words`` False leaves out what was said: functions stay, their words do not.

    Returns what ends it.
    """
    if journal.path is None:
        return lambda: None
    apps = known_apps(catalogue)

    def write(event: Any) -> None:  # noqa: ANN401 - any of WRITTEN
        journal.write(event.kind, **line_of(event, words=words, apps=apps))

    return events.subscribe(write, *WRITTEN)
