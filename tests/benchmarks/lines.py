"""Lines of the table, and how they are written."""

from collections.abc import Iterable
from dataclasses import dataclass

from .comparison import Comparison, Spread


@dataclass(frozen=True)
class Line:
    """One line: the work, our figure and the peer's, their ratio, what it should be, and a remark."""

    work: str
    ours: str
    peer: str = ""
    ratio: str = ""
    target: str = ""
    remark: str = ""


HEADER = Line("work", "cogrnn_lab", "peer", "ratio (quartiles)", "at least / aim", "remark")


def compared(
    work: str,
    comparison: Comparison,
    *,
    unit: float = 1.0,
    rate: str = "",
    target: str = "",
    remark: str = "",
) -> Line:
    """The line of a comparison.

    Shown are seconds, or, where `rate` names it as "trials/s", `unit` a second.
    """

    def figure(seconds: list[float]) -> str:
        median = Spread.of(seconds).median
        return f"{unit / median:,.0f} {rate}" if rate else duration(median)

    ratio = times(comparison.ratio)
    return Line(work, figure(comparison.ours), figure(comparison.peer), ratio, target, remark)


def times(ratio: Spread) -> str:
    """A ratio with its quartiles, as "10.2× (9.8–10.5)"."""
    return f"{_short(ratio.median)}× ({_short(ratio.low)}–{_short(ratio.high)})"


def duration(seconds: float) -> str:
    """A time to three figures with its unit."""
    for scale, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= scale:
            return f"{_short(seconds / scale)} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def mebibytes(n_bytes: float) -> str:
    return f"{n_bytes / 2**20:,.0f} MiB"


def markdown(lines: Iterable[Line]) -> str:
    """A table in Markdown."""
    rows = [_cells(line) for line in (HEADER, *lines)]
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cells(line: Line) -> list[str]:
    return [line.work, line.ours, line.peer, line.ratio, line.target, line.remark]


def _short(number: float) -> str:
    """Three figures, and all of the whole part."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
