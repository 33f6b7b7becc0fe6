"""Places in a drawn wiring: its numbers are apart from each other and from the names of its nodes."""

from itertools import product

import numpy as np
import pytest

from cogrnn_lab.analysis.flow.graph import CHOICE, LATENT, OBSERVATION, Edge, Node
from cogrnn_lab.analysis.flow.labels import label_places
from cogrnn_lab.analysis.flow.layout import laid_out
from cogrnn_lab.analysis.flow.wiring import Wiring
from cogrnn_lab.lab.panels.wiring import LETTERS as SCREEN
from cogrnn_lab.plots.flow.wiring import LETTERS as PRINT


def everything(n: int) -> Wiring:
    """A graph of `n` latents in which everything reads everything."""
    inputs, names = ["previous choice", "previous reward"], [f"latent {i + 1}" for i in range(n)]
    nodes = [Node(one, OBSERVATION, 1.0, i) for i, one in enumerate(inputs)]
    nodes += [Node(one, LATENT, 4.0, i) for i, one in enumerate(names)] + [Node(CHOICE, CHOICE, 1.0, -1)]
    edges = [Edge(a, b, LATENT, 12.5 - 0.1 * i, "+") for i, (a, b) in enumerate(product(names, names))]
    edges += [Edge(a, b, OBSERVATION, 1.0, "±") for a, b in product(inputs, names)]
    edges += [Edge(a, CHOICE, CHOICE, 3.4, "+") for a in names]
    return Wiring(tuple(nodes), tuple(edges), (), None, "")


@pytest.mark.parametrize("n_latents", [2, 3, 5])
@pytest.mark.parametrize(
    ("width", "height", "letters", "n"), [(430.0, 250.0, SCREEN, 12), (3.4, 3.7, PRINT, 18)]
)
def test_numbers_of_a_wiring_do_not_cover_each_other(n_latents, width, height, letters, n):
    """Those of five latents did, on the screen and in print."""
    layout = laid_out(everything(n_latents), width, height, letters)
    told = sorted(layout.curves, key=lambda curve: -curve.edge.bits)[:n]
    at = np.array([curve.label for curve in told])
    assert (at > 0).all()
    assert (at < [width, height]).all()
    wide, high = 4.6 * letters.letter, 0.8 * letters.line
    for i, (x, y) in enumerate(at):
        apart = np.abs(at[:i] - [x, y])
        assert ((apart[:, 0] >= wide) | (apart[:, 1] >= high)).all(), told[i].edge
        for box in layout.boxes.values():
            is_beside = abs(box.x - x) >= (wide + box.width) / 2 - 1e-6
            assert is_beside or abs(box.y - y) >= (high + box.height) / 2 - 1e-6, (told[i].edge, box.node)


def test_a_label_whose_places_are_all_taken_gets_the_least_covered():
    where = np.array([[5.0, 5.0], [6.0, 5.0]])
    boxes = np.array([[0.0, 5.0, 10.0, 10.0]])
    assert label_places([where, where], [1, 0], (4.0, 2.0), boxes, (20.0, 20.0)) == [(5.0, 5.0), (6.0, 5.0)]
