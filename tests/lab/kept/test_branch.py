"""Earlier steps in all figures, and training on from them: both curves stay, without another warm-up."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.engine.branch import KEPT_STEPS, Branch
from cogrnn_lab.lab.engine.curve import Curve


@pytest.fixture
def trained(make_lab, small_state, train):
    """A lab with two kept steps behind it."""
    state = small_state()
    state.training.set_quietly(warmup_steps=40, steps=40)
    lab = make_lab(state=state)
    lab.runner.drive.chunk_seconds = 0.1
    train(lab, 40)
    assert lab.trainer.step_count == 80
    return lab


def test_kept_steps_grow_apart_as_a_run_grows_long():
    assert KEPT_STEPS[:3] == (0, 50, 100)
    assert len(KEPT_STEPS) < 150
    assert list(KEPT_STEPS) == sorted(set(KEPT_STEPS))


def test_an_earlier_step_is_shown_in_all_figures(trained):
    moments = trained.display["learning"].moments
    assert moments.steps == [0, 50]
    moments.slider.value = -1
    assert trained.state.view.step == 50
    kept = trained.trainer.kept[50]
    own = cl.bottlenecks(kept).latent_openness
    np.testing.assert_allclose(trained.display["bottlenecks"].result.latent_openness, own, atol=1e-6)
    assert "step 50" in moments.shown.value
    moments.now.click()
    assert trained.state.view.step == -1
    assert moments.slider.value == 0
    own = cl.bottlenecks(trained.model).latent_openness
    np.testing.assert_allclose(trained.display["bottlenecks"].result.latent_openness, own, atol=1e-6)


def test_the_slider_stays_where_it_is_while_steps_come_in(make_lab, small_state, train):
    """A page that answers late with an older value would else pick an earlier step."""
    state = small_state()
    state.training.set_quietly(warmup_steps=60, steps=60)
    lab = make_lab(state=state)
    lab.runner.drive.chunk_seconds = 0.1
    moments, moved = lab.display["learning"].moments, []
    moments.slider.observe(moved.append, "value")
    train(lab, 60)
    assert moments.steps == [0, 50, 100]
    assert moved == []


def test_training_on_from_a_step_keeps_both_curves(trained, train):
    before = trained.runner.run
    trained.state.view.step = 50
    trained.state.penalties.latent = 0.5
    trained.display["learning"].moments.branch.click()
    run = trained.runner.run
    assert run is not before
    assert "It goes on from step 50" in trained.top.message.value
    assert trained.state.view.step == -1, "figures show what goes on"
    for ours, theirs in zip(
        cl.bottlenecks(run.trainer.model).latent_openness,
        cl.bottlenecks(before.trainer.kept[50]).latent_openness,
        strict=True,
    ):
        assert ours == theirs
    expected = float(cl.evaluate(before.trainer.kept[50], run.held_out).normalized_likelihood)
    assert run.curve.valid_likelihood == [pytest.approx(expected)]
    train(trained, 30)
    assert trained.trainer.step_count == 40, "no warm-up"
    assert {report.phase for report in trained.trainer.history} == {"penalized"}
    assert trained.trainer.penalties.latent == 0.5
    lines = trained.display["learning"].loss_lines
    np.testing.assert_allclose(lines["before"].x, before.curve.step)
    np.testing.assert_allclose(lines["before"].y, before.curve.loss)
    np.testing.assert_allclose(lines["loss"].x, np.add(50, run.curve.step))
    assert "before step 50" in trained.display["learning"].legend.value


def test_a_branch_pressed_while_a_chunk_trains_is_of_one_moment(trained, monkeypatch):
    """Network, step and curve were read one after the other, while the worker put in others."""
    before = trained.runner.run
    advance = before.trainer.advance

    def press(steps, **options):
        """What another thread does in the middle of a chunk."""
        monkeypatch.setattr(before.trainer, "advance", advance)
        trained.branch()
        return advance(steps, **options)

    trained.state.training.steps = 200
    trained.train()
    monkeypatch.setattr(before.trainer, "advance", press)
    trained.runner.drive.turn()
    run = trained.runner.run
    assert run is not before
    assert before.trainer.step_count > 80
    assert run.branch.step == before.trainer.step_count == before.curve.n_steps
    assert run.branch.words == f"step {before.trainer.step_count:,}"
    for ours, theirs in zip(
        jax.tree.leaves(run.trainer.model), jax.tree.leaves(before.trainer.model), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_a_branch_is_saved_with_the_curve_before_it(trained, make_lab, train):
    trained.state.view.step = 50
    trained.branch()
    train(trained, 2)
    trained.pause()
    trained.save("branch")
    other = make_lab()
    other.load("branch")
    run = other.runner.run
    assert run.branch == trained.runner.run.branch
    assert run.curve.before[0].loss == trained.runner.run.curve.before[0].loss
    assert run.curve.begins_at == 50
    train(other, 30)
    train(trained, 30)
    assert other.trainer.step_count == 40
    np.testing.assert_array_equal(other.run.losses, trained.run.losses)


def test_a_branch_of_a_given_network_is_opened_as_one(make_lab, small_state, train):
    """Its penalties were those of the network of the settings."""
    labs = [make_lab(state=small_state(), model=cl.GRU(2, 2, 3, key=0)) for _ in range(2)]
    train(labs[0], 5)
    labs[0].pause()
    labs[0].branch()
    train(labs[0], 2)
    labs[0].pause()
    labs[0].save("branch")
    labs[1].load("branch")
    run = labs[1].runner.run
    assert run.branch is not None
    assert isinstance(run.trainer.model, cl.GRU)
    assert run.penalty_names == labs[0].runner.run.penalty_names


def test_there_must_be_something_to_go_on_from(lab):
    run = lab.runner.run
    lab.branch()
    assert "no trained network to go on from" in lab.top.message.value
    assert lab.runner.run is run


def test_other_data_are_not_trained_on_by_a_branch(trained):
    run = trained.runner.run
    trained.state.data.n_trials = 20
    trained.branch()
    assert "settings of the data were changed" in trained.top.message.value
    assert trained.runner.run is run


def test_reset_goes_back_to_an_untrained_network(trained):
    trained.branch()
    assert trained.runner.run.branch.words == "step 80"
    trained.reset()
    assert trained.runner.run.branch is None
    assert trained.display["learning"].curve.before == ()


def test_a_curve_of_a_later_version_is_read():
    curve = Curve(step=[1, 2], loss=[0.7, 0.6], reference=("stay", 0.5))
    header = Branch("step 2", 2, None, (curve,)).to_header()
    header["curves"][0]["unknown"] = 1
    assert Branch.from_header(header).curves[0] == curve
