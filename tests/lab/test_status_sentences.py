"""What the lab says when training is done."""

import pytest

from cogrnn_lab.analysis.scoring.baseline import STAY
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.status_sentences import caution, shut_out


@pytest.mark.parametrize(
    ("training", "held_out", "reference", "said"),
    [
        (0.75, 0.52, (STAY, 0.70), "it knows its own sessions by heart. Raise the penalties"),
        (0.53, 0.52, (STAY, 0.70), "it has learned too little"),
        (0.75, 0.71, (STAY, 0.70), ""),
        (0.75, 0.52, ("generating agent", 0.70), ""),  # no network beats that one
        (0.75, 0.52, None, ""),
    ],
)
def test_a_run_that_a_baseline_beats_is_told_with_what_to_do(training, held_out, reference, said):
    told = caution(Curve(likelihood=[training], valid_likelihood=[held_out], reference=reference))
    assert said in told if said else told == ""
    assert bool(said) == told.startswith("Done, but the stay baseline predicts the held-out sessions better")


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
