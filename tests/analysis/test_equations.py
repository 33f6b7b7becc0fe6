"""From choices to the numbers that made them, and from networks to equations."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.equations import _source
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, scored
from cogrnn_lab.analysis.choice_equations.parts.form import Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.trials import recorded
from cogrnn_lab.analysis.choice_equations.search import classical
from cogrnn_lab.analysis.choice_equations.search.canonical import canonical
from cogrnn_lab.analysis.choice_equations.search.discovery import Candidate
from cogrnn_lab.analysis.choice_equations.search.search import Found
from cogrnn_lab.analysis.choice_equations.words.mechanisms import mechanisms
from cogrnn_lab.analysis.choice_equations.words.sentences import recognized

QUICK = {"n_latents": (1,), "n_starts": 2, "terms": (), "rivals": False}


def chosen_by(agent, seed=1, n_sessions=60, n_trials=100, **bandit):
    environment = cl.DriftingBandit(drift=0.1, **bandit)
    return cl.simulate(agent, environment, n_sessions=n_sessions, n_trials=n_trials, seed=seed)


@pytest.fixture(scope="module")
def q_learning():
    agent = cl.QLearning(0.4, 3.0)
    data = chosen_by(agent)
    return agent, data, cl.equations(None, data, **QUICK)


def test_the_two_numbers_of_q_learning(q_learning):
    agent, data, found = q_learning
    assert found.complexity == 2
    assert found.mechanism == "Q-learning"
    numbers = found.numbers.set_index("name")
    for name, true in (("learning rate", 0.4), ("inverse temperature", 3.0)):
        row = numbers.loc[name]
        assert abs(row.value - true) < 3 * row.standard_error
        assert row.low < row.value < row.high
        assert row.standard_error < 0.15 * true
    # no worse on the sessions that it was fitted to than the agent that made them
    assert found.fidelity.fitted >= cl.evaluate(agent, data).normalized_likelihood - 1e-6
    unseen = chosen_by(agent, seed=2)
    ours, best = (cl.evaluate(model, unseen).normalized_likelihood for model in (found.agent, agent))
    assert abs(ours - best) < 0.001


def test_it_says_so(q_learning):
    _, _, found = q_learning
    first, second = found.text.split("\n")
    assert first == "2 numbers describe 6,000 choices: Q-learning."
    assert second.startswith("The value of each alternative moves by 0.")
    assert second.endswith("and stays when it is not.")
    assert found.latex.startswith("\\begin{aligned}\n\\operatorname{logit}_a &= V_{a}")
    assert found.steps.numbers.iloc[-1] == 2
    assert "random start" in found.source or "latents and" in found.source


def test_the_agent_and_the_equations_are_the_same(q_learning):
    _, data, found = q_learning
    ours = found.logits(data)
    agents = cl.agent_logits(found.agent, data)
    np.testing.assert_allclose(ours, agents, atol=1e-4)
    assert found.latents(data).shape == (60, 100, 1, 2)


def test_separate_rates_and_the_last_choice():
    agent = cl.Perseveration(cl.QLearning(0.6, 3.0, loss_rate=0.15), None, 1.0)
    data = chosen_by(agent, n_sessions=60, n_trials=100)
    found = cl.equations(None, data, n_latents=(2,), n_starts=3, terms=(), rivals=False)
    assert found.mechanism == (
        "Q-learning with separate rates for gains and losses with perseveration on the last choice"
    )
    numbers = found.numbers.set_index("name")
    true = {
        "learning rate after reward": 0.6,
        "learning rate without reward": 0.15,
        "inverse temperature": 3.0,
        "last choice: weight": 1.0,
    }
    assert set(numbers.index) == set(true)
    for name, value in true.items():
        assert abs(numbers.value[name] - value) < 3.5 * numbers.standard_error[name], name


def test_win_stay_lose_shift_is_one_number():
    found = cl.equations(None, chosen_by(cl.WinStayLoseShift(0.2)), **QUICK)
    assert found.mechanism == "win-stay lose-shift"
    assert found.numbers.name.tolist() == ["win-stay lose-shift: weight"]
    assert abs(found.numbers.value[0] - np.log(9)) < 3 * found.numbers.standard_error[0]


def test_guesses_have_no_number():
    found = cl.equations(None, chosen_by(cl.WinStayLoseShift(1.0)), **QUICK)
    assert found.complexity == 0
    assert found.mechanism == "choosing at random"
    assert "Nothing of what happened before moves the choice" in found.text
    assert cl.evaluate(found.agent, chosen_by(cl.QLearning())).nll == pytest.approx(np.log(2), rel=1e-6)


def test_a_side_bias_is_told_from_a_side_that_learns_otherwise():
    found = cl.equations(None, chosen_by(cl.SideBias(cl.QLearning(0.4, 3.0), 0.8)), **QUICK)
    assert found.mechanism == "Q-learning with a side bias"
    bias = found.numbers.set_index("name").loc["bias to 1"]
    assert abs(bias.value - 0.8) < 3 * bias.standard_error


def values_network(rate=0.3, beta=3.0):
    """The network whose two latents are the values of Q-learning, in units of its own."""
    network = cl.SwitchingLinearRNN(2, 2, 2, key=jax.random.key(0))
    keep, learn = jnp.diag(jnp.array([1 - rate, 1.0])), jnp.diag(jnp.array([1.0, 1 - rate]))
    outcome = rate * jnp.array([[-0.5, 0.0], [0.5, 0.0], [0.0, -0.5], [0.0, 0.5]])
    hand = {
        "matrix": jnp.stack([keep, keep, learn, learn]),
        "offset": outcome,
        "out_weight": beta * jnp.eye(2),
        "start": jnp.array([0.5 * rate / (1 - rate), 0.0]),
    }
    for name, value in hand.items():
        object.__setattr__(network, name, value)
    return network


def test_latents_in_units_of_their_contribution():
    data = chosen_by(cl.QLearning())
    reading = cl.read_latents(values_network(), data)
    assert reading.logit_r2 > 0.9999
    assert reading.observations == ("0, no reward", "0, reward", "1, no reward", "1, reward")
    first, second = (reading.latents.index(latent) for latent in (0, 1))
    np.testing.assert_allclose(reading.rates[:, first], [0.3, 0.3, 0, 0], atol=1e-3)
    np.testing.assert_allclose(reading.rates[:, second], [0, 0, 0.3, 0.3], atol=1e-3)
    # the distance of the two targets is the inverse temperature, and the first value counts against
    np.testing.assert_allclose(reading.targets[:2, first], [1.5, -1.5], atol=0.01)
    np.testing.assert_allclose(reading.targets[2:, second], [-1.5, 1.5], atol=0.01)
    moving = reading.rates > 0.1
    np.testing.assert_allclose(reading.move_r2[moving], 1.0, atol=1e-3)
    np.testing.assert_allclose(reading.contributions.sum(-1), 0.0, atol=1e-4)


def test_a_network_is_a_start_and_may_not_be_needed():
    data = chosen_by(cl.QLearning())
    found = cl.equations(values_network(), data, **QUICK)
    assert found.complexity == 2
    assert set(found.candidates.source) >= {"the SwitchingLinearRNN, one difference"}
    assert "The network was not needed: random starts do as well" in found.source
    assert found.fidelity.agreement > 0.98
    assert (found.fidelity.latents > 0.95).all()
    assert abs(found.fidelity.network - found.fidelity.choosing) < 0.003


def test_two_forms_of_the_same_equations_are_written_alike():
    """A value that forgets, written by what happens to the other alternative, is turned round."""
    structure = Structure.free(Units.mirrored(Form(1, 2, 4)))
    units = structure.units
    structure = structure.fixing(units.at(kind="bias"), 0.0)
    rates, targets = (units.at(kind=kind) for kind in ("rate", "target"))
    structure = structure.joining([rates[1]], rates[0], 1.0).joining([rates[3]], rates[2], 1.0)
    for other, sign in ((0, -1.0), (2, -1.0), (3, -1.0)):
        structure = structure.joining([targets[other]], targets[1], sign)
    fitted = Fitted(structure, np.array([0.4, 0.2, 1.25]), np.zeros(1))
    turned = Fitted(structure.reflected(0), fitted.free, np.zeros(1))
    agent = cl.QLearning(0.4, 2.5, forget_rate=0.2)
    data = chosen_by(agent, n_sessions=3, n_trials=20)
    for one in (fitted, turned):
        same = canonical(one)
        np.testing.assert_allclose(scored(same, recorded(data)), scored(fitted, recorded(data)), rtol=1e-5)
        (read,) = mechanisms(same.structure, same.free)
        assert recognized((read,), 0) == "forgetting Q-learning"
        values = [quantity.value for quantity in read.targets]
        np.testing.assert_allclose(values, [-1.25, 1.25, -1.25, -1.25])


def test_a_network_that_was_no_start_is_not_said_to_be_needed(q_learning):
    """Searches with terms, such as that of an actor and a critic, are no networks."""
    _, data, _ = q_learning
    known = recorded(data)

    def ended(*candidates):
        return tuple(Candidate(source, Found(None, price, ()), None) for source, price in candidates)

    starts = ended(("an actor and a critic", 10.0), ("random start 1", 14.0))
    assert "network" not in _source(starts, (), known)
    of_network = ended(("the GRU, one difference", 10.0), ("an actor and a critic", 14.0))
    assert "The network was needed: random starts end 4.0 nats behind it" in _source(
        of_network, ("the GRU",), known
    )
    three = recorded(chosen_by(cl.QLearning(), n_arms=3, n_sessions=3))
    assert "networks are read for two alternatives, and these are 3" in _source(starts, ("the GRU",), three)


def test_equations_are_saved_with_their_terms(q_learning, tmp_path):
    _, data, found = q_learning
    path = found.save(tmp_path / "equations")
    again = cl.load_equations(path)
    assert repr(again) == repr(found)
    np.testing.assert_array_equal(again.logits(data), found.logits(data))
    doubled = cl.Term("twice the value", "2 z", lambda latents, probability: 2 * latents)
    form = replace(found.fitted.structure.form, terms=(doubled,))
    structure = Structure.free(Units.mirrored(form))
    other = replace(found, fitted=Fitted(structure, np.full(structure.n_numbers, 0.1), np.zeros(60)))
    path = other.save(path)
    with pytest.raises(ValueError, match=r"not known here \(twice the value\); give them, as in"):
        cl.load_equations(path)
    np.testing.assert_array_equal(
        cl.load_equations(path, terms=(*cl.TERMS, doubled)).logits(data), other.logits(data)
    )


def test_choices_that_choose_are_not_fitted_to(q_learning):
    _, data, found = q_learning
    train, choose = data.split(every=4)
    again = cl.equations(None, train, choose=choose, **QUICK)
    assert again.numbers["name"].tolist() == found.numbers["name"].tolist()
    np.testing.assert_allclose(again.numbers["value"], found.numbers["value"], rtol=1e-3)
    with pytest.raises(ValueError, match="among those that they are fitted to"):
        cl.equations(None, train, choose=train, **QUICK)


def test_bad_input_is_refused():
    with pytest.raises(TypeError, match="found is a str; expected a network, a Run"):
        cl.equations("network", chosen_by(cl.QLearning(), n_sessions=3))
    few = chosen_by(cl.QLearning(), n_sessions=1, n_trials=20)
    with pytest.raises(ValueError, match="20 choices count; equations need 50 at least"):
        cl.equations(None, few)


@pytest.mark.parametrize(
    ("agent", "mechanism"),
    [
        (
            cl.Perseveration(cl.QLearning(0.3, 3.0), choice_rate=0.3, choice_weight=0.8),
            "Q-learning with perseveration by a fading trace of choices",
        ),
        (
            cl.Perseveration(cl.QLearning(0.4, 2.5, forget_rate=0.2), choice_rate=None, choice_weight=0.6),
            "forgetting Q-learning with perseveration on the last choice",
        ),
    ],
    ids=["trace", "last choice"],
)
def test_few_choices_do_not_merge_a_value_and_repetition(agent, mechanism):
    """The search alone ends with one latent that "counts no reward as well", 25 nats worse than the agent."""
    data = cl.simulate(agent, cl.DriftingBandit(), n_sessions=30, n_trials=200, seed=2)
    found = cl.equations(None, data, n_latents=(1,), n_starts=2, terms=(), choose_every=0)
    assert found.mechanism == mechanism
    ours, theirs = (cl.evaluate(one, data).normalized_likelihood for one in (found.agent, agent))
    assert ours > theirs


class FastAndSlow(cl.Agent):
    """Two values of each arm, at two rates, of which one alone is a classical model."""

    def initial_state(self, n_arms):
        return jnp.zeros((2, n_arms))

    def logits(self, state):
        return 0.6 * state[0] + 2.5 * state[1]

    def update(self, state, choice, reward):
        rates = jnp.array([[0.8], [0.08]])
        chosen = (jnp.arange(state.shape[1]) == choice)[None]
        return jnp.where(chosen, state + rates * (reward - state), state * (1 - rates))


def test_forms_that_would_take_each_others_place_come_to_an_end(monkeypatch):
    """The second value gains less than the favor of a classical form: each was better than the other."""
    data = cl.simulate(FastAndSlow(), cl.DriftingBandit(), n_sessions=30, n_trials=200, seed=3)
    searches = []

    def counted(*given):
        searches.append(given)
        assert len(searches) < 8, "the same forms come again and again"
        return cheapest(*given)

    cheapest = classical._cheapest_classical
    monkeypatch.setattr(classical, "_cheapest_classical", counted)
    monkeypatch.setattr(classical, "FAVOR", 60.0)
    found = cl.equations(None, data, n_latents=(1, 2), n_starts=2, terms=(), rivals=False)
    assert found.mechanism != "none of the classical models"


def test_a_form_between_models_gives_way_to_a_classical_one():
    """The search ended with "none of the classical models", which chose as well by the first trials alone."""
    agent = cl.QLearning(0.4, 3.0, forget_rate=0.3, loss_rate=0.2)
    data = cl.simulate(agent, cl.DriftingBandit(), n_sessions=300, n_trials=200, seed=103)
    found = cl.equations(None, data, n_latents=(1,), terms=(), rivals=False)
    assert found.mechanism == "forgetting Q-learning with separate rates for gains and losses"
    assert "mechanisms as a classical model has them" in set(found.steps["what"])
    numbers = found.numbers.set_index("name")
    truths = {
        "learning rate after reward": 0.4,
        "learning rate without reward": 0.2,
        "forgetting rate": 0.3,
        "inverse temperature": 3.0,
    }
    assert set(numbers.index) == set(truths)
    for name, true in truths.items():
        assert abs(numbers.value[name] - true) < 3 * numbers.standard_error[name]
