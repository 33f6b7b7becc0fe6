"""Train, pause, step, reset: what they do to the run, the figures and the status line."""

from typing import Any

import numpy as np
import pytest


def test_a_lab_is_ready_with_everything_drawn(lab):
    assert "Ready" in lab.top.message.value
    assert lab.dataset.n_sessions == 12
    assert lab.model.n_latents == 3
    assert lab.display.bottlenecks.matrices["latent"].mark.color.shape == (3, 1)
    assert lab.display.bottlenecks.matrices["update_input"].mark.color.shape == (3, 2)
    assert len(lab.display.update_rules.lines) == 4
    assert lab.display.trajectories.lines.y.shape == (3, 30)


def test_training_moves_the_curve_and_ends(lab, train):
    train(lab, 30)
    assert lab.run_state == "finished"
    assert lab.trainer.step_count == 16
    lines = lab.display.learning.loss_lines
    assert lines["loss"].x[-1] == 16
    assert np.isfinite(lines["loss"].y).all()
    assert lab.runner.run.curve.boundary == 6, "the penalties set in after the warm-up"
    assert [report.phase for report in lab.trainer.history][-1] == "penalized"
    assert lab.display.learning.likelihood_lines["valid_likelihood"].y[-1] == pytest.approx(
        lab.trainer.history[-1].valid_likelihood
    )


def test_the_warm_up_has_no_penalties_and_no_noise(lab, train):
    train(lab, 1)
    first = lab.trainer.history[0]
    assert first.phase == "warm-up"
    assert first.noise == 0
    assert first.penalties.latent == 0


def test_pause_and_go_on(lab, train):
    train(lab, 1)
    lab.pause()
    steps = lab.trainer.step_count
    lab.runner.drive.turn(3)
    assert lab.run_state == "paused"
    assert lab.trainer.step_count == steps
    assert lab.top.train.disabled is False
    assert lab.top.pause.disabled is True
    train(lab, 30)
    assert lab.run_state == "finished"


def test_buttons_are_the_python_methods(lab):
    lab.top.train.click()
    assert lab.top.train.disabled
    assert not lab.top.pause.disabled
    lab.top.pause.click()
    assert not lab.top.train.disabled
    lab.top.step.click()
    lab.runner.drive.turn()
    assert lab.trainer.step_count == 1
    assert lab.run_state == "paused"


def test_a_slider_moved_while_training_acts_in_the_next_chunk_and_leaves_a_mark(lab, train, clock):
    lab.state.training.warmup_steps = 0
    train(lab, 2)
    before = lab.trainer.step_count
    slider = lab.penalty_controls.sliders["latent"]
    slider.slider.value = slider.position(0.1)
    clock.now += 0.2
    lab.runner.drive.turn()
    assert lab.trainer.history[-1].penalties.latent == pytest.approx(0.1)
    assert lab.trainer.history[-1].loss > lab.trainer.history[-2].loss
    assert lab.runner.run.curve.marks == [before]
    assert before in lab.display.learning.loss_lines["marks"].x


def test_moving_a_slider_never_recompiles(lab, train):
    from cogrnn_lab.training import steps

    train_chunk: Any = steps.train_chunk

    lab.state.training.warmup_steps = 0
    train(lab, 2)
    compiled = train_chunk._cache_size()
    lab.state.penalties.latent = 0.3
    lab.state.penalties.noise = 0.5
    lab.state.training.learning_rate = 2e-3
    lab.runner.drive.turn(2)
    assert lab.trainer.history[-1].noise == 0.5
    assert lab.trainer.history[-1].learning_rate == 2e-3
    assert train_chunk._cache_size() == compiled


def test_reset_makes_another_run(lab, train):
    train(lab, 3)
    old, old_id = lab.trainer, lab.runner.run_id
    lab.reset()
    assert lab.runner.run_id == old_id + 1
    assert lab.trainer is not old
    assert lab.trainer.step_count == 0
    assert lab.run_state == "ready"
    assert lab.runner.run.curve.step == []


def test_a_stale_order_does_nothing(lab):
    built = []
    lab.runner.drive._busy = True  # orders pile up, as they do while a worker is compiling
    lab.runner.prepare(lambda run_id: built.append(run_id))
    lab.runner.prepare(lambda run_id: built.append(run_id) or lab._build(run_id))
    lab.runner.drive._busy = False
    lab.runner.drive.wake()
    assert built == [lab.runner.run_id]


