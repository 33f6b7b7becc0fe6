"""Maximum likelihood for agents: the likelihood itself, its optimum, and how sure the parameters are."""

from dataclasses import fields

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.fitting.bounds import Bounds
from cogrnn_lab.fitting.derivatives import DifferentiatedAgent
from cogrnn_lab.fitting.likelihood import FreeParameters, Problem
from cogrnn_lab.fitting.result import CONVERGED, OUT_OF_STEPS, STUCK
from cogrnn_lab.fitting.session_rows import session_rows
from cogrnn_lab.fitting.standard_errors import uncertainty
from cogrnn_lab.fitting.starts import random_starts
from cogrnn_lab.tasks.agents.agent_logits import logits_along, recorded_outcomes
from cogrnn_lab.tasks.agents.agent_parameters import agent_parameters, as_arrays
from cogrnn_lab.tasks.agents.subject_parameters import with_parameters

LENGTHS = (17, 30, 9, 24, 12)
SUBJECT = np.array([0, 0, 0, 1, 1])


def messy(n_arms: int = 3) -> cl.Dataset:
    """Sessions of different length with missed and instructed trials, and arms that are not always there."""
    rng = np.random.default_rng(3)
    shape = (len(LENGTHS), max(LENGTHS))
    valid = np.arange(shape[1]) < np.array(LENGTHS)[:, None]
    choice = rng.integers(0, n_arms, shape)
    available = rng.random((*shape, n_arms)) < 0.8
    available[np.arange(shape[0])[:, None], np.arange(shape[1]), choice] = True
    choice = np.where(rng.random(shape) < 0.1, -1, choice)
    instructed = (rng.random(shape) < 0.15) & (choice >= 0)
    return cl.Dataset(
        np.zeros((*shape, 1)),
        choice[..., None],
        mask=valid & (choice >= 0) & ~instructed,
        valid=valid,
        subject=SUBJECT,
        n_classes=n_arms,
        action_mask=available,
        columns={"choice": choice, "reward": rng.integers(0, 2, shape).astype(float)},
        subject_names=("a", "b"),
    )


def problem(agent: cl.Agent, data: cl.Dataset, n_subjects: int = 2) -> Problem:
    template = as_arrays(agent)
    parameters = agent_parameters(template)
    limits = [p.limits.fitted for p in parameters for _ in range(p.size)]
    fitted = FreeParameters(parameters, Bounds(*zip(*limits, strict=True)))
    groups = [np.flatnonzero(data.subject == subject).tolist() for subject in range(n_subjects)]
    return Problem(template, fitted, session_rows(data, groups, template), data.n_classes)


def own_free_numbers(posed: Problem, agent: cl.Agent) -> np.ndarray:
    values = [np.ravel(p.value(agent)) for p in agent_parameters(agent)]
    return posed.fitted.bounds.free(np.concatenate(values))


AGENTS = {
    "Q-learning, forgetting, perseveration": cl.SideBias(
        cl.Perseveration(cl.QLearning(0.3, 2.0, forget_rate=0.4, loss_rate=0.2), 0.6, -0.7), [0.3, -0.2]
    ),
    "win-stay lose-shift": cl.Lapse(cl.WinStayLoseShift(0.3), 0.1),
    "history": cl.SideBias(cl.HistoryRegression(2, [0.5, 0.2], [-0.3, 0.1]), [0.3, -0.2]),
    "actor-critic": cl.LeakyActorCritic(0.2, 0.7, 0.1, 0.4),
    "threshold": cl.ThresholdForaging(0.4, 0.35, 3.0),
    "Pearce-Hall": cl.PearceHall(0.6, 0.2, 2.0, forget_rate=0.1),
    "meta-learning": cl.MetaLearning(0.4, 0.3, 0.35, 0.15, 0.2, 2.5),
}
QUICK = ("Q-learning, forgetting, perseveration", "win-stay lose-shift")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in AGENTS]
)
def test_likelihood_gradient_and_information(name):
    """What `evaluate` scores, its finite differences, and the covariance of the logits' derivatives."""
    agent, data = AGENTS[name], messy()
    posed = problem(agent, data)
    free = own_free_numbers(posed, agent)
    step = 2e-2
    around = np.concatenate([free[None], free + step * np.eye(len(free)), free - step * np.eye(len(free))])
    points = jnp.asarray(np.broadcast_to(around[:, None], (len(around), 2, len(free))), jnp.float32)
    found = jax.jit(posed.likelihood)(points)
    nll = np.asarray(jax.jit(posed.nll)(points), float)
    np.testing.assert_allclose(found.nll, nll, rtol=1e-6)
    scored = cl.evaluate(agent, data)
    expected = [scored.session_nll[subject == SUBJECT].sum() for subject in range(2)]
    np.testing.assert_allclose(nll[0], expected, rtol=1e-5)

    n = len(free)
    differences = (nll[1 : n + 1] - nll[n + 1 :]).T / (2 * step)
    np.testing.assert_allclose(found.gradient[0], differences, rtol=2e-2, atol=5e-3)

    def logits(free):
        values = posed.fitted.split(posed.fitted.bounds.values(free))
        made = with_parameters(posed.template, posed.fitted.by_path(values))
        logits = logits_along(made, *recorded_outcomes(data), data.n_classes)
        return jnp.where(data.action_mask, logits, -jnp.inf)

    slopes = np.asarray(jax.jit(jax.jacfwd(logits))(jnp.asarray(free, jnp.float32)), float)
    p = np.where(data.mask, np.asarray(jax.nn.softmax(logits(jnp.asarray(free, jnp.float32)))), 0.0)
    slopes = np.where(data.action_mask[..., None], slopes, 0.0)
    mean = np.einsum("sta,stap->stp", p, slopes)
    information = np.einsum("sta,stap,staq->spq", p, slopes, slopes) - np.einsum("stp,stq->spq", mean, mean)
    expected = np.stack([information[subject == SUBJECT].sum(0) for subject in range(2)])
    np.testing.assert_allclose(found.information[0], expected, rtol=1e-3, atol=1e-3)


