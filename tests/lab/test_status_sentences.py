"""What the lab says when training is done."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from half_runs import half_run, part_of

from cogrnn_lab.analysis import Bottlenecks
from cogrnn_lab.analysis.scoring.baseline import STAY
from cogrnn_lab.lab.engine import runner, status_sentences
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.status_sentences import caution, shut_out, status_sentence


@pytest.mark.parametrize(
    ("training", "held_out", "reference", "said"),
    [
        (
            0.75,
            0.52,
            (STAY, 0.70),
            "it knows its own sessions by heart. Raise the penalties and train for fewer steps",
        ),
        (0.53, 0.52, (STAY, 0.70), "it has learned too little. Train for more steps, or lower the penalties"),
        (0.75, 0.71, (STAY, 0.70), ""),
        (0.75, 0.70, (STAY, 0.70), ""),  # a tie is no defeat
        (0.75, 0.52, ("generating agent", 0.70), ""),  # no network beats that one
        (0.75, 0.52, None, ""),
    ],
)
def test_a_run_that_a_baseline_beats_is_told_with_what_to_do(training, held_out, reference, said):
    told = caution(Curve(likelihood=[training], valid_likelihood=[held_out], reference=reference))
    better = "Done, but the stay baseline predicts the held-out sessions better"
    assert told == (f"{better}: {said}; Reset starts anew." if said else "")


def test_a_baseline_that_beats_it_is_told_beside_the_agent_of_simulated_data():
    """Of simulated data the reference is the agent, and nothing was said."""
    curve = Curve(likelihood=[0.53], valid_likelihood=[0.52], reference=("generating agent", 0.75), stay=0.70)
    assert caution(curve).startswith("Done, but the stay baseline predicts the held-out sessions better")
    curve.valid_likelihood = [0.71]
    assert caution(curve) == ""


def test_without_held_out_sessions_nothing_is_compared():
    assert caution(Curve(likelihood=[0.6], reference=(STAY, 0.7))) == ""


def test_penalties_that_closed_every_channel_are_told_with_what_they_cost(make_lab, clock):
    lab = make_lab()
    lab.state.training.set_quietly(warmup_steps=30, steps=250, learning_rate=0.05)
    lab.state.penalties.set_quietly(latent=1.0, update_input=1.0, update_latent=1.0, choice_latent=1.0)
    lab.train()
    lab.runner.drive.chunk_seconds = 10.0  # as many steps a chunk as there may be
    for _ in range(20):
        clock.now += 2.0
        lab.runner.drive.turn()
    assert lab.run_state == "finished"
    bottlenecks = lab.display.view.bottlenecks
    assert max(group.openness.max() for group in bottlenecks.groups.values()) < 0.1, "all are closed"
    told, curve = lab.top.message.value, lab.runner.run.curve
    assert "the penalties closed every channel" in told
    assert "raise the training steps" not in told
    assert f"held-out likelihood is {curve.valid_likelihood[-1]:.4f}" in told
    curve.scored_step.insert(0, 5)
    curve.valid_likelihood.insert(0, 0.9)
    assert "(it was 0.9000 at step 5, before)" in shut_out(lab.runner.run)


def test_without_penalties_nothing_is_said_of_them(lab, train):
    train(lab, 20)
    assert lab.run_state == "finished"
    assert "the penalties closed" not in lab.top.message.value


GO_ON = "Done. To go on, raise the training steps and press Train; Reset starts anew."
CLOSED = "Done, but the penalties closed every channel: nothing of the past reaches the choice any more"
ADVICE = ". Lower the penalties (β for all) and press Reset to start anew."


def run_of(curve: Curve, *, penalty: float = 0.0, on_task: bool = False, passed: bool = False) -> Any:
    """What the sentences read of a run, with one group of bottlenecks."""
    trainer = SimpleNamespace(
        finished=passed,
        model=SimpleNamespace(groups=("latent",)),
        penalties=SimpleNamespace(as_dict=lambda: {"latent": penalty, "l2": 1.0}),
    )
    held_out = object() if curve.valid_likelihood else None
    return half_run(trainer=trainer, curve=curve, held_out=held_out, curriculum=object() if on_task else None)


@pytest.fixture
def openness(monkeypatch):
    """Sets how open all channels are that the sentences are about."""

    def put(value: float) -> None:
        names = ("latent", "update_input", "choice_latent")
        groups = {name: SimpleNamespace(openness=np.full((2, 1), value)) for name in names}
        monkeypatch.setattr(
            status_sentences, "bottlenecks", lambda model: part_of(Bottlenecks, groups=groups)
        )

    return put


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (runner.PREPARING, "Preparing …"),
        (runner.READY, "Ready: press Train."),
        (runner.PAUSED, "Paused."),
        (runner.TRAINING, "Training. Move a penalty and watch what closes."),
        (runner.FINISHED, GO_ON),
        ("no status at all", ""),
    ],
)
def test_each_status_has_its_sentence_also_without_a_run(status, said):
    assert status_sentence(status, None) == said


def test_a_task_is_trained_on_fresh_trials_until_the_last_stage_is_passed():
    passed = run_of(Curve(), on_task=True, passed=True)
    assert status_sentence(runner.TRAINING, passed) == "Training on fresh trials."
    assert status_sentence(runner.FINISHED, passed) == "Done: the last stage is passed. Reset starts anew."
    assert status_sentence(runner.FINISHED, run_of(Curve(), on_task=True)) == GO_ON
    assert status_sentence(runner.TRAINING, run_of(Curve())).startswith("Training. Move")


def test_closed_channels_are_told_before_a_baseline_that_is_better(openness):
    curve = Curve(likelihood=[0.5], scored_step=[1], valid_likelihood=[0.5], reference=(STAY, 0.7))
    openness(0.05)
    told = status_sentence(runner.FINISHED, run_of(curve, penalty=0.1))
    assert told == f"{CLOSED}, and the held-out likelihood is 0.5000{ADVICE}"
    openness(0.2)
    told = status_sentence(runner.FINISHED, run_of(curve, penalty=0.1))
    assert told == caution(curve) != ""


def test_the_cost_of_closing_is_that_of_the_training_sessions_where_none_are_held_out(openness):
    openness(0.0)
    curve = Curve(step=[10, 1200, 1300], likelihood=[0.6, 0.7, 0.5])
    told = shut_out(run_of(curve, penalty=0.1))
    cost = ", and the training likelihood is 0.5000 (it was 0.7000 at step 1,200, before)"
    assert told == CLOSED + cost + ADVICE
    curve.of_choices = False  # the training loss is of signals too: it tells no likelihood
    assert shut_out(run_of(curve, penalty=0.1)) == CLOSED + ADVICE


def test_channels_that_are_closed_without_a_penalty_on_them_are_no_fault_of_penalties(openness):
    openness(0.0)
    assert shut_out(run_of(Curve(step=[1], likelihood=[0.5]))) == "", "l2 closes no bottleneck"


def test_a_loss_of_signals_does_not_tell_that_sessions_are_known_by_heart():
    curve = Curve(likelihood=[0.9], valid_likelihood=[0.5], reference=(STAY, 0.7), of_choices=False)
    assert "it has learned too little" in caution(curve)
