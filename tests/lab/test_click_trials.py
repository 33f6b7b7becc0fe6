"""Poisson clicks as a source: simulated with the bounded accumulator, and as rats heard them."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.settings.state import CLICKS, PUBLISHED


@pytest.fixture
def clicks(make_lab):
    """A lab on a few short trials of clicks."""
    lab = make_lab()
    data = lab.state.data
    data.set_quietly(n_click_trials=40)
    data.clicks.parameters.duration = (0.05, 0.1)
    data.source = CLICKS
    assert lab.run_state == "ready", lab.top.message.value
    return lab


def test_the_numbers_of_clicks_and_accumulator_are_those_of_the_simulation(clicks):
    data = clicks.state.data
    data.accumulator.parameters.set_quietly(bound=4.0, lapse=0.2)
    data.clicks.parameters.set_quietly(total_rate=80.0, gammas=(-1.0, 1.0))
    expected = cl.simulate_clicks(
        cl.BoundedAccumulator(bound=4.0, lapse=0.2),
        cl.PoissonClicks(total_rate=80.0, gammas=(-1.0, 1.0), duration=(0.05, 0.1)),
        n_trials=40,
    )
    np.testing.assert_array_equal(clicks.dataset.inputs, expected.inputs)
    np.testing.assert_array_equal(clicks.dataset.columns["choice"], expected.columns["choice"])
    assert clicks.data_controls.summary.value == "40 trials of 5 to 10 bins"


def test_one_trial_is_previewed_with_its_clicks_on_both_sides(clicks):
    clicks.state.view.session = 3
    left, right = clicks.dataset.inputs[3, :, 0], clicks.dataset.inputs[3, :, 1]
    shown = clicks.data_controls
    assert shown.previews.children == (shown.clicks.plot,)
    of_left, _, of_right, _ = shown.clicks.ticks.marks
    for mark, of_side in ((of_left, left), (of_right, right)):
        drawn = np.unique(np.asarray(mark.x)[np.isfinite(mark.x)])
        np.testing.assert_array_equal(drawn, np.flatnonzero(of_side) + 1)
    chosen = ("left", "right")[int(clicks.dataset.columns["choice"][3].max())]
    assert f"{int(left.sum())} left" in shown.key.value
    assert f"chose {chosen}" in shown.key.value


def test_a_network_is_trained_beside_the_generating_model(clicks, train):
    train(clicks, 12)
    clicks.pause()
    curve, display = clicks.runner.run.curve, clicks.display
    held_out = clicks.runner.run.held_out
    assert curve.reference == ("generating model", held_out.generating_likelihood)
    np.testing.assert_allclose(display.learning.likelihood_lines["reference"].y, curve.reference[1])
    assert np.isfinite(curve.loss).all()
    assert display.learning.fits.layout.display == "none", "classical models learn from rewards"
    clicks.state.view.classical = True
    assert clicks.references.wait() is None
    assert curve.classical is None
    assert "clicks" in display.update_rules.legend.value


def test_trajectories_are_over_time_bins_with_clicks_above(clicks, train):
    train(clicks, 8)
    clicks.pause()
    figure = clicks.display.trajectories
    n = int(clicks.dataset.lengths[0])
    assert figure.trials.label == "time bin"
    assert figure.moment.value == f"time bin 1 of {n}"
    assert figure.picker.options[0] == ("trial 1", 0)
    clicked = np.unique(np.asarray(figure.ticks.marks[2].x))
    np.testing.assert_array_equal(
        clicked[np.isfinite(clicked)], np.flatnonzero(clicks.dataset.inputs[0, :, 1]) + 1
    )
    clicks.state.view.color = "reward"  # there are none
    assert "more clicks left" in figure.legend.value


def test_going_back_to_bandits_brings_their_preview_and_their_models_back(clicks):
    clicks.state.data.source = "simulated agent"
    assert clicks.data_controls.previews.children == (clicks.data_controls.preview.plot,)
    assert clicks.display.learning.fits.layout.display == ""
    assert clicks.display.trajectories.trials.label == "trial"


def test_rats_that_heard_clicks_are_shown_in_the_same_way(make_lab, train, monkeypatch):
    rats = cl.simulate_clicks(cl.BoundedAccumulator(), cl.PoissonClicks(duration=0.1), n_trials=30)
    columns = {name: values for name, values in rats.columns.items() if name != "p_choice"}
    columns["reward"] = np.zeros(rats.valid.shape, np.float32)
    asked = []

    def get(name, *, subjects):
        asked.append((name, subjects))
        return rats._replace(columns=columns)

    monkeypatch.setattr("cogrnn_lab.lab.data.published_sets.published", get)
    lab = make_lab()
    lab.state.data.set_quietly(source=PUBLISHED, published="rat_clicks")
    assert asked == []
    lab.data_controls.published.get.click()
    assert asked == [("rat_clicks", ("B052",))], "one rat at a time: each is a file"
    assert lab.run_state == "ready", lab.top.message.value
    train(lab, 3)
    assert lab.data_controls.previews.children == (lab.data_controls.clicks.plot,)
    assert lab.runner.run.curve.reference is None, "nobody knows what made them"


def test_default_penalties_are_smaller_as_a_choice_pays_for_all_its_bins(make_lab):
    lab = make_lab()
    usual = lab.state.penalties.to_dict()
    lab.state.data.set_quietly(n_click_trials=20)
    lab.state.data.source = CLICKS
    assert lab.state.penalties.latent == pytest.approx(usual["latent"] / 10)
    assert "a tenth of the usual ones" in lab.top.message.value
    lab.state.data.source = "simulated agent"
    assert lab.state.penalties.to_dict() == usual
    lab.state.penalties.latent = 0.05  # somebody's own choice
    lab.state.data.source = CLICKS
    assert lab.state.penalties.to_dict() == usual | {"latent": 0.05}
