"""The likelihood of choices under equations: equal to that of agents, with right derivatives, never NaN."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from precision import enable_x64

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.equation_agent import EquationAgent
from cogrnn_lab.analysis.choice_equations.fitting.likelihood import hessian, information, session_nll
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, maximized, scored
from cogrnn_lab.analysis.choice_equations.parts.form import RATE, TARGET, Form
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.terms import TERMS, Term
from cogrnn_lab.analysis.choice_equations.parts.trials import recorded
from cogrnn_lab.analysis.choice_equations.search.canonical import canonical
from cogrnn_lab.analysis.choice_equations.search.further import actor_critic_structure
from cogrnn_lab.analysis.choice_equations.search.moves import dropping, rearranging, simplifying
from cogrnn_lab.analysis.choice_equations.words.mechanisms import mechanisms
from cogrnn_lab.analysis.choice_equations.words.sentences import recognized
from cogrnn_lab.data.previous_trial import previous_trial_inputs


def behavior(agent, n_arms=2, seed=3, n_sessions=6):
    """Sessions of unequal length with missed trials and choices that do not count."""
    data = cl.simulate(
        agent, cl.DriftingBandit(drift=0.1, n_arms=n_arms), n_sessions=n_sessions, n_trials=40, seed=seed
    )
    lengths = np.array([40, 25, 33, 40, 12, 40])[: data.n_sessions]
    valid = np.arange(40) < lengths[:, None]
    rng = np.random.default_rng(0)
    missed = rng.random(valid.shape) < 0.1
    choice = np.where(missed | ~valid, -1, data.columns["choice"])
    reward = np.where(choice < 0, np.nan, data.columns["reward"])
    mask = valid & (choice >= 0) & (rng.random(valid.shape) < 0.9)
    inputs = previous_trial_inputs(choice, np.nan_to_num(reward).astype(np.float32), n_arms, valid=valid)
    return cl.Dataset(
        inputs,
        np.where(choice < 0, np.nan, choice)[..., None],
        mask=mask,
        valid=valid,
        n_classes=n_arms,
        input_names=data.input_names,
        columns={"choice": choice, "reward": reward},
    )


def set_to(structure, **values):
    """A structure with units fixed: `rate_0=(...)` gives the rates of the first mechanism by relation."""
    for name, row in values.items():
        kind, mechanism = name.split("_")
        for relation, value in enumerate(row):
            unit = structure.units.at(kind=kind, mechanism=int(mechanism), relation=relation)
            structure = structure.fixing(unit, float(value))
    return structure


AGENTS = {
    "Q-learning": (cl.QLearning(0.3, 3.0), {"rate_0": (0.3, 0.3, 0, 0), "target_0": (-1.5, 1.5, 0, 0)}),
    "forgetting, gains and losses": (
        cl.QLearning(0.4, 2.0, forget_rate=0.2, loss_rate=0.1),
        {"rate_0": (0.1, 0.4, 0.2, 0.2), "target_0": (-1.0, 1.0, -1.0, -1.0)},
    ),
    "last choice": (
        cl.Perseveration(cl.QLearning(0.3, 3.0), None, 0.7),
        {
            "rate_0": (0.3, 0.3, 0, 0),
            "target_0": (-1.5, 1.5, 0, 0),
            "rate_1": (1, 1, 1, 1),
            "target_1": (0.7, 0.7, 0, 0),
        },
    ),
}


@pytest.mark.parametrize("n_arms", [2, 3])
@pytest.mark.parametrize("name", AGENTS)
def test_equations_of_an_agent_have_its_likelihood(name, n_arms):
    agent, values = AGENTS[name]
    dataset = behavior(agent, n_arms)
    data = recorded(dataset)
    form = Form(1 + max(int(key[-1]) for key in values), n_arms, 4)
    structure = Structure.free(Units.mirrored(form))
    structure = structure.fixing(structure.units.at(kind="bias"), 0.0)
    fitted = Fitted(set_to(structure, **values), np.zeros(0), np.zeros(dataset.n_sessions))
    evaluated = cl.evaluate(agent, dataset)
    np.testing.assert_allclose(scored(fitted, data), evaluated.session_nll, rtol=1e-5)
    again = cl.evaluate(EquationAgent.of(fitted, data.unit), dataset)
    np.testing.assert_allclose(again.session_nll, evaluated.session_nll, rtol=1e-5)


@pytest.mark.parametrize("n_arms", [2, 3])
def test_an_actor_and_a_critic_have_the_likelihood_of_the_agent(n_arms):
    """With rewards counted as -1 and 1, steps are half as large."""
    fade, step, rate = 0.1, 0.6, 0.3
    agent = cl.LeakyActorCritic(rate, step, fade)
    dataset = behavior(agent, n_arms)
    data = recorded(dataset)
    structure, _ = actor_critic_structure(n_arms, data)
    free = np.array([fade, 0.5 * step / fade, *[0.5 * step] * 3, rate])
    fitted = Fitted(structure, free, np.zeros(6))
    expected = cl.evaluate(agent, dataset).session_nll
    np.testing.assert_allclose(scored(fitted, data), expected, rtol=1e-5)
    again = cl.evaluate(EquationAgent.of(fitted, data.unit), dataset)
    np.testing.assert_allclose(again.session_nll, expected, rtol=1e-5)
    (actor, critic) = mechanisms(structure, free)
    assert recognized((actor, critic), 0) == "an actor-critic"
    assert critic.what == "expected reward"


def test_rewards_that_are_amounts():
    agent = cl.QLearning(0.3, 0.05)
    sizes = np.random.default_rng(0).integers(1, 100, (30, 2)).astype(float)
    data = cl.simulate(agent, cl.PayoutMatrix(sizes), n_sessions=4, n_trials=30, seed=1)
    known = recorded(data)
    assert known.has_amounts
    structure = Structure.free(Units.mirrored(Form(1, 2, 2, has_amounts=True)))
    structure = structure.fixing(structure.units.at(kind="bias"), 0.0)
    structure = set_to(structure, rate_0=(0.3, 0), slope_0=(0.05 * known.unit, 0), target_0=(-0.5 * 0.05, 0))
    fitted = Fitted(structure, np.zeros(0), np.zeros(4))
    expected = cl.evaluate(agent, data)
    np.testing.assert_allclose(scored(fitted, known), expected.session_nll, rtol=1e-5)
    again = cl.evaluate(EquationAgent.of(fitted, known.unit), data)
    np.testing.assert_allclose(again.session_nll, expected.session_nll, rtol=1e-5)


def random_numbers(form, seed=0):
    draw = np.random.default_rng(seed)
    return np.where(form.is_kind(RATE), draw.uniform(0.1, 0.9, form.size), draw.normal(0, 0.4, form.size))


@pytest.mark.parametrize("terms", [(), TERMS])
def test_slope_and_curvature_against_finite_differences(terms):
    with enable_x64(True):
        data = recorded(behavior(cl.QLearning(), 3))
        trials = jax.tree.map(lambda a: a.astype(jnp.float64) if a.dtype == jnp.float32 else a, data.trials)
        form = Form(2, 3, 4, terms=terms)
        vector = jnp.asarray(random_numbers(form))
        directions = jnp.asarray(np.random.default_rng(1).normal(size=(4, form.size)) * 0.3)
        info = information(form, vector, directions, trials)

        def total(v):
            return session_nll(form, v, trials).sum()

        np.testing.assert_allclose(info.session_nll.sum(), total(vector), rtol=1e-12)
        h = 1e-5
        slopes = [(total(vector + h * d) - total(vector - h * d)) / (2 * h) for d in directions]
        np.testing.assert_allclose(info.gradient, slopes, rtol=1e-6)
        exact = hessian(form, vector, directions, trials)
        along = [
            (information(form, vector + h * d, directions, trials).gradient
             - information(form, vector - h * d, directions, trials).gradient) / (2 * h)
            for d in directions
        ]  # fmt: skip
        np.testing.assert_allclose(exact, along, rtol=1e-5, atol=1e-5)


def every_sequence(n_arms, n_trials):
    """All sequences of choices of this length, a session each; rewards depend on trial and choice."""
    choice = np.array(list(product(range(n_arms), repeat=n_trials)))
    paid = np.random.default_rng(0).integers(0, 2, (n_trials, n_arms))
    reward = paid[np.arange(n_trials), choice].astype(np.float32)
    return cl.Dataset(
        previous_trial_inputs(choice, reward, n_arms),
        choice[..., None],
        n_classes=n_arms,
        columns={"choice": choice, "reward": reward},
    )


def test_fisher_information_is_the_expected_hessian():
    """The two are equal exactly when every sequence of choices is weighted by its probability."""
    with enable_x64(True):
        data = recorded(every_sequence(n_arms=3, n_trials=4))
        trials = jax.tree.map(lambda a: a.astype(jnp.float64) if a.dtype == jnp.float32 else a, data.trials)
        form = Form(2, 3, 4, terms=TERMS)
        vector = jnp.asarray(random_numbers(form))
        directions = jnp.asarray(np.random.default_rng(1).normal(size=(4, form.size)) * 0.3)
        weight = np.exp(-np.asarray(session_nll(form, vector, trials)))
        assert weight.sum() == pytest.approx(1.0, rel=1e-12)
        fisher, expected, unweighted = np.zeros((3, 4, 4))
        for session, w in enumerate(weight):
            one = jax.tree.map(lambda a, i=session: a[..., i : i + 1], trials)
            exact = hessian(form, vector, directions, one)
            fisher += w * information(form, vector, directions, one).fisher
            expected += w * exact
            unweighted += exact / len(weight)
        np.testing.assert_allclose(fisher, expected, rtol=1e-9, atol=1e-12)
        # sequences that are not weighted by their probability have another mean
        assert np.abs(unweighted - expected).max() > 0.01 * np.abs(expected).max()


def test_nothing_is_ever_nan():
    form = Form(2, 2, 4, terms=TERMS)
    data = recorded(behavior(cl.QLearning()))
    low, high = form.bounds()
    for vector in (low, high, np.where(np.arange(form.size) % 2, low, high)):
        info = information(
            form, jnp.asarray(vector, jnp.float32), jnp.eye(form.size, dtype=jnp.float32), data.trials
        )
        assert all(np.isfinite(part).all() for part in info)


def test_a_term_of_your_own():
    doubled = Term("twice the value", "2 z", lambda latents, probability: 2 * latents)
    form = Form(1, 2, 4, terms=(doubled,))
    plain = Form(1, 2, 4)
    data = recorded(behavior(cl.QLearning()))
    with_term = Structure.free(Units.mirrored(form)).fixing(np.arange(13), 0.0)
    with_term = set_to(with_term, rate_0=(0.5,) * 4, target_0=(1.0, 2.0, 0.0, 0.0))
    for relation in range(4):
        unit = with_term.units.at(kind="twice the value", relation=relation)
        with_term = with_term.fixing(unit, -0.1)
    # z + .5 (t - z) - .2 z = z + .7 (t .5 / .7 - z)
    without = Structure.free(Units.mirrored(plain)).fixing(np.arange(9), 0.0)
    without = set_to(without, rate_0=(0.7,) * 4, target_0=(5 / 7, 10 / 7, 0.0, 0.0))
    nothing = np.zeros(0), np.zeros(6)
    one, other = (scored(Fitted(s, *nothing), data) for s in (with_term, without))
    np.testing.assert_allclose(one, other, rtol=1e-5)


def test_moves_take_numbers_away_and_the_likelihood_knows_nothing_of_how_they_are_written():
    data = recorded(behavior(cl.QLearning()))
    units = Units.mirrored(Form(2, 2, 4))
    full = Structure.free(units)
    assert full.n_numbers == 17
    assert all(move.structure.n_numbers < 17 for move in simplifying(full))
    assert [move.structure.n_numbers for move in dropping(full)] == [9, 9]
    one = full.joining(units.at(kind=TARGET, mechanism=0, relation=1), units.at(
        kind=TARGET, mechanism=0, relation=0)[0], -1.0)  # fmt: skip
    assert one.n_numbers == 16
    free = np.random.default_rng(0).uniform(0.1, 0.9, 16)
    values = one.unit_values(free)[units.at(kind=TARGET, mechanism=0)]
    assert values[1] == -values[0]
    # an update at rest has no target
    still = full.fixing(units.at(kind=RATE, mechanism=1, relation=2), 0.0)
    assert still.owner[units.at(kind=TARGET, mechanism=1, relation=2)][0] == FIXED
    assert still.n_numbers == 15
    # of what is let go in a move, nothing is lost of the others
    for move in rearranging(still):
        assert move.structure.n_numbers <= 17
    # one rate for all, and only the other's targets: written as targets of the chosen
    last = full.fixing(units.at(kind=RATE), 1.0)
    targets = units.at(kind=TARGET, mechanism=0)
    last = last.fixing([targets[0], targets[3], *units.at(kind=TARGET, mechanism=1)], 0.0)
    last = last.joining([targets[1]], targets[2], 1.0)
    written = canonical(Fitted(last, np.array([2.0, 0.3]), np.zeros(6)))
    unseen = scored(Fitted(last, np.array([2.0, 0.3]), np.zeros(6)), data)
    np.testing.assert_allclose(scored(written, data), unseen, rtol=1e-4)
    np.testing.assert_allclose(written.unit_values[4:8], [-2.0, 2.0, 0.0, 0.0])
    mirrored = one.reflected(0)
    nothing = np.zeros(6)
    before = scored(Fitted(one, free, nothing), data)
    np.testing.assert_allclose(scored(Fitted(mirrored, free, nothing), data), before, rtol=1e-4)
    np.testing.assert_allclose(scored(canonical(Fitted(one, free, nothing)), data), before, rtol=1e-4)


def test_numbers_stay_within_their_bounds():
    """Choices that always repeat push the last choice's weight without end; it stops at the largest."""
    choice = np.repeat(np.arange(8) % 2, 20).reshape(8, 20)
    data = cl.Dataset(
        np.zeros((8, 20, 2)), choice[..., None], n_classes=2, columns={"choice": choice, "reward": choice * 0}
    )
    structure = Structure.free(Units.mirrored(Form(1, 2, 4)))
    fitted = maximized(structure, np.full(structure.n_numbers, 0.5), recorded(data))
    low, high = structure.bounds()
    assert ((fitted.free >= low) & (fitted.free <= high)).all()
    assert np.isfinite(fitted.nll)
    # the first choice of a session is open, the other 19 are not
    assert fitted.nll == pytest.approx(8 * np.log(2), abs=0.5)


