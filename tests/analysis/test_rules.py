"""Update rules and choice rules agree with the reference package and with the model itself."""

import json

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from haiku_fixture import read_haiku_fixture

import cogrnn_lab as cl


def random_model(n_inputs=2, n_outputs=2, n_latents=3, key=0) -> cl.DisRNN:
    model = cl.DisRNN(n_inputs, n_outputs, n_latents, key=jax.random.key(key))
    gains = lambda m: (m.choice_latent.multiplier, m.update_latent.multiplier)  # noqa: E731
    return eqx.tree_at(
        gains, model, (jnp.linspace(0.5, 1.5, n_latents), 0.7 * jnp.ones((n_latents, n_latents)))
    )


@pytest.mark.parametrize("name", ["disrnn_11", "disrnn_12"])
def test_update_rules_agree_with_the_reference(parity, name):
    """The reference numbers latents by openness and shows one conditioning latent that is half open."""
    fixture = read_haiku_fixture(parity / f"{name}.npz")
    order = cl.bottlenecks(fixture.model).latent_order
    names = ("Observation 0:", "Observation 1:")
    rules = cl.update_rules(fixture.model, threshold=0.5, input_names=names, limit=2.1)
    compared = 0
    for position, tables in json.loads(str(fixture.arrays["update_rules"])).items():
        rule = rules[int(order[int(position) - 1])]
        labels = [label.replace(", ", "\n") for label in rule.observation_labels]
        assert labels == [label if label != "All Trials" else "all trials" for label in tables]
        for row, table in enumerate(tables.values()):
            np.testing.assert_allclose(rule.values, table["state_bins"], atol=1e-6)
            for key, theirs in table.items():
                if key.startswith("delta_latent_"):
                    other = rule.conditioning.index(int(order[int(key.removeprefix("delta_latent_")) - 1]))
                    theirs = np.array(list(theirs.values()))[..., 0]
                    np.testing.assert_allclose(rule.delta[other, :, row], theirs, atol=2e-6)
                    compared += 1
    assert compared >= 3


def test_update_rules_are_the_models_own_steps():
    model = random_model()
    background = np.array([0.3, -0.4, 0.9])
    rules = cl.update_rules(model, [2], n_points=7, threshold=-1.0, background=background)
    rule = rules[2]
    assert list(rules) == [2]
    assert rule.conditioning == (0, 1)
    assert len(rule.observations) == 4
    for o, p, c in [(0, 0, 0), (3, 5, 1), (2, 6, 4)]:
        for other, condition in [(None, None), (0, c), (1, c)]:
            state = background.copy()
            if other is not None:
                state[other] = rule.conditioning_values[condition]
            state[2] = rule.values[p]
            new, _, _ = model.step(jnp.asarray(state, jnp.float32), jnp.asarray(rule.observations[o]))
            shown = rule.base[o, p] if other is None else rule.delta[other, condition, o, p]
            assert shown == pytest.approx(float(new[2]) - state[2], abs=1e-5)


def test_observations_that_differ_only_in_closed_inputs_are_shown_once():
    model = random_model()
    closed = model.update_input.spread.at[1, 0].set(1.0).at[:, 1].set(1.0)
    model = eqx.tree_at(lambda m: m.update_input.spread, model, closed)
    rules = cl.update_rules(model, input_names=("previous choice", "previous reward"))
    assert rules[0].observation_labels == ("previous choice 0", "previous choice 1")
    assert rules[1].observation_labels == ("all trials",)
    assert len(rules[2].observation_labels) == 4


def test_rules_from_the_data_s_own_observations():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=3), n_sessions=5, n_trials=40)
    observations = cl.typical_observations(data)
    assert observations.shape[1] == 4
    assert set(observations.ravel()) == {0.0, 1.0}
    assert {tuple(row[:3]) for row in observations} <= {(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)}
    model = random_model(n_inputs=4, n_outputs=3)
    assert cl.update_rules(model, observations=observations)[0].base.shape == (len(observations), 50)


def test_choice_rule_is_the_models_own_choice():
    model = random_model(n_outputs=3)
    rule = cl.choice_rule(model, (2, 0), n_points=9)
    assert rule.logits.shape == (3, 2, 9)
    assert rule.pair_logits is not None
    state = jnp.zeros(3).at[1].set(float(rule.values[6]))
    outputs = model.readouts(state[None])[0]
    np.testing.assert_allclose(rule.logits[1, :, 6], outputs[1:] - outputs[0], atol=1e-5)
    state = jnp.zeros(3).at[2].set(float(rule.values[1])).at[0].set(float(rule.values[7]))
    outputs = model.readouts(state[None])[0]
    np.testing.assert_allclose(rule.pair_logits[:, 1, 7], outputs[1:] - outputs[0], atol=1e-5)
    assert cl.choice_rule(random_model(n_latents=1)).pair is None


def test_transition_and_choice_equal_a_step():
    model = random_model()
    states, inputs = jax.random.normal(jax.random.key(1), (6, 3)), jnp.ones((6, 2))
    new = model.transition(states, inputs)
    expected, outputs, _ = jax.vmap(lambda z, x: model.step(z, x))(states, inputs)
    np.testing.assert_allclose(new, expected, atol=1e-5)
    np.testing.assert_allclose(model.readouts(new), outputs, atol=1e-5)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"latents": [3]}, "no latent 3: the network has 3"),
        ({"observations": np.zeros((4, 3))}, r"shape \(4, 3\), expected \(observation, 2\)"),
        ({"background": np.zeros(2)}, r"shape \(2,\), expected \(3,\)"),
    ],
)
def test_wrong_arguments_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        cl.update_rules(random_model(), **wrong)
    with pytest.raises(ValueError, match="expected two different latents"):
        cl.choice_rule(random_model(), (1, 1))
