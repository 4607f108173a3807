"""The page's plots: SVG, transparent, in greys and colours that can be read on white and on black."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from models.compare.confidence import Trust
    from models.compare.study import Study
    from models.compare.sweep import Level

_INK: Final = "#7d8590"
_COLOURS: Final = ("#2f81f7", "#d9822b", "#2da44e", "#a371f7")
_SIZE_INCHES: Final = (7.2, 2.9)
_STYLE: Final[Any] = {
    "svg.fonttype": "none",  # text stays text: small, and set in the reader's font
    "svg.hashsalt": "evaluation",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.titlesize": 9,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": _INK,
    "grid.alpha": 0.25,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.6,
}


def draw(study: "Study", folder: Path, stem: str) -> list[str]:
    """Writes the plots into ``folder`` and returns their names: word errors, confidence."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    names = [f"{stem}-word-errors.svg", f"{stem}-confidence.svg"]
    with rc_context(_STYLE):
        for name, fill in zip(names, (_word_errors, _confidence), strict=True):
            figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
            fill(figure, study)
            figure.savefig(folder / name, transparent=True, metadata={"Date": None, "Creator": None})
    return names


def _word_errors(figure: "Figure", study: "Study") -> None:
    left, right = figure.subplots(1, 2)
    for colour, name in zip(_COLOURS, dict.fromkeys(level.name for level in study.levels), strict=False):
        levels = [level for level in study.levels if level.name == name]
        _line(left, levels, [100 * level.exact for level in levels], colour, name)
        _line(right, levels, [100 * level.unwanted for level in levels], colour, name)
    left.set(title="exact plans", xlabel="word errors, %", ylabel="% of lines", ylim=(0, 102))
    right.set(title="opposite or unwanted actions", xlabel="word errors, %", ylim=(0, max(5.0, right.get_ylim()[1])))
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)


def _line(axes: "Axes", levels: "list[Level]", values: list[float], colour: str, name: str) -> None:
    axes.plot([100 * level.rate for level in levels], values, color=colour, marker="o", markersize=3.5, label=name)


def _confidence(figure: "Figure", study: "Study") -> None:
    left, right = figure.subplots(1, 2)
    trust: Trust = study.trust
    left.plot([100 * p.x for p in trust.coverage], [100 * p.y for p in trust.coverage], color=_COLOURS[0])
    least = min((p.y for p in trust.coverage), default=0.0)
    left.set(
        title="the surest lines alone", xlabel="lines answered, %", ylabel="exact among them, %",
        ylim=(100 * min(0.9, least) - 1, 100.5),
    )  # fmt: skip
    if trust.asking:
        right.step(
            [100 * p.x for p in trust.asking], [100 * p.y for p in trust.asking], color=_COLOURS[1], where="post"
        )
    if trust.in_use is not None and trust.in_use.right and trust.in_use.unwanted:
        used = trust.in_use
        right.plot([100 * used.asked / used.right], [100 * used.left / used.unwanted], "o", color=_COLOURS[0])
    right.set(
        title="asking before unsure actions", xlabel="right commands asked about, %",
        ylabel="unwanted actions left, %", ylim=(0, 103),
    )  # fmt: skip