def test_a_state_is_differentiated_only_by_what_it_depends_on():
    agent = as_arrays(AGENTS["Q-learning, forgetting, perseveration"])
    parameters = agent_parameters(agent)
    differentiated = DifferentiatedAgent(agent, parameters, 3)
    moved = dict(zip([p.name for p in parameters], differentiated._moved, strict=True))
    values, trace = [0], [1]
    assert moved == {
        "learning_rate": values, "inverse_temperature": [], "forget_rate": values, "loss_rate": values,
        "choice_rate": trace, "choice_weight": [], "bias": [],
    }  # fmt: skip
    memory = cl.HistoryRegression(4)
    assert DifferentiatedAgent(memory, agent_parameters(memory), 2)._moved == [[], []]


def test_rows_hold_every_trial_once():
    data = messy()
    rows = session_rows(data, [[0, 1, 2], [3, 4]], cl.QLearning())
    assert rows.begins.sum() == 5
    places = rows.choice.size
    assert places < 1.6 * data.valid.sum() < data.valid.size
    counted = np.bincount(rows.group, (rows.target >= 0).sum(0))
    np.testing.assert_array_equal(counted, [data.mask[subject == SUBJECT].sum() for subject in range(2)])
    assert rows.available.shape == (rows.choice.shape[0], 3, rows.choice.shape[1])


def test_free_numbers_and_back():
    bounds = Bounds((0.0, 0.0, -np.inf, -np.inf), (1.0, np.inf, 2.0, np.inf))
    values = np.array([[0.2, 0.7, 1.5, -3.0], [0.9, 12.0, -5.0, 4.0]])
    back = jax.vmap(bounds.values)(jnp.asarray(bounds.free(values), jnp.float32))
    np.testing.assert_allclose(back, values, rtol=1e-5)
    extreme = np.asarray(bounds.values(jnp.full(4, -200.0))), np.asarray(bounds.values(jnp.full(4, 200.0)))
    assert (extreme[0][:2] >= 0).all()
    assert extreme[1][0] <= 1
    assert extreme[1][2] <= 2


@pytest.fixture(scope="module")
def two_subjects() -> cl.Dataset:
    agents = cl.QLearning([0.2, 0.6], [4.0, 2.0])
    data = cl.simulate(agents, cl.DriftingBandit(), n_sessions=4, n_trials=120, seed=1)
    return data._replace(subject_names=("slow", "fast"))


@pytest.fixture(scope="module")
def fit(two_subjects) -> cl.AgentFit:
    return cl.fit_agent(cl.QLearning, two_subjects, n_starts=6)


def nll_of_q_learning(rate: float, beta: float, data: cl.Dataset) -> float:
    """In plain NumPy, with 64 bits."""
    total = 0.0
    for choices, rewards in zip(data.columns["choice"], data.columns["reward"], strict=True):
        values = np.full(2, 0.5)
        for choice, reward in zip(choices, rewards, strict=True):
            logits = beta * values
            total += np.log(np.exp(logits).sum()) - logits[choice]
            values[choice] += rate * (reward - values[choice])
    return total


