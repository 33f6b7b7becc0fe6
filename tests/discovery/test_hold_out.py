"""What is dealt to the parts of a discovery: sessions, whole people or blocks, as it is asked for."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli.discovering import _models
from cogrnn_lab.cli.options import parser
from cogrnn_lab.discovery import findings
from cogrnn_lab.discovery.course.finished import key_of_parts
from cogrnn_lab.discovery.course.networks import tried
from cogrnn_lab.discovery.parts import deal


@pytest.fixture(scope="module")
def people() -> cl.Dataset:
    """Six people of two sessions each: twelve sessions, which are dealt one by one unless asked."""
    agent = cl.QLearning(np.linspace(0.2, 0.7, 6))
    return cl.simulate(agent, cl.DriftingBandit(), n_sessions=2, n_trials=30)


def subjects_of(part: cl.Dataset) -> set[str]:
    return {part.subject_names[one] for one in part.subject[part.mask.any((1, 2))]}


def test_whole_people_are_reported_of_whom_nothing_was_seen(people):
    """There was no way to ask for it: a person's sessions were dealt to all parts."""
    parts = deal(people, hold_out="subjects").named
    dealt = [subjects_of(part) for part in parts.values()]
    assert [len(own) for own in dealt] == [4, 1, 1]
    assert len(set.union(*dealt)) == 6
    assert sum(part.n_sessions for part in parts.values()) == 12
    assert deal(people, hold_out="subjects").text.startswith("Of 6 subjects, 4 are trained on")
    assert subjects_of(deal(people).train) & subjects_of(deal(people).choose)


def test_blocks_and_sessions_whatever_their_number(people):
    blocks = deal(people, hold_out="blocks")
    assert all(part.n_sessions == 12 for part in blocks.named.values())
    np.testing.assert_array_equal(sum(part.mask.astype(int) for part in blocks.named.values()), people.mask)
    few = people.select(range(6))
    assert deal(few).text.startswith("Blocks")
    assert [part.n_sessions for part in deal(few, hold_out="sessions").named.values()] == [4, 1, 1]


@pytest.mark.parametrize(
    ("hold_out", "options", "said"),
    [
        ("subjects", {"every_subject": True}, 'knows its subjects, and with hold_out="subjects"'),
        ("sessions", {"every_subject": True}, 'knows its subjects, and with hold_out="sessions"'),
        ("people", {}, "hold_out is 'people'; expected \"sessions\""),
    ],
)
def test_what_cannot_be_dealt_so_is_refused(people, hold_out, options, said):
    with pytest.raises(ValueError, match=said):
        deal(people, hold_out=hold_out, **options)
    with pytest.raises(ValueError, match=r"there are 2 subjects, of which none is chosen by; 5 are needed"):
        deal(people.select(range(4)), hold_out="subjects")


def test_no_network_that_knows_people_is_tried_where_whole_ones_are_held_out(tmp_path):
    data = cl.simulate(cl.QLearning([0.2, 0.4]), cl.DriftingBandit(), n_sessions=5, n_trials=10)
    assert len(tried(None, data, 0)) == 2
    assert len(tried(None, data, 0, "subjects")) == 1
    asked = ["discover", "c.csv", "--out", "o", "--latents", "1", "--hold-out"]
    assert len(_models(parser().parse_args([*asked, "subjects"]), data)) == 1
    assert len(_models(parser().parse_args([*asked, "blocks"]), data)) == 2


def test_discover_deals_as_it_is_asked(people, monkeypatch):
    seen = []

    def path(model, *parts, **settings):
        seen.extend(parts)
        raise KeyboardInterrupt

    monkeypatch.setattr(findings, "penalty_path", path)
    with pytest.raises(KeyboardInterrupt):
        cl.discover(people, hold_out="subjects")
    assert [len(subjects_of(part)) for part in seen] == [4, 1, 1]


def test_what_was_kept_is_of_the_same_outcomes(people):
    """Fits of agents were taken over from a folder though wins, or foregone outcomes, were others."""
    here = key_of_parts(deal(people))
    assert here == key_of_parts(deal(people._replace(notes=("read anew",))))
    assert here != key_of_parts(deal(people.with_outcomes((-1, 1))))
    told = [people.columns | {"foregone": people.rewards + extra} for extra in (0, 1)]
    assert len({here, *(key_of_parts(deal(people._replace(columns=own))) for own in told)}) == 3
