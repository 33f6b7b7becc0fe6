"""What a discovery cannot use is told before networks are trained, and what a path cannot tell."""

from dataclasses import replace

import pytest

import cogrnn_lab as cl
from cogrnn_lab.discovery.course.asked import check_asked
from cogrnn_lab.discovery.schedule import GivenPrices
from tests.made_discovery import made_path


@pytest.fixture(scope="module")
def data() -> cl.Dataset:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=10, n_trials=20, seed=0)


def small() -> cl.DisRNN:
    return cl.DisRNN(2, 2, 2, update_width=2, update_depth=1, choice_depth=0, key=0)


def test_a_path_without_levels_or_choices_is_told_what_it_lacks():
    begun = replace(made_path(), levels=(), finished=False)
    with pytest.raises(ValueError, match="the path has no level yet, only its warm-up"):
        begun.choose()
    with pytest.raises(ValueError, match="there is no level 0: it has none yet"):
        begun.at(0)
    assert begun.n_latents.shape == begun.nll("choose").shape[:2] == (0, 2)
    assert len(begun.table) == 0
    with pytest.raises(ValueError, match="the path was made without choosing sessions"):
        replace(made_path(), units={}).choose()


def test_a_wrong_way_to_choose_is_told():
    path = made_path()
    with pytest.raises(ValueError, match='rule is "best" and n_latents 1: the best level, or the best of'):
        path.choose("best", n_latents=1)
    with pytest.raises(ValueError, match="n_latents = -1; expected 0 or more, a whole number of latents"):
        path.choose(n_latents=-1)
    with pytest.raises(TypeError, match="seed is -1, expected a whole number"):
        path.choose(seed=-1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rule": "bset"}, 'rule is \'bset\', expected "one standard error" or "best"'),
        ({"n_latents": 3}, "n_latents is 3, but the network has 2 latents"),
        ({"rule": "best", "n_latents": 1}, "Leave one of them out"),
        ({"seeds": 0}, "seeds = 0; expected 1 or more, a whole number of networks"),
        ({"equations": {"starts": 2}}, "equations has 'starts', which is no setting of the search"),
        ({"equations": {"choose_every": -1}}, "choose_every = -1"),
        ({"equations": {"choose_every": 3}}, "choose_every has no effect in a discovery"),
        ({"gru_units": 0}, "gru_units = 0; .* gru_units=None is no GRU"),
    ],
)
def test_a_discovery_that_would_end_in_nothing_does_not_begin(data, wrong, said):
    told = []
    with pytest.raises(ValueError, match=said):
        cl.discover(data, model=small(), watch=told.append, **wrong)
    assert told == []  # nothing was trained


def test_what_is_of_another_kind_is_told_what_was_meant():
    asked = {"rule": "best", "n_latents": None, "seeds": 1, "equations": True}
    with pytest.raises(ValueError, match="equations is None; expected True, False, or settings"):
        check_asked(**{**asked, "equations": None})
    with pytest.raises(ValueError, match="classical is a list; expected agents by name"):
        check_asked(**asked, classical=[cl.QLearning()])
    with pytest.raises(ValueError, match="rule is 'bset'"):
        cl.DiscoveryRecipe(rule="bset")
    with pytest.raises(ValueError, match="n_starts = 0"):
        cl.DiscoveryRecipe(equations={"n_starts": 0})


def test_a_path_is_told_of_settings_that_are_none():
    with pytest.raises(ValueError, match="expected prices above 0 such as"):
        GivenPrices((0.1, "a"))
    with pytest.raises(ValueError, match=r"learning_rate is 0\.0, expected a positive number"):
        cl.WarmUp(learning_rate=0.0)
    with pytest.raises(ValueError, match="learning_rate is nan, expected a positive number"):
        cl.Settling(learning_rate=float("nan"))
    with pytest.raises(ValueError, match="noticed is nan, expected at least 0"):
        cl.PriceLadder(noticed=float("nan"))