def test_the_optimum_and_its_standard_errors_are_those_of_a_plain_loop(two_subjects, fit):
    for index, (rate, beta) in enumerate(fit.estimates):
        data = two_subjects.select(two_subjects.subject == index)
        here = nll_of_q_learning(rate, beta, data)
        assert fit.nll[index] == pytest.approx(here, rel=1e-5)
        steps = np.array([[0.004, 0.0], [0.0, 0.04]])

        def moved(change, rate=rate, beta=beta, data=data):
            return nll_of_q_learning(rate + change[0], beta + change[1], data)

        hessian = np.array(
            [[moved(a + b) - moved(a - b) - moved(b - a) + moved(-a - b) for b in steps] for a in steps]
        ) / (4 * np.outer(steps.sum(0), steps.sum(0)))
        errors = np.sqrt(np.diag(np.linalg.inv(hessian)))
        np.testing.assert_allclose(fit.standard_errors[index], errors, rtol=0.03)
        # and no neighbor at a fifth of a standard error is better
        nearby = [moved(s * np.eye(2)[i] * errors[i] / 5) for i in range(2) for s in (-1, 1)]
        assert min(nearby) > here


def test_a_fit_without_steps_enough_says_that_it_ran_out_of_them(two_subjects):
    found = cl.fit_agent(cl.QLearning, two_subjects, n_starts=1, max_steps=1)
    assert found.summary.ending.tolist() == [OUT_OF_STEPS] * 2
    assert not found.converged.any()
    assert found.parameters.note.str.contains("give more max_steps").all()


def test_what_a_fit_reports(two_subjects, fit):
    assert fit.groups == ("slow", "fast")
    assert fit.converged.all()
    assert fit.endings.tolist() == [CONVERGED] * 2
    assert (fit.n_agreeing == 6).all()
    np.testing.assert_array_equal(fit.n_choices, [480, 480])
    np.testing.assert_allclose(fit.aic, 4 + 2 * fit.nll)
    np.testing.assert_allclose(fit.bic, 2 * np.log(480) + 2 * fit.nll)
    table = fit.parameters
    assert list(table) == ["subject", "parameter", "value", "standard_error", "note"]
    assert table.subject.tolist() == ["slow", "slow", "fast", "fast"]
    assert table.parameter.tolist() == ["learning_rate", "inverse_temperature"] * 2
    np.testing.assert_allclose(table.value, fit.estimates.ravel())
    assert (table.note == "").all()
    agent = fit.agent("fast")
    assert isinstance(agent, cl.QLearning)
    assert isinstance(agent.learning_rate, float)
    assert agent.learning_rate == pytest.approx(fit.estimates[1, 0], rel=1e-6)
    scored = cl.evaluate(fit, two_subjects)
    np.testing.assert_allclose(scored.per_subject.nll * 480, fit.nll, rtol=1e-5)
    with pytest.raises(ValueError, match="no agent for middling; there are agents for slow, fast"):
        fit.agent("middling")


def test_the_order_of_sessions_changes_nothing(two_subjects, fit):
    order = np.random.default_rng(0).permutation(two_subjects.n_sessions)
    again = cl.fit_agent(cl.QLearning, two_subjects.select(order), n_starts=6)
    assert again.groups == fit.groups
    for field in fields(fit):
        if field.name not in ("agents", "parameter_names"):
            np.testing.assert_array_equal(getattr(again, field.name), getattr(fit, field.name), field.name)


def test_one_fit_for_all_or_for_each_session(two_subjects):
    together = cl.fit_agent(cl.QLearning, two_subjects, by="all", n_starts=3)
    assert together.groups == ("all",)
    assert together.agent().inverse_temperature == pytest.approx(together.estimates[0, 1], rel=1e-6)
    assert together.nll[0] == pytest.approx(cl.evaluate(together, two_subjects).session_nll.sum(), rel=1e-5)
    each = cl.fit_agent(cl.QLearning, two_subjects, by="session", n_starts=3)
    assert each.parameters.session.tolist()[:4] == ["1", "1", "2", "2"]
    assert each.summary.subject.tolist() == ["slow"] * 4 + ["fast"] * 4
    np.testing.assert_allclose(cl.evaluate(each, two_subjects).session_nll, each.nll, rtol=1e-5)
    assert each.nll.sum() < together.nll[0]
    assert each.agent("fast", session="2").learning_rate == pytest.approx(each.estimates[5, 0], rel=1e-6)


