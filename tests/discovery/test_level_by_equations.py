"""Equations have a say in the level: with fewer latents where nothing is lost by it."""

import copy
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.discovery.course.level_by_equations import chosen_by_equations, level_with_equations
from cogrnn_lab.discovery.parts import Parts
from cogrnn_lab.discovery.units import Pairing
from tests.made_discovery import made_path

N_TRIALS = 40


@pytest.fixture(scope="module")
def parts() -> Parts:
    train, choose = cl.simulate(
        cl.QLearning(0.4, 4.0), cl.DriftingBandit(), n_sessions=32, n_trials=N_TRIALS, seed=3
    ).split(every=2)
    return Parts(train, choose, None, "")


@pytest.fixture(scope="module")
def learner(parts) -> cl.Equations:
    """Q-learning, which carries the values of both."""
    found = cl.equations(None, parts.train, n_latents=(1,), n_starts=1, terms=(), choose_every=0)
    assert (found.mechanism, found.n_latents) == ("Q-learning", 2)
    return found


@pytest.fixture(scope="module")
def theirs(parts, learner) -> np.ndarray:
    """(session,) nll of the choosing sessions under the equations, whose numbers are of the others."""
    return cl.evaluate(learner, parts.choose).session_nll


def path_of(parts: Parts, theirs: np.ndarray, *levels: tuple[int, float]) -> cl.Path:
    """A path whose levels have so many latents and predict so many nats a choice worse than the equations.

    Sessions differ in it by 0.0001 nats per choice, at random.
    """
    made, units = made_path(), Pairing(parts.choose).units
    assert units.block is None
    draw = np.random.default_rng(0)
    own = []
    for i, (n_latents, worse) in enumerate(levels):
        nll = theirs + N_TRIALS * (worse + 1e-4 * draw.normal(size=(2, len(theirs))))
        bits = np.broadcast_to((np.arange(4) < n_latents).astype(float), (2, 4))
        level = replace(made.levels[0], price=float(i + 1), bits=bits, openness=bits, nll={"choose": nll})
        own.append(level)
    return replace(made, levels=tuple(own), units={"choose": units})


def losses(path: cl.Path, level: int, than: int) -> tuple[float, float]:
    """What the networks of a level lose to those of another, and a standard error that is no bootstrap's."""
    nll = path.nll("choose").mean(1)
    worse = (nll[level] - nll[than]) / N_TRIALS
    return worse.mean(), worse.std() / np.sqrt(len(worse))


def test_the_level_with_as_many_latents_as_equations_need_is_chosen(parts, learner, theirs):
    """What networks lose is sure but small, so that networks alone choose the level nobody can read."""
    path = path_of(parts, theirs, (4, 0.0003), (3, 0.0007), (2, 0.0011), (0, 0.1))
    by_networks = path.choose()
    assert int(by_networks) == 0
    level = chosen_by_equations(path, by_networks, learner, parts)
    assert (int(level), level.rule, level.seed) == (2, "one standard error", 0)
    assert level.by_networks == by_networks
    lost, error = losses(path, 2, 0)
    assert lost > 3 * error
    said = (
        "It is chosen for its 2 latents: networks alone would choose level 0 with 4 latents, but the "
        "equations, with 2 latents and 2 numbers, predict the 16 sessions chosen by no worse than that "
        "network"
    )
    assert said in level.text
    told = re.search(
        r"and the networks of level 2 lose (\S+) ± (\S+) nats per choice to those of level 0", level.text
    )
    assert told is not None
    assert float(told[1]) == pytest.approx(lost, abs=1e-6)
    assert float(told[2]) == pytest.approx(error, rel=0.2)
    assert level.text.startswith("Level 2 of 0 to 3 (price 3), because it is the best of the 1 levels with 2")
    for again in (copy.deepcopy(level), pickle.loads(pickle.dumps(level))):
        assert (int(again), again.text, int(again.by_networks)) == (2, level.text, 0)


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (
            ((4, -0.01), (2, -0.0095)),
            r"The equations, with 2 latents and 2 numbers, lose 0.0[01]\d+ ± 0.0000\d\d nats per choice to "
            r"its network on the 16 sessions chosen by, so that the level stays\.$",
        ),
        (((4, 0.0005), (1, 0.0008)), r"but no level has as many: the level stays\.$"),
        (
            ((4, 0.0005), (2, 0.0045)),
            r"but the networks of level 1, the best with 2 latents, lose 0.00[34]\d+ ± 0.0000\d\d nats per "
            r"choice to its networks: the level stays\.$",
        ),
        (
            ((2, 0.0005), (1, 0.0045)),
            r"\(they gain 0.000[45]\d+ ± 0.0000\d\d nats per choice\), but need no fewer latents: the level",
        ),
    ],
)
def test_where_something_would_be_lost_the_level_stays_and_it_is_said_how_much(
    parts, learner, theirs, levels, said
):
    path = path_of(parts, theirs, *levels)
    by_networks = path.choose()
    level = chosen_by_equations(path, by_networks, learner, parts)
    assert int(level) == int(by_networks) == 0
    assert level.by_networks is None
    assert level.text.startswith(by_networks.text)
    assert re.search(said, level.text)


def test_a_level_that_was_asked_for_stays(parts, learner, theirs):
    path = path_of(parts, theirs, (4, 0.0), (2, 0.0005))
    for asked in (path.choose("best"), path.choose(n_latents=4)):
        assert chosen_by_equations(path, asked, learner, parts) is asked


def test_equations_are_looked_for_only_where_they_have_a_say(parts, learner, theirs):
    """As a recipe does in every fold: with the same result."""

    def never() -> None:
        raise AssertionError

    without = path_of(parts, theirs, (4, 0.0003), (2, 0.005), (0, 0.1))
    assert level_with_equations(without, without.choose(), never, parts) == 0
    path = path_of(parts, theirs, (4, 0.0003), (2, 0.0008), (0, 0.1))
    assert level_with_equations(path, path.choose(), lambda: learner, parts) == 1
    assert level_with_equations(path, path.choose(), lambda: None, parts) == 0
    assert level_with_equations(path, path.choose("best"), never, parts) == 0
