"""The report of `eval`, for people."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def print_report(report: dict[str, object]) -> None:
    """What `vehicle_agent.evaluation.report.evaluate` found."""
    console = Console()
    ci = report["ci95"]
    console.print(f"{report['n']} lines: exact {report['exact']}, 95 % {ci}, function {report['function']}, ", end="")
    console.print(f"isomorphic {report['isomorphic']}, opposite {report['opposite']}")
    console.print(f"refusal {report['refusal']}")
    console.print(f"asked {report['asked']}, exact if confirmed {report['exact_if_confirmed']}")
    console.print(f"model time {report['latency_ms']}")
    table = Table("slice", "n", "exact")
    by_tag = report["by_tag"]
    if isinstance(by_tag, dict):
        for tag, row in by_tag.items():
            table.add_row(tag, str(row["n"]), str(row["exact"]))
    console.print(table)
    errors = report["errors"]
    if isinstance(errors, list):
        for error in errors:
            mark = "[red]opposite[/] " if error["opposite"] else ""
            wanted, got = escape(str(error["expected"])), escape(str(error["got"]))
            console.print(f"{mark}{escape(str(error['text']))}\n    wanted {wanted}\n    got    {got}")