def test_fixed_parameters_keep_their_value_and_bounds_are_held(two_subjects):
    agent = cl.SideBias(cl.QLearning(0.3, 3.0, forget_rate=0.0), 0.1)
    bounds = {"learning_rate": (0.25, 0.4), "bias": (0.2, np.inf)}
    found = cl.fit_agent(agent, two_subjects, fixed="forget_rate", bounds=bounds, n_starts=3)
    assert found.parameter_names == ("learning_rate", "inverse_temperature", "bias")
    assert found.agent("slow").agent.forget_rate == 0.0
    rate, bias = found.estimates[:, 0], found.estimates[:, 2]
    assert ((rate >= 0.25) & (rate <= 0.4)).all()
    assert (bias >= 0.2).all()
    # at 0.2 the slow learner would be below, at 0.6 the fast one above, and neither has such a bias
    assert found.notes[:, 0].tolist() == ["at its lower bound", "at its upper bound"]
    assert (found.notes[:, 2] == "at its lower bound").all()
    assert np.isnan(found.standard_errors[:, [0, 2]]).all()
    assert np.isfinite(found.standard_errors[:, 1]).all()


def test_what_the_choices_do_not_determine_has_no_standard_error(two_subjects):
    agent = cl.Perseveration(cl.QLearning(), choice_rate=0.3, choice_weight=0.0)
    found = cl.fit_agent(agent, two_subjects, fixed=["choice_weight"], n_starts=2)
    assert (found.notes[:, 2] == "not determined by these choices (the Hessian is singular)").all()
    assert np.isnan(found.standard_errors[:, 2]).all()
    assert np.isfinite(found.standard_errors[:, :2]).all()


def test_standard_errors_where_one_parameter_is_at_its_bound():
    """Of a quadratic in two numbers: alone where the other is held, by the inverse where it is not."""
    hessian = np.array([[4.0, 1.0], [1.0, 9.0]])
    bounds = np.array([[-np.inf, np.inf], [0.0, 1.0]])
    values, slopes = np.array([[0.3, 0.5], [0.3, 0.001]]), np.array([[1.0, 0.25], [1.0, 0.001]])
    flat = np.array([[4.0, 0.01], [0.01, 0.02]])
    ended = np.array([CONVERGED, CONVERGED])
    found = uncertainty(np.stack([hessian, flat]), slopes, values, bounds, ended)
    inverse = np.linalg.inv(hessian)
    np.testing.assert_allclose(found.standard_errors[0], np.sqrt(np.diag(inverse)) * slopes[0])
    assert found.covariance[0, 0, 1] == pytest.approx(inverse[0, 1] * 0.25)
    assert found.standard_errors[1, 0] == pytest.approx(0.5)
    assert np.isnan(found.standard_errors[1, 1])
    for ending, why in (
        (OUT_OF_STEPS, "it ran out of steps (give more max_steps)"),
        (STUCK, "no step from here"),
    ):
        unfinished = uncertainty(hessian[None], slopes[:1], values[:1], bounds, np.array([ending]))
        for note in unfinished.notes.ravel():
            assert note.startswith(f"the search has not converged: {why}")
    saddle = uncertainty(hessian[None] * [[1, 1], [1, -1]], slopes[:1], values[:1], bounds, ended[:1])
    assert "not at a maximum" in saddle.notes[0, 1]


def test_starts_are_the_agent_itself_and_a_latin_hypercube():
    parameters = agent_parameters(cl.SideBias(cl.QLearning()))
    own, bounds = np.array([0.3, 3.0, 0.0]), np.array([[0, 1], [0, 2.0], [-np.inf, np.inf]])
    starts = random_starts(parameters, own, bounds, 9, seed=5)
    np.testing.assert_allclose(starts[0], [0.3, 2.0, 0.0])
    low, high = np.array([0.05, 1.0, -1.0]), np.array([0.95, 2.0, 1.0])
    strata = np.floor((starts[1:] - low) / (high - low) * 8)
    np.testing.assert_array_equal(np.sort(strata, axis=0), np.tile(np.arange(8)[:, None], (1, 3)))
    np.testing.assert_array_equal(starts, random_starts(parameters, own, bounds, 9, seed=5))
    assert (starts[1:] != random_starts(parameters, own, bounds, 9, seed=6)[1:]).any()


class Leaning(cl.Agent):
    """An agent of a user's own, without any limits."""

    lean: float = 1

    def initial_state(self, n_arms):
        return jnp.zeros(n_arms)

    def logits(self, state):
        return state.at[1].add(self.lean)

    def update(self, state, choice, reward):
        return state


