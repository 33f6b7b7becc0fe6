"""The figure of equations shows every number where it belongs."""

import numpy as np

import cogrnn_lab as cl
from cogrnn_lab import plots


def test_rates_on_the_left_and_weights_on_the_right():
    data = cl.simulate(
        cl.QLearning(0.4, 3.0), cl.DriftingBandit(drift=0.1), n_sessions=6, n_trials=100, seed=1
    )
    found = cl.equations(None, data, n_latents=(1,), n_starts=1, terms=(), rivals=False)
    figure = plots.plot_equations(found)
    left, right = figure.axes
    drawn = {
        axes: [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
        for axes in (left, right)
    }
    numbers = found.numbers
    is_rate = (numbers.unit == "fraction a trial").to_numpy()
    assert is_rate.any()
    assert not is_rate.all()
    np.testing.assert_allclose(drawn[left], numbers.value[is_rate])
    np.testing.assert_allclose(drawn[right], numbers.value[~is_rate])
    labels = [label.get_text() for label in left.get_yticklabels()]
    assert labels == [f"{n}  {v:.3g}" for n, v in zip(numbers.name, numbers.value, strict=True)]
    assert left.get_xlabel() == "rate (fraction a trial)"
    figure.canvas.draw()
