"""Places of a wiring's nodes and curves, which figures in print and on screen share.

Columns from left to right: observations and subject, latents that only reach other latents, the other
latents, choice and signals. y goes up; all lengths are in the unit of the width that is given.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.flow.graph import CHOICE, OBSERVATION, SIGNALS, SUBJECT, Edge, Node
from cogrnn_lab.analysis.flow.labels import label_places
from cogrnn_lab.analysis.flow.wiring import Wiring

LONGEST_LINE = 11  # letters, after which a name goes on in the next line where it can
N_POINTS = 24
N_LETTERS = 5  # of the longest number, such as "12.46"
TALL = 0.85  # height of a number in lines


@dataclass(frozen=True)
class Letters:
    """Size of letters and of the room around them, in the unit of the layout."""

    letter: float
    line: float
    padding: float
    gap: float


@dataclass(frozen=True)
class Box:
    """Box of a node: its center, its size, and the lines of its name."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """Curve of an edge: points (point, 2) from source to target, and where its label stands."""

    edge: Edge
    points: Float[np.ndarray, "point 2"]
    label: tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Boxes by the names of the nodes, and a curve for each edge."""

    boxes: dict[str, Box]
    curves: tuple[Curve, ...]


def laid_out(graph: Wiring, width: float, height: float, letters: Letters) -> Layout:
    """Place the nodes of a wiring within width and height, and curves between them."""
    columns = _columns(graph)
    sizes = {node.name: _size(node, letters) for column in columns for node in column}
    widest = [max(sizes[node.name][0] for node in column) for column in columns]
    room = (width - sum(widest) - 2 * letters.gap) / max(len(columns) - 1, 1)
    boxes: dict[str, Box] = {}
    left = letters.gap
    for column, wide in zip(columns, widest, strict=True):
        for node, y in zip(column, _heights(column, height, letters), strict=True):
            own_width, own_height, lines = sizes[node.name]
            x = left + wide / 2
            boxes[node.name] = Box(node, x, y, own_width, own_height, lines)
        left += wide + room
    return Layout(boxes, _labelled(_curves(graph, boxes, letters), boxes, (width, height), letters))


def _columns(graph: Wiring) -> list[list[Node]]:
    direct = {edge.source for edge in graph.edges if edge.kind in (CHOICE, SIGNALS)}
    latents = sorted(graph.latents, key=lambda node: node.index)  # they keep their places while bits change
    inner = [node for node in latents if node.name not in direct and len(latents) > 1]
    columns = [
        [node for node in graph.nodes if node.kind in (OBSERVATION, SUBJECT)],
        inner,
        [node for node in latents if node not in inner],
        [node for node in graph.nodes if node.kind in (CHOICE, SIGNALS)],
    ]
    return [column for column in columns if column]


def _heights(column: list[Node], height: float, letters: Letters) -> list[float]:
    """Evenly from top to bottom; the loops above the latents take some room."""
    n = len(column)
    return [height - (i + 0.5) * height / n - 0.8 * letters.line for i in range(n)]


def _size(node: Node, letters: Letters) -> tuple[float, float, tuple[str, ...]]:
    lines = wrapped(node.name)
    width = letters.letter * max(len(line) for line in lines) + 2 * letters.padding
    return width, letters.line * len(lines) + 1.6 * letters.padding, lines


def wrapped(name: str) -> tuple[str, ...]:
    """A name in lines of a readable length, at most three; what is longer ends in dots."""
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + 1 + len(word) <= LONGEST_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > 3:
        lines = [*lines[:2], f"{lines[2]} …"]
    return tuple(
        line if len(line) <= 2 * LONGEST_LINE else f"{line[: 2 * LONGEST_LINE - 1]}…" for line in lines
    )


def _labelled(
    curves: list[Curve], boxes: dict[str, Box], limits: tuple[float, float], letters: Letters
) -> tuple[Curve, ...]:
    """The curves with their labels apart from each other: those that tell most choose their places first."""
    telling = np.array([curve.edge.bits for curve in curves])
    order = np.argsort(-np.nan_to_num(telling), kind="stable")
    places = label_places(
        [_places_along(curve, letters) for curve in curves],
        [int(i) for i in order],
        (N_LETTERS * letters.letter, TALL * letters.line),
        np.array([[box.x, box.y, box.width, box.height] for box in boxes.values()]),
        limits,
    )
    return tuple(replace(curve, label=place) for curve, place in zip(curves, places, strict=True))


