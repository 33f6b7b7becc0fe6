"""Figures of behavior and of causal experiments show the numbers of their results."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab import plots


@pytest.fixture(scope="module")
def data() -> cl.Dataset:
    agent = cl.WinStayLoseShift(0.3)
    return cl.simulate(agent, cl.BlockBandit(block_length=(10, 15)), n_sessions=5, n_trials=60, seed=1)


def test_behaviors_lie_side_by_side(data):
    compared = cl.compare_behavior(data, {"chance $x": cl.QLearning(inverse_temperature=0.0)})
    figure = plots.plot_behavior(compared)
    stay, outcomes, run, _, _, around = figure.axes
    for axes, name in ((stay, "stay_and_shift"), (outcomes, "switch_by_outcomes"), (run, "switch_by_run")):
        for container, one in zip(axes.containers, compared.behaviors.values(), strict=True):
            np.testing.assert_allclose(container[0].get_ydata(), getattr(one, name).value)
    np.testing.assert_allclose(around.lines[1].get_ydata(), compared.behaviors["data"].around_switches.value)
    assert [text.get_text() for text in figure.legends[0].texts] == ["data", r"chance \$x"]
    figure.canvas.draw()
    drifting = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=3), n_sessions=3, n_trials=40)
    words = plots.plot_behavior(cl.behavior(drifting)).axes[-1]
    assert words.get_ylabel() == "proportion of words"
    assert len(words.get_xticks()) == 8
    with pytest.raises(TypeError, match=r"cl\.behavior\(dataset\)"):
        plots.plot_behavior(data)


def test_the_advantage_is_drawn_by_history(data):
    found = cl.likelihood_advantage(data, cl.WinStayLoseShift(0.3), cl.QLearning())
    left, right = plots.plot_likelihood_advantage(found).axes
    for axes, column in ((left, "contribution"), (right, "advantage")):
        np.testing.assert_allclose(axes.collections[-1].get_offsets()[:, 0], found.table[column])
    labels = [label.get_text() for label in left.get_yticklabels()]
    assert labels[0].startswith(found.table["history"][0])
    with pytest.raises(TypeError, match="LikelihoodAdvantage"):
        plots.plot_likelihood_advantage(data)


def test_a_perturbation_is_drawn_before_and_after(data):
    network = cl.GRU(2, 2, 3, key=jax.random.key(0))
    effect = cl.perturb(network, data, cl.Perturbation(lesion=["latent 2"], during=(20, 30)))
    figure = plots.plot_perturbation(effect, session=2)
    along = figure.axes[0]
    for line, outputs in zip(along.lines, (effect.outputs_before, effect.outputs_after), strict=True):
        np.testing.assert_allclose(line.get_ydata(), jax.nn.softmax(outputs[2])[:, 1], atol=1e-6)
    shaded = along.patches[0].get_bbox()
    assert (shaded.x0, shaded.x1) == (20.5, 30.5)
    change = effect.differences.query("curve == 'stay and shift'")["difference"]
    np.testing.assert_allclose(figure.axes[-1].containers[0][0].get_ydata(), change)
    assert "lesion of latent 2, in trials 21 to 30" in figure._suptitle.get_text()
    figure.canvas.draw()
    with pytest.raises(ValueError, match="expected 0 to 4"):
        plots.plot_perturbation(effect, session=5)
    with pytest.raises(TypeError, match="of a data set in place of inputs"):
        plots.plot_perturbation(cl.rollout(network, np.asarray(data.inputs)))


@pytest.mark.parametrize("name", ["Q-learning, forgetting, perseveration", "GRU"])
def test_the_legend_of_behaviors_stays_within_the_figure(name):
    """Long names went over both edges, three columns of them side by side."""
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=40)
    own = cl.behavior(data, n_resamples=20)
    names = ("data", "network", "the simplest network", name, "equations")
    figure = plots.plot_behavior(dict.fromkeys(names, own))
    figure.draw_without_rendering()
    (legend,) = figure.legends
    box, whole = legend.get_window_extent(), figure.bbox
    assert whole.x0 <= box.x0
    assert box.x1 <= whole.x1
