"""What there is to train on, and why there is nothing."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.data import published_sets
from cogrnn_lab.lab.settings.state import GIVEN, PUBLISHED, TABLE, LabState
from cogrnn_lab.lab.supply import NOTHING, UPLOAD_FIRST, Supply

GOOD = b"session,choice,reward\n" + b"".join(b"1,%d,%d\n" % (i % 2, i % 3 == 0) for i in range(9))
COLUMNS = {"session": "session", "choice": "choice", "reward": "reward"}


@pytest.fixture
def state() -> LabState:
    return LabState()


def test_a_source_that_makes_its_data_misses_nothing(state):
    supply = Supply(None)
    assert supply.missing(state.data) == supply.nothing(state.data) == ""
    state.data.set_quietly(n_sessions=2, n_trials=5)
    assert supply.dataset(state).n_sessions == 2
    assert supply.has_data


def test_a_table_has_to_be_uploaded_and_a_refused_file_leaves_none(state):
    supply = Supply(None)
    state.data.source = TABLE
    assert supply.missing(state.data) == f"{NOTHING} yet. {UPLOAD_FIRST}"
    supply.read("good.csv", GOOD)
    assert supply.missing(state.data) == ""
    with pytest.raises(ValueError, match=r"bad\.csv has a single column"):
        supply.read("bad.csv", b"choice\n1\n0\n")
    assert supply.table is None
    corrected = "bad.csv was refused. Correct the file and upload it again."
    assert supply.missing(state.data) == supply.nothing(state.data) == f"{NOTHING}: {corrected}"
    supply.read("good.csv", GOOD)
    assert (supply.missing(state.data), supply.refused_file) == ("", "")


def test_the_error_of_a_file_says_that_nothing_is_trained_and_others_do_not():
    supply = Supply(None)
    with pytest.raises(ValueError, match="single column") as caught:
        supply.read("bad.csv", b"choice\n1\n0\n")
    assert supply.told(caught.value, "words") == f"{NOTHING}: words"
    assert supply.told(ValueError("other"), "words") == "words"


def test_a_refused_run_says_whether_it_was_for_its_data_or_its_network(state):
    supply = Supply(None)
    state.data.set_quietly(n_sessions=2, n_trials=5)
    supply.dataset(state)
    supply.refusal = ValueError("a network for nothing")
    assert supply.nothing(state.data) == "Nothing to train: a network for nothing"
    state.data.source = GIVEN
    with pytest.raises(ValueError, match="There is no data set") as caught:
        supply.dataset(state)
    assert not supply.has_data
    supply.refusal = caught.value
    assert supply.nothing(state.data).startswith(f'{NOTHING}: There is no data set for "given data set"')


def test_given_data_and_a_table_are_taken_as_they_are(state):
    ones = np.ones((2, 3, 1), np.float32)
    given = cl.Dataset(ones, ones, n_classes=2)
    supply = Supply(given)
    state.data.source = GIVEN
    assert supply.dataset(state) is given
    supply.read("good.csv", GOOD)
    state.data.set_quietly(source=TABLE)
    state.data.table.set_quietly(**COLUMNS)
    data = supply.dataset(state)
    assert data.columns["reward"][0].tolist() == [float(i % 3 == 0) for i in range(9)]


def test_a_published_set_is_at_hand_for_the_subject_that_it_was_got_of(state, monkeypatch):
    asked, ones = [], np.ones((2, 3, 1), np.float32)

    def download(name, subjects):
        asked.append((name, subjects))
        return cl.Dataset(ones, ones, n_classes=2)

    monkeypatch.setattr(published_sets, "published", download)
    supply, data = Supply(None), state.data
    data.source = PUBLISHED
    assert "Press Get data" in supply.missing(data)
    data.published_subject = "B045"
    supply.published.get(data)
    assert asked == [(data.published, ("B045",))]
    assert supply.missing(data) == ""
    data.published_subject = ""
    assert "Press Get data" in supply.missing(data), "that is another set"
    supply.published.get(data)
    assert asked[-1] == (data.published, None)
    assert supply.missing(data) == ""
