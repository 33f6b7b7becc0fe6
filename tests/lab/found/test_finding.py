"""The finding: likelihoods of the same sessions side by side, and a sentence that says no more than they."""

import html

import pytest
from half_runs import half_run, part_of

from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.engine.course import AT_WORK, Course, HeldNetwork
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.explanation import Explained, Explanation
from cogrnn_lab.lab.engine.worth import BEGIN, Mark, Worth, sentence, worth
from cogrnn_lab.lab.panels.finding import _bars

CALL = "<img src=x onerror=window.hit=1>"


def run(step: int = 300, held_out: bool = True, **curve):
    shown = Curve(step=[step] if step else [])
    for name, value in curve.items():
        setattr(shown, name, value)
    return half_run(
        curve=shown, trainer=HeldNetwork(None, 7), explanation=Explanation(), course=Course(),
        held_out=part_of(Dataset) if held_out else None,
    )  # fmt: skip


def test_before_training_it_says_how_to_begin():
    assert sentence(run(step=0, chance=0.5)) == BEGIN


def test_while_a_first_discovery_runs_it_says_what_runs():
    """It said that nothing is learned yet, and how to begin."""
    one = run(step=0, chance=0.5)
    one.course = Course(state=AT_WORK, now="penalty path: warm-up, step 200")
    assert sentence(one).startswith("A discovery is going on (penalty path: warm-up, step 200).")


def test_the_network_is_told_beside_what_is_next_to_it():
    one = run(
        chance=0.5, stay=0.56, reference=("generating agent", 0.5929), classical=("Q-learning", 0.5910),
        fitted=["Q-learning"], valid_likelihood=[0.55, 0.5878],
    )  # fmt: skip
    said = sentence(one)
    assert "After 300 steps the network's likelihood of held-out sessions is 0.5878" in said
    assert "above chance (0.5000) and stay (0.5600)" in said
    assert "below Q-learning (best so far) (0.5910) and generating agent (0.5929)" in said
    assert [mark.name for mark in worth(one).marks] == [
        "chance", "stay", "this network", "Q-learning (best so far)", "generating agent",
    ]  # fmt: skip


def test_what_is_alike_is_neither_above_nor_below():
    said = sentence(
        run(chance=0.5, stay=0.60001, reference=("stay baseline", 0.60001), valid_likelihood=[0.6])
    )
    assert "as high as stay (0.6000)" in said
    assert "below" not in said


def test_without_held_out_sessions_nothing_is_said_of_worth():
    one = run(held_out=False, chance=0.5, likelihood=[0.9], valid_likelihood=[])
    assert "nothing tells what the network is worth" in sentence(one)
    assert worth(one).network is None


def test_equations_are_told_with_the_step_that_they_are_of():
    one = run(chance=0.5, valid_likelihood=[0.58])
    one.explanation.found = Explained(200, None, "", 0.59, 0.58)
    assert worth(one).marks[-1].name == "equations of step 200"
    one.explanation.found = Explained(200, None, "", float("nan"), 0.58)
    assert len(worth(one).marks) == 2, "what is no number has no bar"


def test_bars_go_from_the_lowest_to_the_highest_and_names_are_text():
    marks = Mark(CALL, 0.5), Mark("b", 0.55), Mark("network", 0.6, "network", 0.58, 0.7)
    shown = _bars(Worth(marks, f"sessions {CALL}"))
    assert CALL not in shown
    assert html.escape(CALL) in shown
    assert "width:0.00%" in shown
    assert "width:50.00%" in shown, "the network, between 0.5 and the end of its interval"
    assert "left:40.00%;width:60.00%" in shown
    assert "0.5800 to 0.7000" in shown
    assert _bars(Worth(marks[:1], "")) == "", "one alone is compared with nothing"
    exact = Mark("chance", 0.5, low=0.5, high=0.5)
    assert "0.5000 to 0.5000" not in _bars(Worth((exact, marks[2]), "")), "what is exact has no interval"


@pytest.mark.parametrize("chunks", [0, 8])
def test_the_panel_shows_it_while_it_trains(lab, train, clock, chunks):
    train(lab, chunks)
    clock.now += 1.0
    lab.pause()
    panel = lab.display["finding"]
    assert html.escape(sentence(lab.runner.run), quote=True) in panel.words.value
    assert ("this network" in panel.bars.value) == bool(chunks)
    assert "stay" in panel.bars.value
    assert "generating agent" in panel.bars.value
