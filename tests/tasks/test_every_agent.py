"""Properties that every agent must have, over one table of all of them."""

import json
from contextlib import nullcontext

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.fitting.bounds import Bounds
from cogrnn_lab.fitting.likelihood import FreeParameters, Problem
from cogrnn_lab.fitting.session_rows import session_rows
from cogrnn_lab.tasks.agents.agent_parameters import agent_parameters, as_arrays, with_values
from cogrnn_lab.tasks.registry import AGENTS

ALL = {name: entry.make() for name, entry in AGENTS.items()} | {
    "lapses": cl.Lapse(cl.SideBias(cl.QLearning(), 0.4), 0.1),
    "last choice": cl.Perseveration(cl.PearceHall(forget_rate=0.2), None, -0.5),
    "per stimulus": cl.Lapse(cl.SideBias(cl.Perseveration(cl.PerStimulus(cl.QLearning(), 3)), 0.3), 0.1),
    "per stimulus, stay": cl.PerStimulus(cl.WinStayLoseShift(), 2),
    "Q-learning, counterfactual": cl.SideBias(cl.CounterfactualQLearning(0.4, 0.2), 0.3),
    "model-based, model-free": cl.SideBias(cl.Perseveration(cl.TwoStepLearner(), None), 0.2),
    "model-based": cl.TwoStepLearner(eligibility=None, model_free=None),
    "scaled": cl.ScaledOutcomes(cl.SideBias(cl.QLearning(forget_rate=0.2)), cl.OutcomeScale(-1, 2)),
}
LENGTHS = (15, 24, 9)


def simulated(agent: cl.Agent, n_sessions: int, n_trials: int, seed: int = 0) -> cl.Dataset:
    """What it does in a task that tells it all that it learns from."""
    if "second_state" in agent.learns_from:
        return cl.simulate_two_step(agent, n_sessions=n_sessions, n_trials=n_trials, seed=seed)
    task = cl.BlockBandit() if agent.stimuli == 1 else cl.StimulusBandits(cl.BlockBandit(), agent.stimuli)
    warned = pytest.warns(UserWarning, match="the environment pays 0 to 1, but")
    with warned if isinstance(agent, cl.ScaledOutcomes) else nullcontext():
        return cl.simulate(agent, task, n_sessions=n_sessions, n_trials=n_trials, seed=seed)


def rebuilt(part: cl.Dataset, choice: np.ndarray, reward: np.ndarray, kept=slice(None)) -> cl.Dataset:
    """The data set with other choices and rewards, and with some of its trials."""
    columns = part.columns | {"choice": choice, "reward": reward}
    return cl.Dataset(
        part.inputs[:, kept],
        choice[:, kept, None],
        mask=choice[:, kept] >= 0,
        n_classes=2,
        columns={name: column[:, kept] for name, column in columns.items()},
        input_names=part.input_names,
        stimulus_inputs=part.stimulus_inputs,
    )


def first_trials(session: cl.Dataset, n: int) -> cl.Dataset:
    """A session that was left after `n` trials."""
    arrays = {name: getattr(session, name)[:, :n] for name in ("inputs", "targets", "mask", "valid")}
    columns = {name: column[:, :n] for name, column in session.columns.items()}
    return session._replace(**arrays, columns=columns)


@pytest.fixture(scope="module")
def recorded() -> dict[str, list[cl.Dataset]]:
    """Sessions of different length, each alone: the first trials of those that each agent has played once."""
    return {}


@pytest.fixture(params=ALL)
def case(request, recorded):
    name = request.param
    if name not in recorded:
        played = simulated(ALL[name], len(LENGTHS), max(LENGTHS))
        recorded[name] = [first_trials(played.select([i]), n) for i, n in enumerate(LENGTHS)]
    return ALL[name], recorded[name]


def test_the_probabilities_of_its_simulated_choices_are_those_that_evaluate_gives(case):
    agent, parts = case
    for part in parts:
        scored = cl.evaluate(agent, part).normalized_likelihood
        assert scored == pytest.approx(part.generating_likelihood, rel=1e-5)


