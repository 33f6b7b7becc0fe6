"""Classical agents against trial loops written out from the papers' formulas, in plain NumPy."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.settings.section import parameters_of
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters

N_TRIALS = 40


def record(n_arms: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n_arms)
    return rng.integers(0, n_arms, N_TRIALS), rng.integers(0, 2, N_TRIALS).astype(float)


def as_data(choices: np.ndarray, rewards: np.ndarray, n_arms: int) -> cl.Dataset:
    return cl.Dataset(
        np.zeros((1, N_TRIALS, 1)),
        choices[None, :, None],
        n_classes=n_arms,
        columns={"choice": choices[None], "reward": rewards[None]},
    )


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def probabilities(agent, choices, rewards, n_arms):
    """What the agent predicts before each trial."""
    return np.asarray(jax.nn.softmax(cl.agent_logits(agent, as_data(choices, rewards, n_arms))[0]))


def q_learning(choices, rewards, n_arms, gain, loss, forget, beta, start=0.5):
    """Logits of Q-learning before each trial."""
    values, found = np.full(n_arms, start), []
    for choice, reward in zip(choices, rewards, strict=True):
        found.append(beta * values)
        error = reward - values[choice]
        after = (1 - forget) * values
        after[choice] = values[choice] + (gain if error >= 0 else loss) * error
        values = after
    return np.array(found)


def choice_trace(choices, n_arms, rate):
    trace, found = np.zeros(n_arms), []
    for choice in choices:
        found.append(trace)
        trace = (1 - rate) * trace + rate * np.eye(n_arms)[choice]
    return np.array(found)


@pytest.mark.parametrize("n_arms", [2, 3])
@pytest.mark.parametrize(("loss", "forget"), [(None, 0.2), (0.6, None), (0.1, 0.7)])
def test_q_learning_with_forgetting_and_with_rates_of_gains_and_losses(n_arms, loss, forget):
    choices, rewards = record(n_arms)
    agent = cl.QLearning(0.35, 2.5, forget_rate=forget, loss_rate=loss)
    gain_and_loss = (0.35, 0.35 if loss is None else loss)
    expected = q_learning(choices, rewards, n_arms, *gain_and_loss, forget or 0.0, 2.5)
    found = probabilities(agent, choices, rewards, n_arms)
    np.testing.assert_allclose(found, [softmax(row) for row in expected], rtol=1e-4)


@pytest.mark.parametrize("n_arms", [2, 3])
@pytest.mark.parametrize("rate", [0.3, None])
def test_perseveration_side_bias_and_lapses_are_added_to_any_agent(n_arms, rate):
    choices, rewards = record(n_arms)
    bias = np.arange(n_arms) * 0.4
    inner = cl.Perseveration(cl.QLearning(0.35, 2.5), choice_rate=rate, choice_weight=-0.8)
    agent = cl.Lapse(cl.SideBias(inner, bias=0.4 if n_arms == 2 else bias[1:]), lapse_rate=0.12)
    logits = q_learning(choices, rewards, n_arms, 0.35, 0.35, 0.0, 2.5) + bias
    logits = logits - 0.8 * choice_trace(choices, n_arms, 1.0 if rate is None else rate)
    expected = [0.88 * softmax(row) + 0.12 / n_arms for row in logits]
    np.testing.assert_allclose(probabilities(agent, choices, rewards, n_arms), expected, rtol=1e-4)


@pytest.mark.parametrize("n_arms", [2, 4])
def test_win_stay_lose_shift(n_arms):
    choices, rewards = record(n_arms)
    expected = [np.full(n_arms, 1 / n_arms)]
    for choice, reward in zip(choices[:-1], rewards[:-1], strict=True):
        rule = np.eye(n_arms)[choice] if reward > 0 else (1 - np.eye(n_arms)[choice]) / (n_arms - 1)
        expected.append(0.75 * rule + 0.25 / n_arms)
    found = probabilities(cl.WinStayLoseShift(0.25), choices, rewards, n_arms)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_history_regression_gives_the_log_odds_of_lau_and_glimcher():
    choices, rewards = record(2)
    alpha, beta, gamma = np.array([1.2, 0.5, -0.1]), np.array([-0.4, 0.3, 0.2]), 0.25
    log_odds = []
    for trial in range(N_TRIALS):
        value = gamma
        for back in range(1, 4):
            if trial - back >= 0:
                side = 2 * choices[trial - back] - 1
                value += alpha[back - 1] * side * rewards[trial - back] + beta[back - 1] * side
        log_odds.append(value)
    agent = cl.SideBias(cl.HistoryRegression(3, alpha, beta), gamma)
    found = probabilities(agent, choices, rewards, 2)
    np.testing.assert_allclose(np.log(found[:, 1] / found[:, 0]), log_odds, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("n_arms", [2, 3])
def test_threshold_foraging_leaves_an_arm_that_pays_less_than_the_threshold(n_arms):
    choices, rewards = record(n_arms)
    rate, threshold, beta = 0.3, 0.4, 4.0
    expected = [np.full(n_arms, 1 / n_arms)]
    value, current = threshold, None
    for choice, reward in zip(choices[:-1], rewards[:-1], strict=True):
        value = value if choice == current else threshold
        value, current = value + rate * (reward - value), choice
        stay = 1 / (1 + np.exp(-beta * (value - threshold)))
        expected.append(np.where(np.arange(n_arms) == choice, stay, (1 - stay) / (n_arms - 1)))
    found = probabilities(cl.ThresholdForaging(rate, threshold, beta), choices, rewards, n_arms)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("forget", [None, 0.2])
def test_pearce_hall_learns_by_surprise(forget):
    choices, rewards = record(3)
    values, surprise, expected = np.full(3, 0.5), np.ones(3), []
    for choice, reward in zip(choices, rewards, strict=True):
        expected.append(softmax(3.0 * values))
        error = reward - values[choice]
        after = (1 - (forget or 0.0)) * values
        after[choice] = values[choice] + 0.6 * surprise[choice] * error
        surprise[choice] += 0.25 * (abs(error) - surprise[choice])
        values = after
    agent = cl.PearceHall(0.6, 0.25, 3.0, forget_rate=forget)
    np.testing.assert_allclose(probabilities(agent, choices, rewards, 3), expected, rtol=1e-4)


def test_meta_learning_of_grossman_2022():
    choices, rewards = record(2)
    gain, loss, psi, step, forget, beta = 0.5, 0.3, 0.4, 0.15, 0.2, 3.0
    values, uncertainty, loss_now, expected = np.zeros(2), 0.0, loss, []
    for choice, reward in zip(choices, rewards, strict=True):
        expected.append(softmax(beta * values))
        error = reward - values[choice]
        unexpected = abs(error) - uncertainty
        if error < 0:
            loss_now = min(max(psi * (unexpected + loss) + (1 - psi) * loss_now, 0.0), 1.0)
        rate = gain if error >= 0 else loss_now
        values[choice] += rate * (1 - uncertainty) * error
        values[1 - choice] *= 1 - forget
        uncertainty += step * unexpected
    agent = cl.MetaLearning(gain, loss, psi, step, forget, beta)
    np.testing.assert_allclose(probabilities(agent, choices, rewards, 2), expected, rtol=1e-4)


def test_published_models_in_the_notation_of_their_papers():
    choices, rewards = record(2)
    zeta, kappa = 0.8, 0.6
    last = np.concatenate([[0], 2 * choices[:-1] - 1])
    values = q_learning(choices, rewards, 2, 0.3, 0.3, 1 - zeta, 3.0)
    log_odds = values[:, 1] - values[:, 0] + kappa * last - 0.2
    found = probabilities(cl.bari_2019(0.3, 1 - zeta, 3.0, kappa, -0.2), choices, rewards, 2)
    np.testing.assert_allclose(np.log(found[:, 1] / found[:, 0]), log_odds, rtol=1e-3, atol=1e-5)

    beta, beta_0 = 2.5, 0.1
    values = q_learning(choices, rewards, 2, 0.4, 0.15, 0.25, 1.0)
    log_odds = beta * (values[:, 1] - values[:, 0] + beta_0)
    agent = cl.hattori_2019(0.4, 0.15, 0.25, beta, beta * beta_0)
    found = probabilities(agent, choices, rewards, 2)
    np.testing.assert_allclose(np.log(found[:, 1] / found[:, 0]), log_odds, rtol=1e-3, atol=1e-5)


MODELS_OF_THREE = cl.classical_models(3)
QUICK = ("win-stay lose-shift", "history regression")  # the others cost a second each to compile


@pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in MODELS_OF_THREE],
)
def test_every_classical_model_predicts_its_own_simulated_choices(name):
    agent = MODELS_OF_THREE[name]
    data = cl.simulate(agent, cl.DriftingBandit(n_arms=3), n_sessions=2, n_trials=15)
    p = jax.nn.softmax(cl.agent_logits(agent, data))
    chosen = np.take_along_axis(np.asarray(p), data.columns["choice"][..., None], -1)[..., 0]
    np.testing.assert_allclose(chosen, data.columns["p_choice"], rtol=1e-4)


def test_the_models_for_two_arms_are_those_for_more():
    two = cl.classical_models()
    assert list(two) == list(MODELS_OF_THREE)
    for name, agent in two.items():
        names = [parameter.name for parameter in cl.agent_parameters(agent)]
        assert names == [parameter.name for parameter in cl.agent_parameters(MODELS_OF_THREE[name])]
        assert agent.logits(agent.initial_state(2)).shape == (2,)


@pytest.mark.parametrize(
    "constructor",
    [
        cl.QLearning,
        cl.WinStayLoseShift,
        cl.ThresholdForaging,
        cl.PearceHall,
        cl.MetaLearning,
        cl.LeakyActorCritic,
        cl.bari_2019,
        cl.hattori_2019,
        cl.grossman_2022,
        cl.perseverative_q_learning,
    ],
)
def test_controls_can_be_made_from_the_constructor(constructor):
    """The lab makes a control of each number that a constructor takes; together they are the parameters."""
    controls = parameters_of(constructor).to_dict()
    agent = constructor(**controls)
    values = [float(parameter.value(agent)) for parameter in cl.agent_parameters(agent)]
    assert sorted(values) == sorted(controls.values())


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: cl.QLearning(forget_rate=1.5), "forget_rate = 1.5; expected 0 to 1. It is the fraction"),
        (lambda: cl.QLearning(loss_rate=-1), "loss_rate = -1.0; expected 0 to 1"),
        (lambda: cl.Perseveration(cl.QLearning(), choice_rate=2), "choice_rate = 2.0; expected 0 to 1"),
        (lambda: cl.Lapse(cl.QLearning(), -0.1), "lapse_rate = -0.1; expected 0 to 1"),
        (lambda: cl.SideBias(cl.QLearning(), float("nan")), "bias = nan; expected a finite number"),
        (lambda: cl.HistoryRegression(0), "n_back = 0; expected 1 or more"),
        (
            lambda: cl.HistoryRegression(3, reward_weights=[1.0]),
            r"reward_weights has shape \(1,\); expected \(3,\)",
        ),
        (
            lambda: cl.SideBias(cl.QLearning()).initial_state(3),
            r"SideBias has 1 bias; a task with 3 arms needs 2.*bias=\[0.0, 0.0\]",
        ),
    ],
)
def test_impossible_agents_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_parameters_are_found_by_name_the_innermost_first():
    agent = cl.Lapse(cl.Lapse(cl.SideBias(cl.QLearning(0.1, 2, forget_rate=0.3), [0.5, -0.5]), 0.1), 0.2)
    found = {parameter.name: parameter for parameter in cl.agent_parameters(agent)}
    assert list(found) == [
        "learning_rate", "inverse_temperature", "forget_rate", "bias", "agent.lapse_rate", "lapse_rate",
    ]  # fmt: skip
    assert found["agent.lapse_rate"].value(agent) == 0.1
    assert found["bias"].entries == ("bias_1", "bias_2")
    assert cl.agent_parameters(cl.NetworkAgent(cl.DisRNN(2, 2, 1, key=jax.random.key(0)))) == ()


def test_subjects_may_have_arrays_of_parameters_of_their_own():
    """Biases of three arms, which an array in the field itself could not say for several subjects."""
    template = cl.SideBias(cl.QLearning(0.2, 1.0), [0.0, 0.0])
    values = {"agent.inverse_temperature": np.array([1.0, 5.0]), "bias": np.array([[0.0, 0.5], [1.0, -0.5]])}
    agents = SubjectParameters(template, values)
    data = cl.simulate(agents, cl.DriftingBandit(n_arms=3), n_sessions=3, n_trials=30, seed=4)
    assert data.subject.tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_array_equal(data.subject_values("bias_2"), [0.5, -0.5])
    for subject in range(2):
        alone = data.select(data.subject == subject)
        own = cl.SideBias(
            cl.QLearning(0.2, values["agent.inverse_temperature"][subject]), values["bias"][subject]
        )
        assert eqx.tree_equal(agents.one(subject), own)
        assert cl.evaluate(own, alone).normalized_likelihood == pytest.approx(
            alone.generating_likelihood, rel=1e-5
        )
    backwards = data.select(np.arange(6)[::-1])
    np.testing.assert_allclose(
        cl.agent_logits(agents, backwards), cl.agent_logits(agents, data)[::-1], rtol=1e-6
    )
    assert eqx.tree_equal(agents.take(np.array([1, 0])).one(0), agents.one(1))


def test_prediction_errors_follow_the_values_inside_of_any_composition():
    agent = cl.Lapse(cl.SideBias(cl.Perseveration(cl.QLearning(0.4, 2.0, forget_rate=0.3))), 0.1)
    data = cl.record_signals(agent, as_data(*record(2), 2), cl.RewardPredictionError(noise=0.0))
    choices, rewards = record(2)
    values = q_learning(choices, rewards, 2, 0.4, 0.4, 0.3, 1.0)
    errors = rewards - values[np.arange(N_TRIALS), choices]
    np.testing.assert_allclose(data.targets[0, 1:, 1], errors[:-1], atol=1e-6)


@pytest.mark.parametrize("agent", [cl.PearceHall(), cl.MetaLearning()])
def test_expected_reward_is_the_value_that_preferences_come_from(agent):
    data = as_data(*record(2), 2)
    expected = cl.record_signals(agent, data, cl.ChosenValue(noise=0.0)).targets[0, 1:, 1]
    values = cl.agent_logits(agent, data)[0] / agent.inverse_temperature
    chosen = values[np.arange(N_TRIALS), record(2)[0]]
    np.testing.assert_allclose(expected, chosen[:-1], atol=1e-5)


def test_foraging_expects_the_threshold_of_a_new_arm():
    agent = cl.ThresholdForaging(0.5, 0.3, 4.0)
    state = agent.update(agent.initial_state(2), jnp.asarray(1), jnp.asarray(1.0))
    assert float(agent.expected_reward(state, jnp.asarray(1))) == pytest.approx(0.65)
    assert float(agent.expected_reward(state, jnp.asarray(0))) == pytest.approx(0.3)


def test_an_agent_without_lapses_has_finite_gradients():
    def log_probability(lapse_rate):
        agent = cl.WinStayLoseShift(lapse_rate)
        state = agent.update(agent.initial_state(2), jnp.asarray(1), jnp.asarray(1.0))
        return agent.logits(state)[1]

    assert float(log_probability(0.0)) == 0.0
    assert float(jax.grad(log_probability)(0.0)) == pytest.approx(-0.5)
