"""Settings of the search for equations that are none end in a sentence, before anything is searched."""

import threading

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.search.settings import SearchSettings, check_search_settings
from cogrnn_lab.discovery.course.asked import check_asked
from cogrnn_lab.discovery.units import Units
from tests.made_discovery import made_equations, made_yardsticks


@pytest.fixture(scope="module")
def data() -> cl.Dataset:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=10, n_trials=20, seed=0)


WRONG = [
    ({"n_latents": (0,)}, r"a number in n_latents = 0; expected 1 or more, a whole number of latents"),
    ({"n_latents": (1, 2.0)}, r"a number in n_latents = 2.0; .* a number in n_latents=2 was meant\?"),
    ({"n_starts": 0}, r"n_starts = 0; expected 1 or more, a whole number of random starts of each size"),
    ({"n_starts": -1}, r"n_starts = -1; expected 1 or more"),
    ({"level": 95.0}, r"level = 95.0; expected a number between 0 and 1, such as 0.95. level=0.95 was"),
    ({"level": 1.0}, r"level = 1.0; expected a number between 0 and 1, such as 0.95\.$"),
    ({"level": float("nan")}, r"level = nan; expected a number between 0 and 1"),
    ({"choose_every": -1}, r"choose_every = -1; expected 0 or more"),
    ({"choose_every": 1}, r"choose_every = 1 would hold every session out of the searches"),
    ({"terms": (cl.TERMS[0], "p")}, r"terms has 'p'; expected cl.Term each"),
    ({"n_threads": 0}, r"n_threads = 0; expected 1 or more, a whole number of searches at once"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_a_wrong_setting_is_told_by_equations_and_before_a_discovery(data, wrong, said):
    with pytest.raises(ValueError, match=said):
        cl.equations(None, data, **wrong)
    with pytest.raises(ValueError, match=said):
        check_asked(rule="best", n_latents=None, seeds=1, equations=wrong)


def test_settings_may_be_arrays_and_generators():
    assert SearchSettings(n_latents=np.arange(1, 4)).n_latents == (1, 2, 3)
    assert SearchSettings(terms=(term for term in cl.TERMS)).terms == cl.TERMS


def test_without_any_start_it_is_said_what_is_missing(data):
    with pytest.raises(ValueError, match=r"no random starts, and no network gives a start; expected numbers"):
        cl.equations(None, data, n_latents=())
    paid = data._replace(columns={**data.columns, "reward": 7.0 * data.columns["reward"]})
    inputs = data.inputs * np.array([1.0, 7.0], np.float32)
    network = cl.DisRNN(2, 2, 1, update_depth=1, choice_depth=0, key=jax.random.key(0))
    with pytest.raises(ValueError, match=r"no network gives a start, as networks are read where rewards are"):
        cl.equations(network, paid._replace(inputs=inputs), n_latents=())


def test_what_can_be_read_two_ways_is_told_with_both_readings():
    with pytest.raises(ValueError, match=r"n_latents = 3; .*: \(3,\) for 3 alone, or \(1, 2, 3\) for up to"):
        SearchSettings(n_latents=3)
    with pytest.raises(ValueError, match=r"choose_every = 0.25; .* choose_every=4 is every 4th session"):
        check_search_settings({"choose_every": 0.25})
    with pytest.raises(ValueError, match="terms is the one term 'choice probability'; expected several"):
        check_search_settings({"terms": cl.TERMS[0]})
    with pytest.raises(TypeError, match="seed is -1, expected a whole number of at least 0"):
        check_search_settings({"seed": -1})
    with pytest.raises(ValueError, match="equations has 'starts', which is no setting of the search; there"):
        check_search_settings({"starts": 2})


def test_what_is_no_setting_of_bootstrap_and_subjects_is_told(data):
    found = made_equations()
    for wrong, said in (
        ({"n": 0}, "n = 0; expected 1 or more, a whole number of samples"),
        ({"searches": -1}, "searches = -1; expected 0 or more"),
        ({"level": 95.0}, "level = 95.0; .* level=0.95 was meant"),
    ):
        with pytest.raises(ValueError, match=said):
            found.bootstrap(data, **wrong)
    with pytest.raises(TypeError, match="seed is -1"):
        found.bootstrap(data, seed=-1)
    with pytest.raises(ValueError, match=r"level = 95.0; .* level=0.95 was meant\?"):
        found.by_subject(data, level=95.0)


def test_every_interval_by_resamples_asks_for_its_coverage():
    units = Units(np.full(4, 10), np.zeros(4, int), tuple("abcd"))
    with pytest.raises(ValueError, match=r"level=0.95 was meant\?"):
        units.likelihood_interval(np.ones(4), 95.0)
    with pytest.raises(ValueError, match=r"level = 0\.0; expected a number between 0 and 1"):
        made_yardsticks().advantage("GRU", 0.0)


def test_what_is_found_does_not_depend_on_the_searches_at_once(data):
    told: dict[int, list[str]] = {1: [], 2: []}
    small = {"n_latents": (1, 2), "n_starts": 2, "terms": (), "rivals": False}
    one, two = (cl.equations(None, data, **small, n_threads=n, report=told[n].append) for n in (1, 2))
    assert len(told[1]) > 2
    assert told[1] == told[2], "in the same order"
    assert one.text == two.text
    np.testing.assert_array_equal(one.fitted.vector, two.fitted.vector)


def test_what_stops_a_search_ends_those_beside_it(data):
    def stop(line: str) -> None:
        raise InterruptedError(line)

    before = threading.active_count()
    with pytest.raises(InterruptedError, match="random start"):
        cl.equations(None, data, n_latents=(1,), n_starts=4, terms=(), report=stop)
    assert threading.active_count() == before
