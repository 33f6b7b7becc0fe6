"""An uploaded table is read as a person says; of two readings both are shown, and nothing trains before."""

import io

import numpy as np
import pandas as pd
import pytest

from cogrnn_lab.data.reading.missed_codes import DoubtfulChoices
from cogrnn_lab.lab.controls.table import as_labels, as_words
from cogrnn_lab.lab.data.table import AS_IT_STANDS, ONE_SUBJECT, read_upload


def three_codes(**columns) -> pd.DataFrame:
    """Two people, three sessions each; -1 may be a side or a missed trial."""
    rng, rows = np.random.default_rng(0), 72
    frame = {
        "subjID": np.repeat(["ann", "bob"], rows // 2),
        "session": np.tile(np.repeat([1, 2, 3], 12), 2),
        "trial": np.tile(np.arange(12), 6),
        "choice": np.tile([0, 1, 1, 0, -1, 1], 12),
        "reward": rng.integers(0, 2, rows),
    }
    return pd.DataFrame(frame | columns)


def upload(lab, frame: pd.DataFrame) -> None:
    lab.upload("codes.csv", frame.to_csv(index=False).encode())


def test_nothing_trains_before_a_doubtful_code_is_decided(lab, train):
    controls = lab.data_controls.table
    assert controls.doubt.layout.display == "none"
    upload(lab, three_codes())
    assert lab.run_state == "empty"
    assert lab.top.train.disabled
    assert controls.doubt.layout.display == ""
    assert [way.description for way in controls.ways] == ["-1 is a missed trial", "-1 is a choice"]
    told = [row.children[1].value for row in controls.doubt.children[1:]]
    assert told == ["choices: 0 × 24, 1 × 36; 12 missed", "choices: -1 × 12, 0 × 24, 1 × 36"]
    step = lab.trainer.step_count
    lab.train()
    lab.runner.drive.turn(3)
    assert lab.trainer.step_count == step

    controls.ways[0].click()
    assert lab.run_state == "ready", lab.top.message.value
    assert lab.state.data.table.missed == ["-1"]
    assert controls.missed.value == "-1"
    assert controls.doubt.layout.display == "none"
    told = lab.data_controls.summary.value.split("<br>")
    assert told[:2] == [
        "2 subjects · 6 sessions · 12 trials each · 12 trials without a target",
        "choices: 0 × 24, 1 × 36; 12 missed trials",
    ]
    assert told[2].startswith("rewards: 0 to 1; ")
    assert "is a win" in told[2]
    train(lab, 2)
    assert lab.trainer.step_count > 0


def test_the_other_way_makes_it_a_choice_and_fields_say_the_same(lab):
    upload(lab, three_codes())
    controls = lab.data_controls.table
    controls.ways[1].click()
    assert lab.dataset.class_names == ("-1", "0", "1")
    controls.classes.value = "1, 0, -1"
    assert lab.dataset.class_names == ("1", "0", "-1")
    controls.classes.value = ""
    assert lab.run_state == "empty"
    controls.missed.value = "-1"
    assert lab.dataset.class_names == ("0", "1")
    upload(lab, three_codes())  # another table is asked about anew
    assert controls.missed.value == ""
    assert lab.run_state == "empty"


def test_rows_that_are_no_trials_do_not_hide_the_two_ways(lab):
    """Before, the error was remade as one that knows of no labels where rows had been left out."""
    frame = three_codes().astype({"choice": object, "reward": object})
    frame = frame.assign(trial_type="choice")
    screens = frame.head(2).assign(choice="", reward="", trial="", trial_type="instructions")
    upload(lab, pd.concat([screens, frame]))
    assert lab.data_controls.table.doubt.layout.display == "", lab.top.message.value
    lab.data_controls.table.ways[0].click()
    assert lab.run_state == "ready", lab.top.message.value
    assert "left out" in lab.data_controls.summary.value


def test_a_saved_run_keeps_how_its_table_was_read(lab, make_lab):
    upload(lab, three_codes())
    lab.data_controls.table.ways[0].click()
    lab.save("read")
    other = make_lab()
    other.load("read")
    assert other.run_state == "ready", other.top.message.value
    assert other.dataset.class_names == ("0", "1")
    assert other.data_controls.table.missed.value == "-1"


def test_a_run_saved_before_codes_could_be_told_is_read_as_it_was_then():
    table = read_upload("codes.csv", three_codes().to_csv(index=False).encode())
    before = {"subject": "subjID", "session": "session", "choice": "choice", "reward": "reward"}
    with pytest.raises(DoubtfulChoices):
        table.read(before)
    assert table.read(table.as_before(before)).class_names == ("0", "1")
    asked = before | {"missed": [], "classes": [], "trial": ""}
    assert table.as_before(asked) == asked


def test_trial_numbers_and_one_subject_can_be_picked(lab):
    frame = three_codes(choice=np.tile([0, 1, 1, 0], 18)).sample(frac=1, random_state=0)
    upload(lab, frame)
    assert "trial=" in lab.top.message.value, "the rows are in no order"
    lab.data_controls.table.trial.value = "trial"
    assert lab.run_state == "ready", lab.top.message.value
    assert "the rows were sorted by column &quot;trial&quot;" in lab.data_controls.summary.value
    lab.data_controls.table.trial.value = AS_IT_STANDS
    assert lab.run_state == "ready"
    lab.data_controls.pickers["subject"].value = ONE_SUBJECT
    assert len(lab.dataset.subjects) == 1


def test_two_columns_of_rewards_are_summed_where_that_is_picked(lab):
    frame = three_codes(choice=np.tile([0, 1, 1, 0], 18)).drop(columns="reward")
    upload(lab, frame.assign(gain=2, loss=np.tile([0, -3], 36)))
    assert lab.top.train.disabled
    assert "several columns, &quot;gain&quot;, &quot;loss&quot;" in lab.data_controls.table.notes.value
    lab.data_controls.pickers["reward"].value = "gain + loss"
    assert "rewards: -1 to 2" in lab.data_controls.summary.value
    assert lab.data_controls.table.notes.value == ""


def test_a_workbook_and_tabs_are_read(lab):
    pytest.importorskip("openpyxl")
    frame = three_codes(choice=np.tile([0, 1, 1, 0], 18))
    book = io.BytesIO()
    frame.to_excel(book, index=False)
    for name, content in (
        ("codes.xlsx", book.getvalue()),
        ("codes.tsv", frame.to_csv(index=False, sep="\t").encode()),
    ):
        lab.upload(name, content)
        assert lab.run_state == "ready", lab.top.message.value
        assert lab.dataset.n_sessions == 6
        assert f".{name[-4:].lstrip('.')}" in lab.data_controls.upload.accept


@pytest.mark.parametrize("labels", [[], ["-1"], ["-1", "too late"], ['a, "b"', "c"]])
def test_labels_are_written_with_commas_and_read_again(labels):
    assert as_labels(as_words(labels)) == labels


def two_steps() -> pd.DataFrame:
    frame = three_codes(choice=np.tile([0, 1, 1, 0], 18))
    rng = np.random.default_rng(1)
    return frame.assign(
        planet=frame.choice ^ (rng.random(72) < 0.3).astype(int), level2=rng.integers(0, 2, 72)
    )


def test_a_two_step_table_is_read_by_its_second_stage(lab):
    """The pickers knew one choice only, so that the second state was left out without a word."""
    upload(lab, two_steps().assign(other=1))
    controls, settings = lab.data_controls.table, lab.state.data.table
    controls.further["second"].value = "level2"
    assert "do not tell the second state" in lab.top.message.value
    controls.further["state"].value = "planet"
    assert lab.run_state == "ready", lab.top.message.value
    assert lab.dataset.input_names[-2:] == ("previous second state = 0", "previous second state = 1")
    assert "transitions: first choice 0 leads to state" in lab.data_controls.summary.value
    settings.foregone = "other"
    assert "is read without &quot;other&quot; as foregone" in lab.top.message.value
    settings.second = ""
    assert "no column holds the second choice" in lab.top.message.value
    settings.state = ""
    assert lab.run_state == "ready", lab.top.message.value
    assert "previous foregone outcome" in lab.dataset.input_names
    settings.foregone, settings.stimulus = "", "planet"
    assert lab.dataset.n_stimuli == 2
    upload(lab, three_codes(choice=np.tile([0, 1, 1, 0], 18)))  # nothing of it is kept for another table
    assert (settings.stimulus, controls.further["stimulus"].value) == ("", "")
    assert lab.run_state == "ready", lab.top.message.value
