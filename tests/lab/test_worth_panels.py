"""The pruning curve and the advantage over another model in the lab, worked out beside training."""

import html

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.engine.advantage import N_RESAMPLES, rivals_of
from cogrnn_lab.lab.engine.pruning import N_BOOTSTRAP
from cogrnn_lab.lab.panels.worth.advantage import NONE, short
from cogrnn_lab.lab.settings.state import ADVANTAGE, PRUNING

PATIENCE = 120.0
AGENT = cl.QLearning(learning_rate=0.3, inverse_temperature=3.0)


@pytest.fixture(scope="module")
def lab(lab_in_tab):
    return lab_in_tab(PRUNING)


def worked_out(lab, name):
    panel = lab.display[name]
    panel.aside.now()
    panel.aside.wait(PATIENCE)
    lab.runner.drive.wake()
    return panel


def test_the_pruning_curve_is_that_of_the_analysis_and_is_told_in_words(lab):
    lab.state.view.tab = PRUNING
    panel, run = worked_out(lab, "pruning"), lab.runner.run
    curve = cl.pruning_curve(lab.model, run.train, run.held_out, n_bootstrap=N_BOOTSTRAP)
    np.testing.assert_allclose(panel.falling.points.y, curve.likelihood, rtol=1e-6)
    np.testing.assert_array_equal(panel.falling.points.x, np.arange(len(curve.closed) + 1))
    np.testing.assert_allclose(panel.falling.bars.y[:2], curve.interval[0], rtol=1e-6)
    assert panel.falling.ring.x.tolist() == [curve.n_spare]
    np.testing.assert_allclose(panel.falling.level.y, 0.5)
    many = curve.n_spare or "None"
    assert f"{many} of {len(curve.closed)} channels" in panel.words.value
    assert f"likelihood of a choice {curve.likelihood[0]:.4f}" in panel.words.value
    assert f"{curve.likelihood[curve.n_spare]:.4f}" in panel.words.value
    costly = curve.closed[int(np.argmax(-np.diff(curve.likelihood)))]
    assert costly in panel.words.value
    assert panel.readout.value == f"6 held-out sessions · of step {lab.trainer.step_count}"
    panel.order.value = "bits"
    worked_out(lab, "pruning")
    assert panel.falling.x_axis.label == "channels closed, those of least bits first"
    assert 'order="bits"' in panel.code(run, lab.display.view)


def test_the_advantage_is_that_over_the_agent_by_what_came_before(lab):
    lab.state.view.tab = ADVANTAGE
    panel, run = worked_out(lab, "advantage"), lab.runner.run
    assert panel.rival.options == (("against the generating agent", "generating agent"),)
    for by in ("history", "run length"):
        panel.by.value = by
        worked_out(lab, "advantage")
        found = cl.likelihood_advantage(run.held_out, lab.model, AGENT, by=by, n_resamples=N_RESAMPLES)
        rows = found.table if by == "history" else found.table.sort_values("n", ascending=False)
        shown = [plot.points[0].y for plot in (panel.parts, panel.each)]
        for y, column in zip(shown, ("contribution", "advantage"), strict=True):
            np.testing.assert_allclose(sorted(y), sorted(rows[column]), atol=1e-7)
        assert f"{found.total:+.4f} nats per choice" in panel.words.value
        assert f"{rows['history'].iloc[0]} " in panel.words.value or by != "history"
    ticks = list(panel.parts.x_axis.tick_labels.values())
    assert ticks[:3] == ["–", "1", "2"], "runs stand in their order"
    assert 'by="run length"' in panel.code(run, lab.display.view)
    assert "classical models" in html.unescape(panel.words.value), "what else it can be compared with"


def test_it_is_marked_once_training_has_gone_on(lab):
    panel = lab.display["advantage"]
    lab.state.view.tab = ADVANTAGE
    step = lab.trainer.step_count
    lab.step()
    lab.runner.drive.turn()
    assert f"of step {step}, the network is at {step + 1}" in panel.readout.value


def test_without_another_model_it_says_how_to_get_one(make_lab):
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=6, n_trials=30)
    lab = make_lab(dataset=data)
    lab.state.view.tab = ADVANTAGE
    panel, run = lab.display["advantage"], lab.runner.run
    assert html.unescape(panel.words.value) == NONE
    assert panel.body.children == ()
    assert panel.code(run, lab.display.view) == ""
    run.best_fit = ("Q-learning", cl.fit_agent(cl.QLearning(), run.train))
    code = 'cl.fit_agent(cl.classical_models(train)["Q-learning"], train, by="subject")'
    assert rivals_of(run, -1) == {"Q-learning": (run.best_fit[1], code)}
    assert "Q-learning" in cl.classical_models(run.train)
    lab.display.mark_concerned("classical")
    lab.runner.drive.wake()
    worked_out(lab, "advantage")
    assert "Q-learning is " in panel.words.value


def test_histories_have_short_names_that_can_be_told_apart():
    said = {
        "won, lost": "WL",
        "won elsewhere, lost": "W′L",
        "lost elsewhere, won": "L′W",
        "no known past": "–",
    }
    assert {name: short(name, "history") for name in said} == said
    runs = ("3 in a row", "8 or more", "no known past")
    assert [short(name, "run length") for name in runs] == ["3", "8+", "–"]
    assert short("fifth 2 of the session", "position") == "2"
