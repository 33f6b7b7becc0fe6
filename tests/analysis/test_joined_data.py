"""Joined data sets are scored and fitted trial by trial like their parts, whatever these were made from."""

from itertools import combinations_with_replacement

import jax
import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.previous_trial import PREVIOUS_MISSED, previous_trial_names
from cogrnn_lab.tasks.agents.agent_parameters import as_agent

NAMES = previous_trial_names(("0", "1"))


def simulated():
    return cl.simulate(cl.QLearning(0.4, 3.0), cl.DriftingBandit(0.1), n_sessions=4, n_trials=30, seed=1)


def table():
    """Two sessions of different length with missed trials, whose rewards the table leaves empty."""
    rng, sizes = np.random.default_rng(2), (17, 23)
    choice = rng.integers(0, 2, sum(sizes)).astype(float)
    choice[[3, 4, 20, 39]] = np.nan
    reward = np.where(np.isnan(choice), np.nan, rng.integers(0, 2, sum(sizes)))
    return cl.read_table(
        pd.DataFrame({"session": np.repeat([1, 2], sizes), "choice": choice, "reward": reward})
    )


def time_major():
    """Arrays without columns; some choices are missing, as -1."""
    data = cl.simulate(cl.QLearning(0.6, 2.0), cl.DriftingBandit(0.1), n_sessions=3, n_trials=40, seed=3)
    targets = np.swapaxes(data.targets, 0, 1).copy()
    targets[[5, 11], 1] = -1
    return cl.Dataset.from_time_major(np.swapaxes(data.inputs, 0, 1), targets, n_classes=2, input_names=NAMES)


def by_hand():
    """A data set with a column of rewards and none of choices."""
    data = cl.simulate(cl.QLearning(0.2, 5.0), cl.DriftingBandit(0.1), n_sessions=2, n_trials=25, seed=4)
    mask = np.ones(data.targets.shape, bool)
    mask[0, 7:9] = False
    columns = {"reward": data.columns["reward"]}
    return cl.Dataset(data.inputs, data.targets, mask=mask, n_classes=2, input_names=NAMES, columns=columns)


SOURCES = {"simulate": simulated, "read_table": table, "from_time_major": time_major, "by hand": by_hand}
PAIRS = list(combinations_with_replacement(SOURCES, 2))
NETWORKS = {
    "DisRNN": lambda key: cl.DisRNN(3, 2, 2, update_width=4, update_depth=1, choice_width=4, key=key),
    "GRU": lambda key: cl.GRU(3, 2, 4, key=key),
    "LSTM": lambda key: cl.LSTM(3, 2, 4, key=key),
    "plain RNN": lambda key: cl.VanillaRNN(3, 2, 4, key=key),
}


@pytest.fixture(scope="module")
def parts() -> dict[str, cl.Dataset]:
    return {name: make() for name, make in SOURCES.items()}


@pytest.fixture(scope="module")
def joined(parts) -> cl.Dataset:
    return cl.join_subjects(parts)


def told_of_missed(part: cl.Dataset) -> cl.Dataset:
    """The part alone with the input that joining gives to all, of what is known of its choices here."""
    if PREVIOUS_MISSED in part.input_names:
        return part
    missed = np.zeros((*part.valid.shape, 1), np.float32)
    missed[:, 1:, 0] = ~part.mask[:, :-1, 0]
    return cl.Dataset(
        np.concatenate([part.inputs, missed], axis=2),
        part.targets,
        mask=part.mask,
        n_classes=2,
        input_names=(*part.input_names, PREVIOUS_MISSED),
    )


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_a_pair_is_scored_by_an_agent_as_its_parts(parts, pair):
    first, second = (parts[name] for name in pair)
    agent = cl.QLearning(0.3, 4.0)
    together = cl.evaluate(agent, cl.join_subjects([first, second], names=["one", "two"]))
    apart = [cl.evaluate(agent, part).session_nll for part in (first, second)]
    np.testing.assert_allclose(together.session_nll, np.concatenate(apart), rtol=1e-5)


@pytest.mark.parametrize("name", cl.classical_models())
def test_every_agent_predicts_each_trial_as_apart(parts, joined, name):
    """Of the part without columns, whose column of choices joining leaves empty."""
    agent, part = as_agent(cl.classical_models()[name]), parts["from_time_major"]
    mine = joined.subject == list(parts).index("from_time_major")
    together = cl.agent_logits(agent, joined)[mine, : part.n_trials]
    np.testing.assert_allclose(together, cl.agent_logits(agent, part), atol=1e-5)


def test_agents_are_fitted_as_apart(parts, joined):
    together = cl.fit_agent(cl.QLearning, joined, n_starts=5)
    for index, part in enumerate(parts.values()):
        alone = cl.fit_agent(cl.QLearning, part, n_starts=5)
        assert together.n_choices[index] == alone.n_choices[0]
        assert together.nll[index] == pytest.approx(alone.nll[0], rel=1e-4)
        likelihood = cl.evaluate(together, joined).per_subject.normalized_likelihood[index]
        assert likelihood == pytest.approx(cl.evaluate(alone, part).normalized_likelihood, rel=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_predict_and_lose_as_apart(parts, joined, name):
    model = NETWORKS[name](jax.random.key(0))
    alone = [told_of_missed(part) for part in parts.values()]
    apart = np.concatenate([cl.evaluate(model, part).session_nll for part in alone])
    np.testing.assert_allclose(cl.evaluate(model, joined).session_nll, apart, rtol=1e-5)
    trainer = cl.Trainer(model, joined)
    trainer.noise = 0.0
    loss = apart.sum() / sum(part.mask.sum() for part in alone)
    assert trainer.advance(1).task_losses[0] == pytest.approx(loss, rel=1e-5)
    states, first = cl.latents(model, joined).states, 0
    for part in alone:
        mine = states[first : first + part.n_sessions, : part.n_trials]
        np.testing.assert_allclose(mine[part.valid], cl.latents(model, part).states[part.valid], atol=1e-5)
        first += part.n_sessions


def test_the_stay_baseline_is_counted_as_apart(parts, joined):
    together = cl.stay_baseline(joined, joined)
    apart = np.concatenate([cl.stay_baseline(part, part).session_nll for part in parts.values()])
    np.testing.assert_allclose(together.session_nll, apart, rtol=1e-5)


def test_a_part_without_any_reward_is_refused_joined_as_apart(parts):
    bare = cl.Dataset(
        parts["simulate"].inputs, parts["simulate"].targets, n_classes=2, input_names=("a", "b")
    )
    told = cl.Dataset(
        bare.inputs, bare.targets, n_classes=2, input_names=("a", "b"), columns={"reward": np.ones((4, 30))}
    )
    with pytest.raises(ValueError, match='no column "reward"'):
        cl.evaluate(cl.QLearning(), bare)
    both = cl.join_subjects({"told": told, "bare": bare})
    with pytest.raises(ValueError, match=r'reward of 116 choices is not known.*of subject "bare", trial 1'):
        cl.evaluate(cl.QLearning(), both)
