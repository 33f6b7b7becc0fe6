"""One trial of the disentangled networks in NumPy: latents, logits and nats from the same random draws."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plain_networks import divergence, doubles, residual_mlp, sigmoid

import cogrnn_lab as cl
from cogrnn_lab.models.disentangled.latent_recurrence import gated_update

SIZES = {"update_width": 3, "update_depth": 2, "choice_width": 2, "choice_depth": 1, "max_latent": 1.5}
MODELS = {
    "DisRNN": lambda key: cl.DisRNN(2, 3, 2, **SIZES, key=key),
    "multisubject": lambda key: cl.MultisubjectDisRNN(
        2, 3, 2, n_subjects=3, embedding_size=2, **SIZES, key=key
    ),
    "neuro": lambda key: cl.NeuroDisRNN(
        2, 3, 2, n_signals=2, neural_width=2, neural_depth=1, **SIZES, key=key
    ),
}
NOISE = 0.7


def moved(name: str):
    """The network with every parameter away from its start value."""
    model = MODELS[name](jax.random.key(1))
    leaves, tree = jax.tree.flatten(model)
    rng = np.random.default_rng(2)
    new = [leaf + 0.3 * jnp.asarray(rng.normal(size=leaf.shape), jnp.float32) for leaf in leaves]
    return jax.tree.unflatten(tree, new)


def channel(bottleneck, x, eps, group, nats):
    """What leaves a bottleneck; its nats are noted under the group."""
    gain, spread = doubles(bottleneck.gain, bottleneck.spread)
    sigma = np.abs(spread) + 1e-5
    nats[group] = nats.get(group, 0.0) + divergence(gain * x, sigma).sum()
    return gain * x + NOISE * sigma * eps


def trial_by_hand(model, state, x, eps, subject):
    nats, context, n_context = {}, np.zeros(0), 0
    if model.subjects is not None:
        weight, bias = doubles(model.subjects.weight, model.subjects.bias)
        context = channel(model.subjects.subject, weight[subject] + bias, eps["subject"], "subject", nats)
        n_context = context.size
    new = np.zeros_like(state)
    for j in range(len(state)):
        at = lambda bottleneck, j=j: cl.Bottleneck(bottleneck.gain[:, j], bottleneck.spread[:, j])  # noqa: E731
        e_subject, e_input, e_latent = np.split(eps["update"][j], [n_context, n_context + len(x)])
        read = [
            channel(at(model.update_input), x, e_input, "update_input", nats),
            channel(at(model.update_latent), state, e_latent, "update_latent", nats),
        ]
        if n_context:
            read.insert(
                0, channel(at(model.subjects.update_subject), context, e_subject, "update_subject", nats)
            )
        gate, target = residual_mlp(model.update_net, np.concatenate(read), j)
        new[j] = state[j] + sigmoid(gate) * (1.5 * np.tanh(target / 1.5) - state[j])
    new = channel(model.latent, new, eps["latent"], "latent", nats)
    read = [channel(model.choice_latent, new, eps["choice"][n_context:], "choice_latent", nats)]
    if n_context:
        e_subject = eps["choice"][:n_context]
        read.insert(0, channel(model.subjects.choice_subject, context, e_subject, "choice_subject", nats))
    outputs = residual_mlp(model.choice_net, np.concatenate(read))
    if model.neural is not None:
        observed = channel(model.neural.bottleneck, np.concatenate([new, x]), eps["neural"], "neural", nats)
        outputs = np.concatenate([outputs, residual_mlp(model.neural.network, observed)])
    return new, outputs, nats


@pytest.mark.parametrize("name", MODELS)
def test_a_noisy_trial(name):
    model, rng = moved(name), np.random.default_rng(4)
    state, x = rng.normal(size=2), rng.normal(size=2)
    eps = {use: rng.normal(size=shape) for use, shape in model.noise_shapes().items()}
    new, outputs, nats = trial_by_hand(model, state, x, eps, 1)
    draws = {use: jnp.asarray(array, jnp.float32) for use, array in eps.items()}
    arrays = jnp.asarray(state, jnp.float32), jnp.asarray(x, jnp.float32)
    step = eqx.filter_jit(
        lambda m, s, x, draws, subject: m.step_with_draws(s, x, draws, NOISE, subject=subject)
    )
    subject = jnp.asarray(1) if name == "multisubject" else None
    ours = step(model, *arrays, draws, subject)
    np.testing.assert_allclose(ours[0], new, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours[1], outputs, rtol=1e-4, atol=1e-5)
    assert set(ours[2]) == set(nats) == set(model.groups)
    for group in model.groups:
        assert float(ours[2][group]) == pytest.approx(nats[group], rel=1e-4), group


def test_a_gated_step_is_a_convex_mix_of_the_latent_and_a_bounded_target():
    rng = np.random.default_rng(0)
    z, gate, target = (jnp.asarray(3.0 * rng.normal(size=50), jnp.float32) for _ in range(3))
    new = np.asarray(gated_update(z, gate, target, 2.0))
    w, bounded = sigmoid(np.asarray(gate)), 2.0 * np.tanh(np.asarray(target) / 2.0)
    np.testing.assert_allclose(new, (1 - w) * np.asarray(z) + w * bounded, rtol=1e-4, atol=1e-5)
    low, high = np.minimum(z, bounded), np.maximum(z, bounded)
    assert ((new >= low - 1e-5) & (new <= high + 1e-5)).all()


def test_limits_of_a_gated_step():
    z, target = jnp.array([0.7, -1.9, 1.2]), jnp.array([0.3, 9.0, -100.0])
    bounded = 2.0 * jnp.tanh(target / 2.0)
    np.testing.assert_allclose(gated_update(z, jnp.full(3, -40.0), target, 2.0), z, rtol=1e-6)
    np.testing.assert_allclose(gated_update(z, jnp.full(3, 40.0), target, 2.0), bounded, rtol=1e-6)
    np.testing.assert_allclose(gated_update(z, jnp.zeros(3), target, 2.0), 0.5 * (z + bounded), rtol=1e-6)
    # A limit far above the target changes nothing: a delta rule with learning rate sigmoid(gate).
    free = gated_update(z, jnp.zeros(3), jnp.array([0.3, -0.4, 0.1]), 1e4)
    np.testing.assert_allclose(free, 0.5 * (z + jnp.array([0.3, -0.4, 0.1])), rtol=1e-4)


def test_a_latent_at_its_bounded_target_stays_there():
    target = jnp.array([0.5, -3.0, 50.0])
    fixed = 2.0 * jnp.tanh(target / 2.0)
    for gate in (-3.0, 0.0, 3.0):
        np.testing.assert_allclose(gated_update(fixed, jnp.full(3, gate), target, 2.0), fixed, rtol=1e-6)
    # From anywhere else it comes closer by the factor 1 - sigmoid(gate) a trial.
    z = fixed + 1.0
    for trial in range(1, 4):
        z = gated_update(z, jnp.zeros(3), target, 2.0)
        np.testing.assert_allclose(z - fixed, 0.5**trial, rtol=1e-4)