def test_it_predicts_joined_sessions_as_each_alone_and_in_any_order(case):
    agent, parts = case
    joined = parts[0].concat(*parts[1:])
    together = cl.agent_logits(agent, joined)
    for session, part in enumerate(parts):
        alone = cl.agent_logits(agent, part)[0]
        np.testing.assert_allclose(together[session, : part.n_trials], alone, rtol=1e-5, atol=1e-6)
    order = [2, 0, 1]
    permuted = cl.agent_logits(agent, joined.select(order))
    np.testing.assert_allclose(permuted, together[order], rtol=1e-6, atol=1e-6)


def test_it_knows_nothing_of_the_present_and_later_trials(case):
    agent, (_, part, _) = case
    choice, reward = part.choices.copy(), part.rewards.copy()
    choice[:, 10:], reward[:, 10:] = 1 - choice[:, 10:], 1 - reward[:, 10:]
    further = {name: part.columns[name].copy() for name in agent.learns_from[1:]}
    for values in further.values():
        values[:, 10:] = 1 - values[:, 10:]
    other = rebuilt(part._replace(columns=part.columns | further), choice, reward)
    before, changed = cl.agent_logits(agent, part), cl.agent_logits(agent, other)
    np.testing.assert_array_equal(changed[:, :11], before[:, :11])


def test_a_missed_trial_leaves_it_as_it_was(case):
    agent, (_, part, _) = case
    choice, reward = part.choices.copy(), part.rewards.copy()
    choice[:, 5], reward[:, 5] = -1, np.nan
    missed = rebuilt(part, choice, reward)
    kept = np.delete(np.arange(part.n_trials), 5)
    shorter = rebuilt(part, choice, reward, kept)
    logits = cl.agent_logits(agent, missed)
    if agent.stimuli == 1:  # else the next trial may be of another stimulus
        np.testing.assert_array_equal(logits[:, 5], logits[:, 6])
    np.testing.assert_allclose(logits[:, kept], cl.agent_logits(agent, shorter), rtol=1e-5, atol=1e-6)


def test_its_numbers_go_through_text_and_back(case):
    agent, _ = case
    numbers = {p.name: np.asarray(p.value(agent), np.float64).tolist() for p in agent_parameters(agent)}
    read = with_values(jax.tree.map(lambda leaf: 0 * leaf, agent), json.loads(json.dumps(numbers)))
    assert jax.tree.structure(read) == jax.tree.structure(agent)
    for here, there in zip(jax.tree.leaves(read), jax.tree.leaves(agent), strict=True):
        np.testing.assert_array_equal(np.float32(here), np.float32(there))


QUICK = (
    "Q-learning",
    "actor-critic",
    "per stimulus",
    "Q-learning, counterfactual",
    "model-based, model-free",
)


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in ALL]
)
def test_the_gradient_that_fits_follow_is_that_of_finite_differences(name):
    """Central differences of the same likelihood, at the agent's own numbers."""
    template = as_arrays(ALL[name])
    parameters = agent_parameters(template)
    limits = [p.limits.fitted for p in parameters for _ in range(p.size)]
    fitted = FreeParameters(parameters, Bounds(*zip(*limits, strict=True)))
    data = simulated(ALL[name], 3, 20)
    posed = Problem(template, fitted, session_rows(data, [[0, 1, 2]], template), 2)
    free = fitted.bounds.free(np.concatenate([np.ravel(p.value(template)) for p in parameters]))
    step = 2e-2
    around = np.concatenate([free[None], free + step * np.eye(len(free)), free - step * np.eye(len(free))])
    points = jnp.asarray(around[:, None], jnp.float32)
    found, nll = jax.jit(posed.likelihood)(points), np.asarray(jax.jit(posed.nll)(points), float)
    differences = (nll[1 : len(free) + 1] - nll[len(free) + 1 :]).T / (2 * step)
    np.testing.assert_allclose(found.gradient[0], differences, rtol=2e-2, atol=2e-2)
