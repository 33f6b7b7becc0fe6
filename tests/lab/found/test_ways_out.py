"""Sentences that advise come with a button, which sets what they advise and trains with it."""

from types import SimpleNamespace

import pytest
from half_runs import half_run

from cogrnn_lab.lab.engine import runner
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.status_sentences import status_sentence, too_dear
from cogrnn_lab.lab.engine.ways_out import WayOut, way_out, way_out_of
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.training import Penalties, TrainingDiverged

GROUPS = ("latent", "update_input", "update_latent", "choice_latent")


def run_of(curve: Curve, *, held_out: object = True, phase: str = "penalized", latent: float = 0.1):
    trainer = SimpleNamespace(
        model=SimpleNamespace(groups=GROUPS), penalties=Penalties(latent=latent), finished=False, phase=phase
    )
    return half_run(curve=curve, held_out=held_out, curriculum=None, trainer=trainer)


@pytest.fixture(autouse=True)
def _open(monkeypatch):
    """Channels that are open, unless a test says otherwise."""
    for module in ("ways_out", "status_sentences"):
        monkeypatch.setattr(f"cogrnn_lab.lab.engine.{module}.shut_out", lambda run: "")


FELL = Curve(
    step=[100, 200], likelihood=[0.59, 0.55], scored_step=[100, 200], valid_likelihood=[0.585, 0.552]
)


def test_a_price_that_costs_likelihood_is_told_with_what_it_was_before():
    """Only closed channels were told: penalties that halved what was learned ended with a plain Done."""
    told = status_sentence(runner.FINISHED, run_of(FELL))
    assert told.startswith("Done, but the penalties cost 0.0330 of the held-out likelihood: it is 0.5520")
    assert "was 0.5850 at step 100" in told
    assert too_dear(run_of(FELL, latent=0.0)) == "", "without a penalty nothing has a price"
    learned = Curve(
        step=[100, 200], likelihood=[0.59, 0.70], scored_step=[100, 200], valid_likelihood=[0.585, 0.552]
    )
    assert too_dear(run_of(learned)) == "", "what is learned by heart is no matter of the price"
    little = Curve(
        step=[100, 200], likelihood=[0.59, 0.58], scored_step=[100, 200], valid_likelihood=[0.585, 0.581]
    )
    assert too_dear(run_of(little)) == ""


def test_its_button_sets_the_usual_price_or_a_third_of_one_that_is_lower():
    state = LabState()
    usual = {name: getattr(state.penalties, name) for name in GROUPS}
    state.penalties.latent = 0.2
    way = way_out(runner.FINISHED, run_of(FELL), state)
    assert way == WayOut("Set the usual penalties and start anew", {"penalties": usual})
    state.penalties.latent = usual["latent"]
    lower = way_out(runner.FINISHED, run_of(FELL), state)
    assert lower is not None
    assert lower.words == "Lower the penalties to a third and start anew"
    assert lower.settings["penalties"]["latent"] == pytest.approx(usual["latent"] / 3, rel=0.02)
    assert way_out(runner.PAUSED, run_of(FELL), state) is None


def test_what_was_learned_by_heart_and_too_little_have_their_buttons():
    state = LabState()
    by_heart = Curve(likelihood=[0.75], valid_likelihood=[0.52], stay=0.70)
    way = way_out(runner.FINISHED, run_of(by_heart), state)
    assert way is not None
    assert way.words == "Raise the penalties threefold, halve the steps and start anew"
    assert way.settings["training"]["steps"] == state.training.steps // 2
    assert way.settings["penalties"]["latent"] == pytest.approx(3 * state.penalties.latent)
    little = Curve(likelihood=[0.53], valid_likelihood=[0.52], stay=0.70)
    more = way_out(runner.FINISHED, run_of(little), state)
    assert more is not None
    assert (more.settings, more.afresh) == ({"training": {"steps": 2 * state.training.steps}}, False)


@pytest.mark.parametrize(("phase", "name"), [("warm-up", "warmup_rate"), ("penalized", "learning_rate")])
def test_training_that_diverged_goes_on_with_a_lower_rate(phase, name):
    error = TrainingDiverged(12, float("nan"), 0.3, None)
    way = way_out_of(error, run_of(Curve(), phase=phase))
    assert way == WayOut("Set the learning rate to 0.1 and go on", {"training": {name: 0.1}}, afresh=False)
    assert way_out_of(ValueError("else"), run_of(Curve())) is None


def test_the_button_is_there_with_its_sentence_sets_and_trains(lab, monkeypatch):
    assert lab.top.way.description == ""
    advised = WayOut("Do that", {"penalties": {"latent": 0.5}, "training": {"steps": 7}})
    monkeypatch.setattr("cogrnn_lab.lab.app.way_out", lambda *_: advised)
    lab.status_changed(runner.PAUSED)
    assert lab.top.way.description == "Do that"
    before = lab.runner.run_id
    monkeypatch.setattr("cogrnn_lab.lab.app.way_out", lambda *_: None)
    lab.top.way.click()
    assert (lab.state.penalties.latent, lab.state.training.steps) == (0.5, 7)
    assert lab.runner.run_id > before
    lab.runner.drive.turn()
    assert lab.trainer.step_count > 0
    assert lab.top.way.description == "", "the next sentence has no button"
