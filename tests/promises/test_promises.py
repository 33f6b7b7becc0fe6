"""A small part of every trial; `python -m tests.promises` does the whole."""

import os

import pytest

from promises import kills
from promises.files import try_kind
from promises.kinds import KINDS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_spoiled_files_are_read_or_refused_in_a_sentence(kind):
    tried = try_kind(kind, 15, seed=1)
    assert tried.faults == {}
    assert tried.n == 15
    assert tried.refused > 7, "hardly anything was spoiled"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_what_is_saved_survives_kills():
    tried = [kills.try_kind(make, 8) for make in kills.KINDS]
    assert {one.name: one.lost for one in tried if one.lost} == {}
    torn = sum(one.torn for one in tried)
    assert torn > sum(one.n for one in tried) / 20, "most kills came between two saves: nothing was tried"