def test_agents_play_and_are_fitted():
    agent, values = AGENTS["last choice"]
    structure = Structure.free(Units.mirrored(Form(2, 2, 4)))
    structure = set_to(structure.fixing(structure.units.at(kind="bias"), 0.0), **values)
    structure = structure.releasing(structure.units.at(kind=RATE, mechanism=0, relation=0))
    structure = structure.joining(
        structure.units.at(kind=RATE, mechanism=0, relation=1),
        structure.units.at(kind=RATE, mechanism=0, relation=0)[0],
        1.0,
    )
    structure = structure.releasing(structure.units.at(kind=TARGET, mechanism=0, relation=1))
    fitted = Fitted(structure, np.array([0.3, 1.5]), np.zeros(1))
    ours = EquationAgent.of(fitted, 1.0)
    for part in (ours.rates, ours.weights):
        assert part is not None
        assert np.shape(part) == (1,)
    data = cl.simulate(ours, cl.DriftingBandit(drift=0.1), n_sessions=30, n_trials=100, seed=4)
    assert cl.evaluate(ours, data).nll == pytest.approx(cl.evaluate(agent, data).nll, rel=1e-5)
    fit = cl.fit_agent(ours, data, by="all", n_starts=2)
    assert fit.parameter_names == ("rates_1", "weights_1")
    np.testing.assert_allclose(fit.estimates[0], [0.3, 1.5], atol=4 * fit.standard_errors[0].max())
    with pytest.raises(ValueError, match="of 2 alternatives; the task has 3"):
        cl.simulate(ours, cl.DriftingBandit(n_arms=3), n_sessions=1, n_trials=5)


