"""Who chose and what was paid: columns known by their names and by what they hold, never half of a reward."""

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.reading.recognition import recognised


def people(n_people=3, n_blocks=2, n_trials=6, **names) -> pd.DataFrame:
    """Each person in blocks of trials that are counted from 1."""
    n = n_people * n_blocks * n_trials
    frame = pd.DataFrame(
        {
            "subject": np.repeat(np.arange(n_people) + 101, n_blocks * n_trials),
            "block": np.tile(np.repeat(np.arange(n_blocks) + 1, n_trials), n_people),
            "trial": np.tile(np.arange(n_trials) + 1, n_people * n_blocks),
            "choice": np.arange(n) % 2,
            "reward": np.arange(n) // 2 % 2,
        }
    )
    return frame.rename(columns=names)


@pytest.mark.parametrize(
    "name",
    [
        "subjID", "subj_idx", "sub", "PID", "participant", "partNum", "ID", "ratname", "mouse", "animal",
        "Subject ID", "participant_id", "Prolific_PID", "SubjectNumber", "animal_name",
        "Participant.Public.ID",
    ],
)  # fmt: skip
def test_people_are_recognised(name):
    frame = people(subject=name)
    found = recognised(list(frame.columns), frame)
    assert (found.subject, found.session, found.trial) == (name, "block", "trial")
    assert recognised(list(frame.columns)).subject == name
    with pytest.raises(ValueError, match=f'up to 3 by column "{name}"'):
        cl.read_table(frame, session="block")
    assert cl.read_table(frame, subject=name, session="block").n_sessions == 6
    assert cl.read_table(frame, subject=False, session="block", trial=False).n_sessions == 2


@pytest.mark.parametrize("name", ["sessionID", "sess", "day", "session_date", "run", "Block_Number"])
def test_sessions_are_recognised(name):
    frame = people(block=name)
    assert recognised(list(frame.columns), frame).session == name


def test_a_number_of_the_row_is_no_person():
    frame = people().rename(columns={"subject": "code"}).assign(id=np.arange(36))
    found = recognised(list(frame.columns), frame)
    assert found.subject is None
    assert 'column "trial" starts again 4 times within a session' in found.sentences[0]
    assert 'Column "code" goes along with it' in found.sentences[0]


def test_blocks_across_which_trials_count_on_are_no_sessions():
    frame = people(n_people=1).assign(trial=np.arange(12))
    assert recognised(list(frame.columns), frame).session is None
    assert recognised(list(frame.columns), people(n_people=1)).session == "block"


def test_a_column_of_people_that_is_not_filled_is_told_and_not_taken():
    frame = people()
    frame["subject"] = frame["subject"].astype(object).where(frame.index == 0, None)
    found = recognised(list(frame.columns), frame)
    assert found.subject is None
    assert 'column "subject" may name who chose but is not filled in every row' in found.sentences


def test_several_people_in_a_session_are_refused_unless_that_is_said():
    frame = people()
    with pytest.raises(ValueError, match=r'1 of 1 sessions .* up to 3 by column "subject"'):
        cl.read_table(frame, session=None)
    with pytest.raises(ValueError, match='subject="subject" keeps people apart; subject=False'):
        cl.read_table(frame, session="block")
    unique = frame.assign(session=frame["subject"] * 10 + frame["block"])
    assert cl.read_table(unique).n_sessions == 6
    assert cl.read_table(frame, session="subject", trial=False).n_sessions == 3


def test_trials_that_count_anew_without_a_column_of_people_are_warned_of():
    frame = people().rename(columns={"subject": "code"})
    with pytest.warns(UserWarning, match='starts again 5 times .* Column "block" goes along') as warned:
        data = cl.read_table(frame, session=None)
    assert str(warned[0].message) in data.notes
    told = cl.read_table(frame, subject="code", session=None)
    assert "starts again 3 times within a session, which is taken as one that goes on" in told.notes[0]


@pytest.mark.parametrize(
    ("columns", "reward", "parts"),
    [
        (["choice", "gain", "loss"], None, [("gain", "loss")]),
        (["choice", "reward_left", "reward_right"], None, [("reward_left", "reward_right")]),
        (
            ["choice", "rewarded_historyL", "rewarded_historyR"],
            None,
            [("rewarded_historyL", "rewarded_historyR")],
        ),
        (["choice", "outcome_1", "outcome_2"], None, [("outcome_1", "outcome_2")]),
        (["choice", "left reward", "right reward"], None, [("left reward", "right reward")]),
        (["choice", "reward", "reward_left", "reward_right"], "reward", [("reward_left", "reward_right")]),
        (["choice", "rewarded_historyL", "rewarded_historyR", "earned_reward"], "earned_reward", None),
        (["choice", "p_reward_left", "p_reward_right", "won"], "won", []),
        (["choice", "p_reward_left", "p_reward_right"], None, []),
        (["choice", "my_reward"], "my_reward", []),
        (["choice", "correct", "feedback"], "feedback", []),
    ],
)
def test_half_of_a_reward_is_never_taken(columns, reward, parts):
    found = recognised(columns)
    assert found.reward == reward
    if parts is not None:
        assert list(found.reward_parts) == parts
    assert any("the reward is in several columns" in one for one in found.sentences) == (
        bool(parts) and reward is None
    )


def test_rewards_in_several_columns_are_summed():
    frame = (
        people(n_people=1, n_blocks=1).rename(columns={"reward": "gain"}).assign(loss=[0, -3, 0, 0, -1, 0])
    )
    with pytest.raises(ValueError, match=r"reward=\['gain', 'loss'\] takes their sum"):
        cl.read_table(frame, session="block")
    data = cl.read_table(frame, session="block", reward=["gain", "loss"])
    assert data.columns["reward"][0].tolist() == [0, -3, 1, 1, -1, 0]
    assert data.columns["loss"][0].tolist() == [0, -3, 0, 0, -1, 0]
    assert data.inputs[0, :, 1].tolist() == [0, 0, -3, 1, 1, -1]
    assert "the reward is the sum of gain and loss" in data.notes
    positive = frame.assign(loss=-frame["loss"])
    with pytest.raises(ValueError, match=r'"loss" can be read in two ways: .* no number below 0'):
        cl.read_table(positive, session="block", reward=["gain", "loss"])
    with pytest.raises(ValueError, match='column "loss" is empty in row 2'):
        cl.read_table(frame.assign(loss=[0, None, 0, 0, -1, 0]), session="block", reward=["gain", "loss"])
    with pytest.raises(ValueError, match="reward names no column"):
        cl.read_table(frame, session="block", reward=[])


def test_a_missing_column_is_suggested_by_its_meaning():
    frame = people(choice="key_choice", reward="payoff", subject="partNum")
    with pytest.raises(ValueError, match=r'no column "session" .* with subject="partNum"'):
        cl.read_table(frame)
    with pytest.raises(ValueError, match=r'no column "reward" for reward.*Is it "payoff"'):
        cl.read_table(frame, session="block", choice="key_choice", subject="partNum")
