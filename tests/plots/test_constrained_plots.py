"""Figures of weights and activity show what the results hold."""

from io import BytesIO

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab import plots


def drawn(figure):
    figure.savefig(BytesIO(), format="png")
    return figure


def labels(axis) -> list[str]:
    return [text.get_text() for text in axis.get_ticklabels()]


def test_weights_with_populations_and_one_color_scale():
    model = cl.ConstrainedRNN(2, 3, 10, dale_ratio=0.7, key=jax.random.key(0))
    view = cl.weights(model)
    into, between, _, out, bar = drawn(plots.plot_weights(view)).axes
    np.testing.assert_array_equal(into.images[0].get_array(), view.w_in)
    np.testing.assert_array_equal(between.images[0].get_array(), view.w_rec)
    np.testing.assert_array_equal(out.images[0].get_array(), view.w_out)
    assert labels(into.yaxis) == ["excitatory", "inhibitory"]
    assert labels(out.xaxis) == ["excitatory", "inhibitory"]
    assert between.lines[0].get_ydata()[0] == 6.5
    assert {axes.images[0].get_clim() for axes in (into, between, out)} == {into.images[0].get_clim()}
    low, high = into.images[0].get_clim()
    assert low == -high < 0
    assert bar.get_ylabel() == "weight (effective)"


@pytest.fixture(scope="module")
def states() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(12, 6, 5))


def test_condition_trajectories(states):
    pca = cl.activity_pca(states)
    averages = cl.condition_averages(states, [0, 1] * 6)
    (axes,) = drawn(plots.plot_condition_trajectories(averages, pca, names=["left", "right"])).axes
    path = pca.project(averages.means)
    np.testing.assert_allclose(axes.lines[2].get_xydata(), path[1, :, :2])
    np.testing.assert_allclose(axes.lines[3].get_xydata(), path[1, :1, :2])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["left", "right"]
    assert axes.get_xlabel() == f"component 1 ({100 * pca.explained[0]:.0f} %)"
    (axes,) = drawn(plots.plot_condition_trajectories(averages, pca, components=(0, 1, 2))).axes
    assert axes.get_zlabel().startswith("component 3")
    with pytest.raises(ValueError, match="two or three of 0 to 2"):
        plots.plot_condition_trajectories(averages, pca, components=(0, 3))


def test_many_conditions_have_different_colors(states):
    labels = np.arange(len(states))
    averages, pca = cl.condition_averages(states, labels), cl.activity_pca(states, 2)
    assert len(averages.conditions) > 8
    (axes,) = drawn(plots.plot_condition_trajectories(averages, pca)).axes
    assert len({line.get_color() for line in axes.lines}) == len(labels)


def test_tuning_curves_of_the_units_that_depend_most(states):
    parameter = np.repeat(np.arange(4.0), 3)
    tuned = states + parameter[:, None, None] * np.array([0.0, 0.0, 5.0, 0.0, -2.0])
    curve = cl.tuning(tuned, parameter)
    figure = drawn(plots.plot_tuning(curve, parameter="coherence (%)"))
    first, second = figure.axes[:2]
    assert (first.get_title(), second.get_title()) == ("unit 3", "unit 5")
    np.testing.assert_allclose(first.lines[0].get_xydata(), np.stack([curve.values, curve.means[:, 2]], 1))
    assert figure.get_supxlabel() == "coherence (%)"
    (only,) = drawn(plots.plot_tuning(curve, units=[1], names=list("abcde"))).axes
    assert only.get_title() == "b"
    with pytest.raises(ValueError, match=r"units are \(5,\), expected some of 0 to 4"):
        plots.plot_tuning(curve, units=[5])
