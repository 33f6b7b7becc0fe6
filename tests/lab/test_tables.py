"""Uploading a table: columns guessed by name and corrected by the user; what is wrong is a sentence."""

import gzip

import numpy as np
import pandas as pd
import pytest
from uploads import send

from cogrnn_lab.lab.data.table import Table, guess_columns, read_upload


def make_table(n_sessions: int = 6, n_trials: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = n_sessions * n_trials
    return pd.DataFrame(
        {
            "mouse": np.repeat(["<b>A</b>", "B"], rows // 2),
            "session_id": np.repeat(np.arange(n_sessions), n_trials),
            "response": rng.choice(["left", "right"], rows),
            "rewarded": rng.integers(0, 2, rows),
            "p_reward_left": 0.5,
        }
    )


def upload(lab, frame_or_bytes, name: str = "mice.csv") -> None:
    content = frame_or_bytes
    if isinstance(content, pd.DataFrame):
        content = content.to_csv(index=False).encode()
    send(lab.data_controls.upload, name, content)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["subject", "session", "trial", "choice", "reward"], ("subject", "session", "choice", "reward")),
        (["Animal", "Day", "Response", "Outcome"], ("Animal", "Day", "Response", "Outcome")),
        (
            ["mouse", "session_id", "p_reward_left", "choice", "reward"],
            ("mouse", "session_id", "choice", "reward"),
        ),
        (["a", "b"], ("", "", "", "")),
    ],
)
def test_columns_are_guessed_by_name(columns, expected):
    assert tuple(guess_columns(columns).values()) == expected


def uploaded(**columns) -> Table:
    """Three people of two blocks of ten trials each."""
    frame = pd.DataFrame(
        {
            "subjID": np.repeat([1, 2, 3], 20),
            "block": np.tile(np.repeat([1, 2], 10), 3),
            "trial": np.tile(np.arange(10), 6),
            "choice": np.tile(["left", "right", "right"], 20),
            "reward": np.tile([0, 1, 1, 0], 15),
        }
        | columns
    )
    frame = frame[[name for name in frame.columns if frame[name].notna().any()]]
    return read_upload("people.csv", frame.to_csv(index=False).encode())


def test_people_and_their_blocks_are_guessed_from_the_whole_table():
    table = uploaded()
    guess = guess_columns(table)
    assert guess == {"subject": "subjID", "session": "block", "choice": "choice", "reward": "reward"}
    data = table.dataset(guess)
    assert (len(data.subjects), data.n_sessions) == (3, 6)
    on = uploaded(trial=np.tile(np.arange(20), 3))  # counts on across blocks
    assert guess_columns(on)["session"] == ""
    assert on.dataset(guess_columns(on)).n_sessions == 3


def test_half_of_the_rewards_is_never_guessed_and_their_sum_is_offered():
    left, right = np.tile([0, 1, 0, 0], 15), np.tile([0, 0, 1, 0], 15)
    table = uploaded(reward=None, rewardedL=left, rewardedR=right)
    guess = guess_columns(table)
    assert guess["reward"] == guess_columns(table.columns)["reward"] == ""
    with pytest.raises(ValueError, match=r"pick the column .* or their sum rewardedL \+ rewardedR"):
        table.dataset(guess)
    assert table.reward_sums == ["rewardedL + rewardedR"]
    data = table.dataset(guess | {"reward": table.reward_sums[0]})
    assert data.columns["reward"][data.valid].sum() == (left + right).sum()


def test_what_the_lab_reads_is_told_as_read_table_tells_it():
    table = uploaded(subjID=None, choice=np.tile(["left", "right", "ignore"], 20))
    guess = guess_columns(table)
    assert guess["subject"] == ""
    assert "starts again" in table.recognised.sentences[0]
    with pytest.raises(ValueError, match="20 rows are ignore"):
        table.dataset(guess)
    data = table.dataset(guess, missed=["ignore"])
    assert data.class_names == ("left", "right")
    assert "left × 20, right × 20; 20 missed trials" in data.summary
    assert "are these several people" in data.summary


def test_notes_of_the_file_go_along():
    text = "# box 3\n" + make_table().to_csv(index=False)
    table = read_upload("mice.csv", text.encode())
    assert table.dataset(guess_columns(table)).notes == ("1 line before the header left out",)


def test_an_uploaded_table_is_trained_on(lab, train):
    upload(lab, make_table())
    assert lab.run_state == "ready", lab.top.message.value
    assert lab.state.data.source == "table (CSV)"
    assert lab.state.data.table.to_dict() == {
        "subject": "mouse", "session": "session_id", "choice": "response", "reward": "rewarded",
        "trial": "", "missed": [], "classes": [],
        "stimulus": "", "foregone": "", "second": "", "state": "", "transition": "",
    }  # fmt: skip
    assert lab.dataset.class_names == ("left", "right")
    assert lab.dataset.n_sessions == 6
    assert lab.data_controls.pickers["choice"].value == "response"
    assert lab.runner.run.curve.reference[0] == "stay baseline"
    assert "<b>" not in lab.data_controls.summary.value
    train(lab, 3)
    assert lab.trainer.step_count > 0


def test_gzip_is_read(lab):
    upload(lab, gzip.compress(make_table().to_csv(index=False).encode()), "mice.csv.gz")
    assert lab.dataset.n_sessions == 6


def test_the_user_corrects_a_column(lab):
    table = make_table().rename(columns={"response": "left_or_right"})
    upload(lab, table)
    assert "pick the column that holds the choice" in lab.top.message.value
    lab.data_controls.pickers["choice"].value = "left_or_right"
    assert lab.dataset.class_names == ("left", "right")
    assert "Ready" in lab.top.message.value


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n0000", "PNG image"),
        (b"choice\n0\n1\n", "single column"),
        (b"session,choice,reward\n1,0,1\n1,0,0\n", "choice"),
        (b"session,choice,reward\n1,0,yes\n1,1,0\n", "reward"),
    ],
)
def test_a_wrong_file_is_a_sentence_and_nothing_else(lab, content, sentence):
    trainer, dataset = lab.trainer, lab.dataset
    upload(lab, content, "wrong.csv")
    assert sentence in lab.top.message.value
    assert "cog-status-error" in lab.top.message.value
    assert lab.trainer is trainer
    assert lab.dataset is dataset


def test_reading_keeps_the_name():
    with pytest.raises(ValueError, match=r"data\.csv"):
        read_upload("data.csv", b"\x00\x01\x02\x03")


def test_choosing_the_table_source_without_a_table_asks_for_one(lab):
    trainer = lab.trainer
    lab.state.data.source = "table (CSV)"
    assert "Upload a CSV file" in lab.top.message.value
    assert lab.trainer is trainer