def _places_along(curve: Curve, letters: Letters) -> np.ndarray:
    """Where a label may stand: where it looks best, then on the curve and beside it, the nearest first."""
    first = np.array(curve.label)
    aside = 0.5 * N_LETTERS * letters.letter
    shifts = np.array([0.0, -aside, aside])
    along = np.repeat(curve.points[None, 2:-2], len(shifts), axis=0)
    along[..., 0] += shifts[:, None]
    others = along.reshape(-1, 2)
    far = np.linalg.norm(others - first, axis=1) + np.abs(shifts).repeat(along.shape[1])
    return np.concatenate([first[None], others[np.argsort(far, kind="stable")]])


def _curves(graph: Wiring, boxes: dict[str, Box], letters: Letters) -> list[Curve]:
    through = [edge for edge in graph.edges if _goes_right(edge, boxes)]
    leaves = _places(through, boxes, "source")
    enters = _places(through, boxes, "target")
    curves = []
    for edge in graph.edges:
        source, target = boxes[edge.source], boxes[edge.target]
        if edge.source == edge.target:
            curves.append(_loop(edge, source, letters))
        elif edge in leaves:
            begin = (source.x + source.width / 2, source.y + leaves[edge] * source.height)
            end = (
                target.x - target.width / 2 - 0.4 * letters.padding,
                target.y + enters[edge] * target.height,
            )
            curves.append(_across(edge, begin, end))
        else:
            curves.append(_beside(edge, source, target, letters))
    return curves


def _goes_right(edge: Edge, boxes: dict[str, Box]) -> bool:
    return boxes[edge.source].x + 1e-9 < boxes[edge.target].x


def _places(edges: list[Edge], boxes: dict[str, Box], end: str) -> dict[Edge, float]:
    """Where on a node's side each edge ends, in its heights from the middle; ordered as the other ends."""
    found = {}
    other = "target" if end == "source" else "source"
    for name in boxes:
        own = sorted((e for e in edges if getattr(e, end) == name), key=lambda e: boxes[getattr(e, other)].y)
        for i, edge in enumerate(own):
            found[edge] = (i + 0.5) / len(own) * 0.8 - 0.4
    return found


def _bezier(points: list[tuple[float, float]]) -> np.ndarray:
    t = np.linspace(0.0, 1.0, N_POINTS)[:, None]
    a, b, c, d = (np.array(point) for point in points)
    return (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d


def _across(edge: Edge, begin: tuple[float, float], end: tuple[float, float]) -> Curve:
    """From the right side of a node to the left side of one further right; its label near the beginning."""
    bend = 0.5 * (end[0] - begin[0])
    points = _bezier([begin, (begin[0] + bend, begin[1]), (end[0] - bend, end[1]), end])
    at = points[round(0.24 * N_POINTS)]
    return Curve(edge, points, (float(at[0]), float(at[1])))


def _loop(edge: Edge, box: Box, letters: Letters) -> Curve:
    """From the top of a node back to its top; its label on the right of the loop."""
    top, high = box.y + box.height / 2, 1.9 * letters.line
    spread = min(0.22 * box.width, 1.2 * letters.line)
    points = _bezier(
        [(box.x - spread, top), (box.x - 2 * spread, top + high), (box.x + 2 * spread, top + high),
         (box.x + spread, top + 0.3 * letters.padding)]
    )  # fmt: skip
    return Curve(edge, points, (box.x + 1.1 * spread + 2.4 * letters.letter, top + 0.55 * high))


def _beside(edge: Edge, source: Box, target: Box, letters: Letters) -> Curve:
    """Between nodes of one column, or back: a bow on the right on the way down, on the left on the way up."""
    down = source.y > target.y or (source.y == target.y and source.x > target.x)
    way = 1.0 if down else -1.0
    begin = (source.x + way * source.width / 2, source.y - 0.2 * source.height)
    end = (target.x + way * (target.width / 2 + 0.4 * letters.padding), target.y + 0.2 * target.height)
    far = way * (1.5 * letters.line + 0.12 * abs(source.y - target.y))
    points = _bezier([begin, (begin[0] + far, begin[1]), (end[0] + far, end[1]), end])
    at = points[N_POINTS // 2]
    return Curve(edge, points, (float(at[0]), float(at[1])))
