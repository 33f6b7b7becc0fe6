"""The learning curve of a run: which column takes what of a report."""

from types import SimpleNamespace

from cogrnn_lab.lab.engine.course import STOPPED
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.panels.learning import NOT_BEGUN, OF_DISCOVERY
from cogrnn_lab.training import StageCheck


def report(step: int, valid: float | None = None, checks: tuple = ()) -> SimpleNamespace:
    """A report with numbers that tell its columns apart."""
    return SimpleNamespace(
        step=step, loss=step + 0.1, task_loss=step + 0.2, likelihood=step + 0.3,
        valid_loss=valid, valid_likelihood=None if valid is None else valid / 10, checks=checks,
    )  # fmt: skip


def test_held_out_sessions_are_scored_only_in_chunks_that_did_so():
    curve = Curve()
    for one in (report(1), report(2, valid=0.5), report(3)):
        curve.add(one)
    assert (curve.step, curve.loss) == ([1, 2, 3], [1.1, 2.1, 3.1])
    assert (curve.task_loss, curve.likelihood) == ([1.2, 2.2, 3.2], [1.3, 2.3, 3.3])
    assert (curve.valid_step, curve.valid_loss) == ([2], [0.5])
    assert (curve.scored_step, curve.valid_likelihood) == ([2], [0.05])


def test_a_loss_of_signals_too_tells_no_likelihood():
    curve = Curve(of_choices=False)
    curve.add(report(1, valid=0.5))
    assert curve.valid_loss == [0.5]
    assert curve.valid_likelihood == []


def test_a_stage_is_marked_where_the_one_before_was_checked_last():
    curve = Curve(measure="accuracy")
    curve.add(report(50, checks=(StageCheck(25, 0, 0.6), StageCheck(50, 0, 0.95))))
    assert curve.marks == []
    curve.add(report(100, checks=(StageCheck(75, 1, 0.5), StageCheck(100, 1, 0.6))))
    assert curve.marks == [50]
    assert curve.stages == [0, 0, 1, 1]
    assert (curve.scored_step, curve.valid_likelihood) == ([25, 50, 75, 100], [0.6, 0.95, 0.5, 0.6])


def test_what_the_network_is_compared_with_goes_by_the_name_of_its_line():
    curve = Curve(reference=("generating agent", 0.7))
    assert curve.compared == {"reference": ("generating agent", 0.7), "classical": None}
    assert not curve.is_on_task
    assert Curve(measure="accuracy").is_on_task


def test_a_panel_without_a_curve_says_what_draws_one(lab, train):
    """After a discovery alone it was empty, without a word."""
    panel = lab.display["learning"]
    assert panel.words.value == NOT_BEGUN
    lab.runner.run.course.state = STOPPED
    lab.display.mark("learning")
    lab.runner.drive.wake()
    assert panel.words.value == OF_DISCOVERY
    train(lab, 2)
    assert panel.words.value == ""