def test_an_agent_of_ones_own_is_fitted():
    data = cl.simulate(Leaning(0.8), cl.DriftingBandit(), n_sessions=5, n_trials=100)
    share = data.columns["choice"].mean()
    found = cl.fit_agent(Leaning, data, n_starts=3)
    assert found.estimates[0, 0] == pytest.approx(np.log(share / (1 - share)), abs=1e-3)
    assert found.standard_errors[0, 0] == pytest.approx(1 / np.sqrt(500 * share * (1 - share)), rel=1e-3)


def test_history_regression_needs_one_start():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=60)
    found = cl.fit_agent(cl.lau_glimcher_2005(2), data)
    assert found.n_starts == 1
    assert found.converged.all()
    assert found.parameter_names == (
        "reward_weights_1", "reward_weights_2", "choice_weights_1", "choice_weights_2", "bias",
    )  # fmt: skip


def refusals():
    q, network = cl.QLearning, cl.NetworkAgent(cl.DisRNN(2, 2, 1, key=jax.random.key(0)))
    return [
        (
            q,
            {"fixed": "learning_rat"},
            ValueError,
            'no parameter "learning_rat"; its parameters are learning_',
        ),
        (q, {"bounds": {"beta": (0, 1)}}, ValueError, 'no parameter "beta"'),
        (
            q,
            {"bounds": {"learning_rate": (1, 0)}},
            ValueError,
            r"bounds of learning_rate are \(1, 0\); expected",
        ),
        (q, {"bounds": {"learning_rate": 0.5}}, ValueError, r"expected \(lowest, highest\)"),
        (q, {"fixed": ("learning_rate", "inverse_temperature")}, ValueError, "0 numbers of QLearning"),
        (q, {"n_starts": 0}, ValueError, "n_starts = 0; expected 1 or more"),
        (q, {"by": "mouse"}, ValueError, 'by = "mouse"; expected one of subject, session, all'),
        (network, {}, ValueError, "0 numbers of NetworkAgent are to be fitted"),
        (cl.SideBias, {}, TypeError, "SideBias cannot be made without arguments"),
        (cl.DriftingBandit, {}, TypeError, "makes a DriftingBandit; expected an agent"),
        (3, {}, TypeError, "got 3; expected an agent"),
    ]


@pytest.mark.parametrize(("agent", "options", "error", "sentence"), refusals())
def test_impossible_fits_are_refused(two_subjects, agent, options, error, sentence):
    with pytest.raises(error, match=sentence):
        cl.fit_agent(agent, two_subjects, **options)


def test_data_without_choices_are_refused(two_subjects):
    numbers = cl.Dataset(two_subjects.inputs, two_subjects.targets, kind="continuous")
    with pytest.raises(ValueError, match="the data set is continuous"):
        cl.fit_agent(cl.QLearning, numbers)
    mask = np.ones(two_subjects.targets.shape, bool)
    mask[two_subjects.subject == 1] = False
    masked = cl.Dataset(
        two_subjects.inputs, two_subjects.targets, mask=mask, subject=two_subjects.subject,
        input_names=two_subjects.input_names, subject_names=("slow", "fast"),
        session_names=two_subjects.session_names,
    )  # fmt: skip
    with pytest.raises(ValueError, match="no choice of fast counts"):
        cl.fit_agent(cl.QLearning, masked)


def test_names_may_hold_slashes(two_subjects):
    """Neither is a name torn, nor are two groups taken for one."""
    part = two_subjects.select(slice(0, 4))
    named = cl.Dataset(
        part.inputs,
        part.targets,
        subject=[0, 0, 1, 1],
        n_classes=2,
        input_names=part.input_names,
        subject_names=["a/b", "a"],
        session_names=["c", "2023/01/05", "b/c", "d"],
    )
    fit = cl.fit_agent(cl.QLearning, named, by="session", n_starts=1)
    assert len(fit.groups) == 4
    assert fit.summary.subject.tolist() == ["a/b", "a/b", "a", "a"]
    assert fit.summary.session.tolist() == ["c", "2023/01/05", "b/c", "d"]
    assert fit.parameters.session.tolist()[2:4] == ["2023/01/05"] * 2
    assert fit.agent("a/b", session="c").learning_rate == pytest.approx(fit.estimates[0, 0], rel=1e-6)
    np.testing.assert_allclose(cl.evaluate(fit, named).session_nll, fit.nll, rtol=1e-5)
    with pytest.raises(ValueError, match="no agent for a/2023"):
        fit.agent("a", session="2023")
