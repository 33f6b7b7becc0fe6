"""A small part of every trial; `python -m tests.promises` does the whole."""

import os

import pytest

from promises import kills
from promises.files import try_kind
from promises.kinds import KINDS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_spoiled_files_are_read_or_refused_in_a_sentence(kind):
    tried = try_kind(kind, 25, seed=1)
    assert tried.faults == {}
    assert tried.n == 25
    assert tried.refused > 12, "hardly anything was spoiled"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore:.*fork.*")
@pytest.mark.parametrize("make", kills.KINDS, ids=lambda make: make.__name__)
def test_what_is_saved_survives_kills(make):
    tried = kills.try_kind(make, 12)
    assert tried.lost == {}
    assert tried.torn > 0, "every kill came between two saves: nothing was tried"
