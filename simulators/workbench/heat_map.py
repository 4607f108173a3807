"""A sweep as a picture. Imported where one is wanted: matplotlib is optional."""

from collections.abc import Iterable
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from simulators.workbench.sweep import NO_FAULT, Result, squares
from vehicle_agent.errors import Unavailable


def write_heat_map(results: Iterable[Result], path: Path) -> None:
    """Scenarios down, faults across; the colour is the share met, a red frame something unsafe. PNG, SVG or PDF by the
    suffix. Raises Unavailable, OSError."""
    table = squares(results)
    rows = list(dict.fromkeys(scenario for scenario, _ in table))
    columns = list(dict.fromkeys(fault for _, fault in table))
    figure = Figure(figsize=(2.8 + 0.55 * len(columns), 1.9 + 0.3 * len(rows)), layout="constrained")
    axes = figure.subplots()
    shares = [[table[row, column].share * 100 for column in columns] for row in rows]
    image = axes.imshow(shares, cmap=mpl.colormaps["cividis"], vmin=0, vmax=100, aspect="auto")
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            square = table[row, column]
            text = "!" if square.errors else f"{square.share * 100:.0f}"
            colour = "black" if square.share > 0.5 else "white"
            axes.text(x, y, text, ha="center", va="center", fontsize=7, color=colour)
            if square.unsafe:
                axes.add_patch(Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, fill=False, edgecolor="red", linewidth=2))
    axes.set_xticks(range(len(columns)), [c or NO_FAULT for c in columns], rotation=50, ha="right", fontsize=8)
    axes.set_yticks(range(len(rows)), [Path(r).stem for r in rows], fontsize=8)
    axes.set_title("Expectations met, percent; framed red: sent against the truth", fontsize=9)
    figure.colorbar(image, ax=axes, shrink=0.8)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        figure.savefig(path, dpi=95)
    except ValueError as e:  # a suffix that no format has
        raise Unavailable(f"{path}: {e}. Use .png, .svg or .pdf.") from e
