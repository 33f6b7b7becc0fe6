"""A source without data is a state of its own: Train is off, and nothing trains the data of before."""

import pandas as pd
import pytest

from cogrnn_lab.lab.settings.state import PUBLISHED, SIMULATED, TABLE

GOOD = pd.DataFrame(
    {"session": [k for k in range(8) for _ in range(12)], "choice": [0, 1] * 48, "reward": [1, 0, 1] * 32}
)
REFUSED = {
    "empty": b"",
    "a picture": b"\x89PNG\r\n\x1a\n0000",
    "one column": b"choice\n0\n1\n",
    "one choice": b"session,choice,reward\n1,0,1\n1,0,0\n",
    "words as rewards": b"session,choice,reward\n1,0,yes\n1,1,0\n",
    "no column of choices": b"session,a,reward\n1,0,1\n1,1,0\n",
}


def csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def assert_nothing_trains(lab) -> None:
    assert lab.run_state == "empty"
    assert lab.top.train.disabled
    assert lab.top.step.disabled
    before = lab.trainer.step_count
    lab.train()
    lab.step(3)
    lab.runner.drive.turn(3)
    assert lab.trainer.step_count == before
    assert "Nothing to train" in lab.top.message.value
    assert "cog-of-before" in lab.display.widget._dom_classes, "its figures are pale"


@pytest.mark.parametrize("content", REFUSED.values(), ids=list(REFUSED))
def test_after_a_refused_upload_nothing_trains(lab, content):
    lab.upload("new.csv", content)
    assert "Nothing to train on" in lab.top.message.value
    assert "cog-status-error" in lab.top.message.value
    assert_nothing_trains(lab)
    assert lab.data_controls.summary.value == "no data; the figures are of the run before"
    assert lab.state.data.source == TABLE
    lab.upload("good.csv", csv(GOOD))
    assert lab.run_state == "ready", lab.top.message.value
    assert not lab.top.train.disabled
    assert "cog-of-before" not in lab.display.widget._dom_classes
    assert lab.dataset.n_sessions == 8
    assert lab.data_controls.file.value == "good.csv"


@pytest.mark.parametrize("content", REFUSED.values(), ids=list(REFUSED))
def test_an_earlier_table_is_not_trained_under_the_name_of_a_refused_one(lab, train, content):
    lab.upload("good.csv", csv(GOOD))
    train(lab, 2)
    lab.upload("new.csv", content)
    assert_nothing_trains(lab)
    assert lab.data_controls.file.value != "good.csv"


def test_training_stops_when_a_file_is_refused(lab, train):
    train(lab, 2)
    lab.upload("new.csv", b"")
    step = lab.trainer.step_count
    lab.runner.drive.turn(3)
    assert lab.trainer.step_count == step
    assert "Nothing to train on" in lab.top.message.value, "Paused does not cover it"


@pytest.mark.parametrize("source", [TABLE, PUBLISHED])
def test_a_source_that_nothing_was_got_of_has_nothing_to_train_on(lab, source):
    lab.state.data.source = source
    assert "Nothing to train on yet" in lab.top.message.value
    assert_nothing_trains(lab)
    lab.state.data.source = SIMULATED
    assert lab.run_state == "ready"
    assert not lab.top.train.disabled
    assert "trials" in lab.data_controls.summary.value


def test_settings_that_no_run_can_be_made_of_train_nothing_until_they_are_mended(lab):
    lab.state.data.set_quietly(n_subjects=3, varied="gain")
    assert "no parameter" in lab.top.message.value
    assert_nothing_trains(lab)
    lab.state.data.varied = "learning_rate"
    assert lab.run_state == "ready"
    assert not lab.top.train.disabled


def test_a_wrong_column_is_told_and_does_no_harm_to_later_uploads(lab):
    lab.upload("good.csv", csv(GOOD))
    lab.state.data.table.choice = "nope"
    assert "no column &quot;nope&quot;" in lab.top.message.value
    assert "nope (no such column)" in dict(lab.data_controls.pickers["choice"].options)
    assert_nothing_trains(lab)
    for _ in range(2):
        lab.upload("good.csv", csv(GOOD))
        assert lab.run_state == "ready", lab.top.message.value
    lab._take_table(lab._supply.table, dict.fromkeys(lab.data_controls.pickers, "gone"))  # as a saved run may
    for _ in range(2):
        lab.upload("good.csv", csv(GOOD))
        assert "list.remove" not in lab.top.message.value
        assert lab.run_state == "ready", lab.top.message.value
        assert lab.data_controls.pickers["choice"].value == "choice"


def test_a_run_saved_with_columns_of_a_table_of_before_is_opened(lab, make_lab):
    lab.upload("good.csv", csv(GOOD))
    lab.state.data.source = SIMULATED
    lab.save("later")
    other = make_lab()
    other.load("later")
    assert other.run_state == "ready", other.top.message.value
    assert other.state.data.source == SIMULATED
