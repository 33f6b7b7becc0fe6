"""The figures of a discovery show its numbers."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from made_discovery import OPENNESS, PRICES, made_equations, made_path, made_yardsticks
from matplotlib.figure import Figure

import cogrnn_lab as cl
from cogrnn_lab import plots


@pytest.fixture
def path() -> cl.Path:
    return made_path()


@pytest.fixture
def measured() -> cl.Yardsticks:
    return made_yardsticks()


def drawn(figure: Figure) -> Figure:
    figure.savefig(BytesIO(), format="png")
    return figure


def test_the_path_is_drawn_against_bits_and_price(path):
    left, right = drawn(plots.plot_path(path, 1)).axes
    bits = (4 * OPENNESS[:, 0] ** 4).sum(1)
    lines = {line.get_label(): line for line in left.lines}
    for name in ("chosen by", "reported"):
        np.testing.assert_allclose(lines[name].get_xdata(), bits)
        np.testing.assert_allclose(
            lines[name].get_ydata(), path.table.query("seed == 0")["likelihood_report"], rtol=1e-9
        )
    assert left.get_xlabel() == "information of the latents (bits per trial)"
    thick = [line for line in right.lines if line.get_linewidth() == 1.8]
    np.testing.assert_allclose([line.get_ydata() for line in thick], OPENNESS[:, 0].T)
    assert right.get_xscale() == "log"
    assert [text.get_text() for text in right.texts] == ["chosen"]


def test_a_path_without_bottlenecks_is_drawn_against_its_price(path):
    levels = tuple(replace(own, bits=np.full((2, 3), np.inf)) for own in path.levels)
    left = drawn(plots.plot_path(replace(path, levels=levels))).axes[0]
    np.testing.assert_allclose(left.lines[0].get_xdata(), PRICES)


def test_latents_are_ranked_by_the_price_at_which_they_close(path):
    (axes,) = drawn(plots.plot_closing_order(path)).axes
    points = sorted(
        (round(line.get_ydata()[0]), line.get_xdata()[0], line.get_marker()) for line in axes.lines
    )
    # seed 0: 3.0, 1.0, 0.3; seed 1: open at the end, 1.0, 0.3
    assert points == [
        (0, 3.0, ">"),
        (0, 3.0, "o"),
        (1, 1.0, "o"),
        (1, 1.0, "o"),
        (2, 0.3, "o"),
        (2, 0.3, "o"),
    ]


def test_agreement_is_drawn_run_by_run():
    agreement = cl.Agreement(
        order=np.array([[0, 1], [1, 0], [2, -1]]),
        similarity=np.array([
            [[1, 1], [0.98, 0.95], [0.9, 0]],
            [[0.98, 0.95], [1, 1], [0.9, 0]],
            [[0.9, 0], [0.9, 0], [1, 0]],
        ], float),
        update_similarity=np.array([[1, 1], [0.97, 0.94], [0.85, 0]]),
        choice_similarity=np.array([[1, 1], [0.99, 0.93], [0.83, 0]]),
        span=np.array([[1, 0.96, 0.4], [0.96, 1, 0.4], [0.4, 0.4, 1]]),
        n_latents=np.array([2, 2, 1]),
        wiring=np.ones((3, 2, 5), bool),
        wiring_names=("a",) * 5,
        reference=0,
    )  # fmt: skip
    figure = drawn(plots.plot_agreement(agreement))
    first, second, span = figure.axes[:3]
    assert [label.get_text() for label in first.get_yticklabels()] == [
        "run 1 (reference) ★",
        "run 2 ★",
        "run 3",
    ]
    assert [text.get_text() for text in first.texts][3:6] == ["0.98", "0.97", "0.99"]
    assert second.get_title() == "latent 2\nin 2 of 3"
    np.testing.assert_allclose(span.images[0].get_array(), agreement.span)


def test_yardsticks_are_drawn_as_what_the_network_is_worth_beside_them(measured):
    (axes,) = drawn(plots.plot_yardsticks(measured)).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["GRU", "Q-learning", "stay baseline", "chance"]
    label = axes.xaxis.label.get_window_extent()
    assert axes.figure.bbox.x0 <= label.x0 < label.x1 <= axes.figure.bbox.x1
    points = {line.get_ydata()[0]: line for line in axes.lines if len(line.get_xdata()) == 1}
    for row, name in enumerate(names):
        assert points[row].get_xdata()[0] == pytest.approx(measured.advantage(name)[0])
    assert points[1].get_marker() == "*"
    assert [text.get_text() for text in axes.texts] == [f"{measured.advantage('chance')[0]:.3f} ▸"]


def test_a_discovery_is_drawn_on_one_page(path, measured):
    chosen = path.choose()
    found = cl.Discovery(path, chosen, None, measured, ("Found.",), "Dealt.")
    figure = drawn(plots.plot_discovery(found))
    assert len(figure.axes) == 4
    assert figure.get_size_inches()[0] <= 7.2


def test_equations_are_drawn_on_top(path, measured):
    found = cl.Discovery(path, path.choose(), None, measured, ("Found.",), "Dealt.", made_equations())
    figure = drawn(plots.plot_discovery(found))
    left, right = figure.axes[:2]
    assert [text.get_text() for text in left.get_yticklabels()] == [
        "learning rate  0.3",
        "inverse temperature  3",
    ]
    lowest = left.get_window_extent().y0
    assert lowest > max(axes.get_window_extent().y1 for axes in figure.axes[2:])
    assert right.get_xlabel() == "weight (log odds)"
