"""One affine map of the latents for each observation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl


def test_it_contains_q_learning():
    """Values times inverse temperature as latents: the maps written out by hand give the agent's logits."""
    rate, beta = 0.3, 3.0
    agent = cl.QLearning(rate, beta)
    data = cl.simulate(agent, cl.DriftingBandit(drift=0.1), n_sessions=4, n_trials=30, seed=1)
    network = cl.SwitchingLinearRNN(2, 2, 2, key=jax.random.key(0))
    keep, learn = jnp.diag(jnp.array([1 - rate, 1.0])), jnp.diag(jnp.array([1.0, 1 - rate]))
    hand = {
        "matrix": jnp.stack([keep, keep, learn, learn]),
        "offset": rate * beta * jnp.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]),
        "out_weight": jnp.eye(2),
        # the inputs of the first trial read as "first, unrewarded", which moves the first value
        "start": jnp.array([0.5 * beta / (1 - rate), 0.5 * beta]),
    }
    for name, value in hand.items():
        object.__setattr__(network, name, value)
    outputs = network.rollout(jnp.asarray(data.inputs)).outputs
    logits = cl.agent_logits(agent, data)
    np.testing.assert_allclose(outputs[..., 1] - outputs[..., 0], logits[..., 1] - logits[..., 0], atol=1e-5)


def test_training_finds_the_agent():
    agent = cl.QLearning(0.4, 3.0)
    data = cl.simulate(agent, cl.DriftingBandit(drift=0.1), n_sessions=60, n_trials=100, seed=1)
    train, held_out = data.split()
    network = cl.SwitchingLinearRNN(2, 2, 2, key=jax.random.key(0))
    run = cl.fit(network, train, phases=cl.Phase(300, learning_rate=2e-2), seed=0)
    ours, best = (cl.evaluate(m, held_out).normalized_likelihood for m in (run.model, agent))
    assert ours > best - 0.004
    assert cl.evaluate(network, held_out).normalized_likelihood < best - 0.05


def test_amounts_are_terms_and_not_observations():
    data = cl.Dataset(np.array([[[0.0, 3.0], [1.0, 55.0]]]), np.array([[[0.0], [1.0]]]), n_classes=2)
    with pytest.raises(ValueError, match=r'input 1 \("input 2"\) holds 3, 55.*continuous=\(1,\)'):
        cl.evaluate(cl.SwitchingLinearRNN(2, 2, 1, key=jax.random.key(0)), data)
    network = cl.SwitchingLinearRNN(2, 2, 1, continuous=(1,), key=jax.random.key(0))
    assert network.n_observations == 2
    assert np.isfinite(cl.evaluate(network, data).nll)
    two, one = (network.next_state(jnp.zeros(1), jnp.array([1.0, amount])) for amount in (55.0, 54.0))
    np.testing.assert_allclose(two - one, network.drive[1, :, 0], rtol=1e-4)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="continuous is \\(2,\\), expected different places of the 2 inputs"):
        cl.SwitchingLinearRNN(2, 2, 1, continuous=(2,), key=jax.random.key(0))
    with pytest.raises(ValueError, match="9 binary inputs make 512 observations"):
        cl.SwitchingLinearRNN(9, 2, 1, key=jax.random.key(0))
    with pytest.raises(ValueError, match="n_latents = 0; expected 1 or more, a whole number"):
        cl.SwitchingLinearRNN(2, 2, 0, key=jax.random.key(0))