def test_settings_before_training_make_a_new_run_at_once(lab):
    lab.state.model.parameters.n_latents = 2
    assert lab.model.n_latents == 2
    assert lab.display.bottlenecks.matrices["update_latent"].mark.color.shape == (2, 2)
    assert "parameters" in lab.model_controls.count.value


def test_settings_after_training_wait_for_reset(lab, train):
    train(lab, 2)
    lab.state.model.parameters.n_latents = 2
    assert lab.model.n_latents == 3
    assert "press Reset" in lab.top.message.value
    lab.reset()
    assert lab.model.n_latents == 2


def test_the_same_seed_gives_the_same_run(lab, train):
    train(lab, 30)
    losses = lab.run.losses
    lab.reset()
    train(lab, 30)
    np.testing.assert_array_equal(lab.run.losses, losses)


def test_a_wrong_setting_is_a_sentence_and_nothing_else(lab):
    trainer = lab.trainer
    lab.state.data.agent.parameters.learning_rate = 3.0
    assert "learning_rate = 3.0; expected 0 to 1" in lab.top.message.value
    assert "cog-status-error" in lab.top.message.value
    assert lab.trainer is trainer
    assert lab.run_state == "ready"
    assert "Traceback" in lab.top.traceback.value
    lab.state.data.agent.parameters.learning_rate = 0.4
    assert "Ready" in lab.top.message.value
    assert lab.trainer is not trainer


def test_an_exception_while_training_is_told_and_stops(lab, train, monkeypatch):
    train(lab, 1)
    model = lab.model

    def explode(*_, **__):
        raise RuntimeError("the loss is not a finite number")

    monkeypatch.setattr(lab.trainer, "advance", explode)
    lab.runner.drive.turn(2)
    assert "not a finite number" in lab.top.message.value
    assert lab.run_state == "paused"
    assert (np.asarray(lab.model.start) == np.asarray(model.start)).all()


def test_an_exception_in_a_figure_is_told_once(lab, monkeypatch):
    monkeypatch.setattr(lab.display, "_draw_choice_rule", lambda run: 1 / 0)
    lab.state.view.choice_map = True
    assert "ZeroDivisionError" in lab.top.message.value


def test_data_and_model_of_ones_own(make_lab):
    import jax

    import cogrnn_lab as cl

    dataset = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=3), n_sessions=6, n_trials=20)
    model = cl.DisRNN(dataset.n_inputs, 3, 2, update_width=3, update_depth=1, key=jax.random.key(1))
    lab = make_lab(dataset=dataset, model=model)
    assert lab.run_state == "ready"
    assert lab.dataset is dataset
    assert lab.model.n_latents == 2
    lab.state.view.choice_map = True
    assert len(lab.display.choice_rule.alternative.options) == 2


def test_close_ends_the_worker(tmp_path):
    from cogrnn_lab.lab.engine.drives import ThreadDrive

    turns = []
    drive = ThreadDrive()
    drive.start(lambda: bool(turns.append(1)))
    drive.wake()
    drive.close()
    assert not drive.is_alive


def test_colab_gets_the_cooperative_drive(monkeypatch):
    import sys

    from cogrnn_lab.lab.engine import drives

    assert isinstance(drives.choose_drive("auto"), drives.ThreadDrive)
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    assert isinstance(drives.choose_drive("auto"), drives.CooperativeDrive)
    with pytest.raises(ValueError, match="expected auto"):
        drives.choose_drive("threads")


def test_the_cooperative_drive_leaves_the_loop_free(run_async):
    import asyncio

    from cogrnn_lab.lab.engine.drives import CooperativeDrive

    done = []

    async def main():
        drive = CooperativeDrive(pause=0.0)
        drive.start(lambda: len(done) < 5 and not done.append("turn"))
        drive.wake()
        for _ in range(20):
            await asyncio.sleep(0)
            done.append("cell")

    run_async(main())
    first_turns = [i for i, what in enumerate(done) if what == "turn"]
    assert len(first_turns) >= 2
    assert done[first_turns[0] + 1 : first_turns[1]] == ["cell"]