def test_data_that_hold_nothing_to_explain_are_refused():
    data = behavior(cl.QLearning())
    ones = cl.Dataset(data.inputs, np.ones((6, 40, 1)), n_classes=2, input_names=data.input_names)
    with pytest.raises(ValueError, match="all 240 choices that count are of one alternative"):
        recorded(ones)
    with pytest.raises(ValueError, match="equations need 50 at least"):
        recorded(data.select([4]))


def test_inputs_that_tell_of_more_than_the_trial_before():
    """Known by what they hold where they have no names; others reach the choice directly."""
    data = behavior(cl.QLearning())
    cue = np.random.default_rng(0).normal(size=(6, 40, 1)).astype(np.float32)
    more = cl.Dataset(
        np.concatenate([data.inputs, cue], axis=2),
        data.targets,
        mask=data.mask,
        valid=data.valid,
        n_classes=2,
        columns={name: data.columns[name] for name in ("choice", "reward")},
    )
    assert recorded(data).input_names == ()
    known = recorded(more)
    assert known.input_names == ("input 3",)
    structure = Structure.free(Units.mirrored(Form(1, 2, 4, n_inputs=1)))
    structure = structure.fixing(np.flatnonzero(structure.units.kinds != "drive"), 0.0)
    fitted = Fitted(structure, np.array([0.7]), np.zeros(6))
    logits = np.where(more.valid, 0.7 * cue[..., 0], 0.0)
    nll = np.log1p(np.exp(np.where(data.targets[..., 0] == 1, -1, 1) * logits))
    expected = np.where(data.mask[..., 0], nll, 0).sum(1)
    np.testing.assert_allclose(scored(fitted, known), expected, rtol=1e-5)
    with pytest.raises(ValueError, match="also read other inputs"):
        EquationAgent.of(fitted, 1.0)


def test_few_sessions_to_choose_by_are_enough():
    data = behavior(cl.QLearning())
    everything = recorded(data)
    assert recorded(data.select([4]), everything).n_choices.sum() < 50
