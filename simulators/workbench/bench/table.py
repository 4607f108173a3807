"""Figures, for people."""

from rich.console import Console
from rich.table import Table


def print_table(report: dict[str, object]) -> None:
    """A line a figure."""
    table = Table()
    for column in ("figure", "value"):
        table.add_column(column, overflow="fold")  # a name cut short says nothing
    for key, value in report.items():
        if not isinstance(value, list):  # what was measured minute by minute is for programs
            table.add_row(key, str(value))
    Console().print(table)
