"""A visit that is lost: its run is kept every minute, and the next visit offers it."""

import errno

import numpy as np

from cogrnn_lab.lab.engine.kept.storage import RunFolder


def train_for_minutes(lab, clock, minutes: float, chunks: int = 3) -> None:
    lab.train()
    for _ in range(chunks):
        lab.runner.drive.turn()
        clock.now += 60 * minutes / chunks
    lab.runner.drive.turn()


def lost(lab) -> None:
    """What the end of its process does."""
    lab.visit._claims.close()


def test_a_lost_visit_is_offered_and_goes_on_to_the_bit(lab, make_lab, train, clock, tmp_path):
    train(lab, 2)
    assert lab.folder.names() == [], "a visit of seconds is not kept"
    train_for_minutes(lab, clock, 1.1)
    assert lab.folder.names() == ["last visit"]
    step = lab.folder.open("last visit").header["step"]
    assert 0 < step <= lab.trainer.step_count
    train_for_minutes(lab, clock, 0.3)
    assert lab.folder.open("last visit").header["step"] == step, "once a minute"
    lab.pause()
    lab.runner.drive.turn()
    step = lab.trainer.step_count
    assert lab.folder.open("last visit").header["step"] == step, "and at rest"
    train(lab, 3)
    lost(lab)

    other = make_lab()
    assert "The last visit is kept: Load opens &quot;last visit&quot;" in other.top.message.value
    assert other.storage.saved.value == "last visit"
    other.storage.load.click()
    assert other.trainer.step_count == step
    train(other, lab.trainer.step_count - step)
    np.testing.assert_array_equal(other.run.losses, lab.run.losses)


def test_a_visit_under_way_is_neither_offered_nor_written_over(lab, make_lab, clock):
    train_for_minutes(lab, clock, 1.2)
    other = make_lab()
    assert "last visit is kept" not in other.top.message.value
    train_for_minutes(other, clock, 1.2)
    assert sorted(other.folder.names()) == ["last visit", "last visit 2"]


def test_what_a_visit_before_left_is_moved_and_not_lost(lab, make_lab, clock):
    train_for_minutes(lab, clock, 1.2)
    step = lab.folder.open("last visit").header["step"]
    lost(lab)
    other = make_lab()
    train_for_minutes(other, clock, 1.2, chunks=1)
    assert sorted(other.folder.names()) == ["last visit", "last visit before"]
    assert other.folder.open("last visit before").header["step"] == step


def test_a_network_that_cannot_be_written_down_is_told_once_and_figures_go_on(lab, clock, monkeypatch):
    """It was an error after a minute of training, at every chunk from then on, and nothing was drawn."""

    def unknown(*_):
        raise TypeError("Mine has no field for its argument gain")

    monkeypatch.setattr(RunFolder, "save", unknown)
    train_for_minutes(lab, clock, 1.2)
    assert "could not be kept" in lab.top.message.value
    assert "no field for its argument gain); training goes on" in lab.top.message.value
    drawn = len(lab.display["learning"].loss_lines["loss"].x)
    train_for_minutes(lab, clock, 0.3)
    assert len(lab.display["learning"].loss_lines["loss"].x) > drawn


def test_a_full_disk_is_told_once_and_training_goes_on(lab, clock, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "save", full)
        train_for_minutes(lab, clock, 1.2)
        assert "could not be kept" in lab.top.message.value
        assert "No space left on device); training goes on" in lab.top.message.value
        before = lab.trainer.step_count
        train_for_minutes(lab, clock, 1.2)
    assert lab.trainer.step_count > before
    train_for_minutes(lab, clock, 1.2)
    assert lab.folder.names() == ["last visit"]
