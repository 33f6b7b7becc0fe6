"""The DisRNN's fast path equals its plain definition, and its bottlenecks do what they say."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from precision import enable_x64

import cogrnn_lab as cl
from cogrnn_lab.models.disentangled.bottleneck import SMALLEST_SIGMA, Bottleneck

ARCHITECTURES = {
    "default": {},
    "one latent": {"n_latents": 1, "update_depth": 1, "choice_depth": 0},
    "shallow": {"n_latents": 3, "update_depth": 0, "update_width": 5, "activation": "tanh"},
    "deep, three arms": {
        "n_latents": 4,
        "update_depth": 3,
        "n_outputs": 3,
        "n_inputs": 4,
        "activation": "relu",
    },
    "multisubject": {"kind": cl.MultisubjectDisRNN, "n_subjects": 3, "embedding_size": 2, "n_latents": 2},
    "neuro": {"kind": cl.NeuroDisRNN, "n_signals": 2, "neural_depth": 1, "n_latents": 2},
}


def network(key=0, kind=cl.DisRNN, **changes) -> cl.DisentangledNetwork:
    sizes = {"n_inputs": 2, "n_outputs": 2} | changes
    model = kind(**sizes, key=jax.random.key(key))
    # Every parameter away from its special start value, or a gradient that is missing would not show.
    leaves, tree = jax.tree.flatten(model)
    keys = jax.random.split(jax.random.key(key + 1), len(leaves))
    moved = [leaf + 0.2 * jax.random.normal(k, leaf.shape) for leaf, k in zip(leaves, keys, strict=True)]
    return jax.tree.unflatten(tree, moved)


def subjects_of(model, n_sessions=4):
    """Whose sessions they are, for a network that knows subjects."""
    return None if model.subjects is None else jnp.arange(n_sessions) % model.n_subjects


def some_inputs(model, n_sessions=4, n_trials=9):
    shape = (n_sessions, n_trials, model.n_inputs)
    return jax.random.bernoulli(jax.random.key(3), 0.5, shape).astype(jnp.float32)


def in_double(tree):
    """All arrays in double precision."""
    return jax.tree.map(lambda array: array.astype(jnp.float64), tree)


def step_by_step(model, inputs, draws, noise, subject=None, begins=None):
    """The plain definition, trial by trial and session by session."""
    begins = jnp.zeros(inputs.shape[:2], bool) if begins is None else begins

    def session(inputs, draws, subject, begins):
        def trial(state, xs):
            x, eps, begins = xs
            state = jnp.where(begins, model.initial_state(), state)
            state, outputs, information = model.step_with_draws(state, x, eps, noise, subject=subject)
            return state, (outputs, state, information)

        return jax.lax.scan(trial, model.initial_state(), (inputs, draws, begins))[1]

    axes = (0, -1, None if subject is None else 0, 0)
    return cl.Rollout(*jax.vmap(session, in_axes=axes)(inputs, draws, subject, begins))


def summary(rolled):
    """A number that depends on everything in a rollout."""
    nats = sum((i + 1) * rolled.information[g].sum() for i, g in enumerate(sorted(rolled.information)))
    return (rolled.outputs**2).sum() + jnp.sin(3 * rolled.states).sum() + 0.1 * nats


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_fast_path_equals_step_by_step(name):
    model = network(**ARCHITECTURES[name])
    inputs, subject = some_inputs(model), subjects_of(model)
    begins = None if name == "deep, three arms" else jnp.arange(9)[None] == jnp.array([[3], [5], [5], [0]])
    draws = model.draw_noise(jax.random.key(5), (inputs.shape[1],), (inputs.shape[0],))

    def plain(model, noise):
        return step_by_step(model, inputs, draws, noise, subject, begins)

    def fast(model, noise):
        return model.rollout_with_draws(inputs, draws, noise, subject=subject, begins=begins)

    ways = [jax.jit(way) for way in (plain, fast)]
    slopes = [jax.jit(jax.grad(lambda m, noise, way=way: summary(way(m, noise)))) for way in (plain, fast)]
    for noise in (0.0, 0.7):
        for a, b in zip(*(jax.tree.leaves(way(model, noise)) for way in ways), strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
        expected, got = (slope(model, noise) for slope in slopes)
        for (where, a), b in zip(
            jax.tree_util.tree_leaves_with_path(expected), jax.tree.leaves(got), strict=True
        ):
            if a.size:
                scale = float(np.abs(a).max())
                told = f"{jax.tree_util.keystr(where)} at noise {noise}"
                np.testing.assert_allclose(a, b, atol=1e-4 * scale + 1e-6, err_msg=told)


@pytest.mark.parametrize("name", ["default", "multisubject"])
def test_sessions_in_one_row_are_as_sessions_apart(name):
    model = network(**ARCHITECTURES[name])
    inputs = some_inputs(model)
    row, begins = inputs.reshape(1, -1, 2), (jnp.arange(36) % 9 == 0)[None]
    subject = subjects_of(model)
    along = None if subject is None else jnp.repeat(subject, 9)[None]
    together = cl.rollout(model, row, subject=along, begins=begins)
    apart = cl.rollout(model, inputs, subject=subject)
    np.testing.assert_allclose(together.states.reshape(4, 9, -1), apart.states, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(together.outputs.reshape(4, 9, -1), apart.outputs, rtol=1e-4, atol=1e-5)


def test_gradient_against_finite_differences():
    with enable_x64(True):
        model = in_double(network(activation="tanh", n_latents=3))
        inputs = in_double(some_inputs(model, 2, 5))
        draws = in_double(model.draw_noise(jax.random.key(5), (5,), (2,)))
        value = jax.jit(lambda m: summary(m.rollout_with_draws(inputs, draws, 0.5)))
        gradient = jax.jit(jax.grad(value))(model)
        leaves, tree = jax.tree.flatten(jax.tree.map(np.asarray, model))
        rng = np.random.default_rng(1)  # in NumPy, which compiles nothing for each shape
        direction = [rng.standard_normal(leaf.shape) for leaf in leaves]

        def moved(by):
            there = [a + by * d for a, d in zip(leaves, direction, strict=True)]
            return value(jax.tree.unflatten(tree, list(map(jnp.asarray, there))))

        ahead, behind = moved(1e-6), moved(-1e-6)
        slope = sum(np.vdot(g, d) for g, d in zip(jax.tree.leaves(gradient), direction, strict=True))
        assert float(slope) == pytest.approx(float(ahead - behind) / 2e-6, rel=1e-6)


def test_gradient_with_respect_to_inputs():
    model = network()
    inputs = some_inputs(model)
    fast = jax.jit(jax.grad(lambda x: (model.rollout(x).outputs ** 2).sum()))(inputs)

    def plain(x):
        def trial(state, x):
            state, outputs, _ = model.step(state, x)
            return state, outputs

        return sum((jax.lax.scan(trial, model.initial_state(), session)[1] ** 2).sum() for session in x)

    np.testing.assert_allclose(fast, jax.jit(jax.grad(plain))(inputs), rtol=1e-3, atol=1e-5)


def test_rollout_equals_calling_each_session():
    with enable_x64(True):  # in single precision, how far they are apart depends on the processor
        model = in_double(network())
        inputs = in_double(some_inputs(model))
        many, single = cl.rollout(model, inputs), jax.jit(jax.vmap(model))(inputs)
        for a, b in zip(jax.tree.leaves(many), jax.tree.leaves(single), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


def test_noise_zero_is_noiseless_and_costs_no_information():
    model = network()
    inputs = some_inputs(model)
    silent = cl.rollout(model, inputs, key=jax.random.key(1), noise=0.0)
    np.testing.assert_allclose(silent.outputs, cl.rollout(model, inputs).outputs, rtol=1e-6, atol=1e-6)
    assert all(float(jnp.abs(nats).max()) == 0.0 for nats in silent.information.values())
    state, _, information = model.step(model.initial_state(), inputs[0, 0])
    assert all(float(nats) == 0.0 for nats in information.values())
    np.testing.assert_allclose(state, silent.states[0, 0], rtol=1e-5, atol=1e-6)


def test_step_with_key_is_noisy_and_informative():
    model = network()
    state, _, information = model.step(model.initial_state(), jnp.ones(2), key=jax.random.key(0))
    assert not np.allclose(state, model.step(model.initial_state(), jnp.ones(2))[0])
    assert set(information) == set(model.groups)
    assert all(float(nats) > 0 for nats in information.values())


def test_a_closed_bottleneck_passes_nothing():
    model = network()
    closed = eqx.tree_at(lambda m: m.update_input.multiplier, model, jnp.zeros_like(model.update_input.gain))
    inputs = some_inputs(model)
    outputs = cl.rollout(closed, inputs).outputs
    np.testing.assert_allclose(outputs, jnp.broadcast_to(outputs[:1], outputs.shape), atol=1e-6)
    channel = Bottleneck(jnp.zeros(3), jnp.ones(3) - SMALLEST_SIGMA)
    np.testing.assert_allclose(channel.information(jnp.arange(3.0)), 0.0, atol=1e-6)


def test_information_is_the_divergence_from_the_unit_gaussian():
    bottleneck = Bottleneck(jnp.array([1.3]), jnp.array([0.4]))
    x = jnp.array([0.7])
    samples = np.asarray(
        bottleneck.gain * x + bottleneck.sigma * jax.random.normal(jax.random.key(0), (200_000,))
    )
    sigma, mean = float(bottleneck.sigma[0]), 1.3 * 0.7
    log_ratio = -0.5 * ((samples - mean) / sigma) ** 2 - np.log(sigma) + 0.5 * samples**2
    assert float(bottleneck.information(x)[0]) == pytest.approx(log_ratio.mean(), abs=0.01)


def test_latents_stay_within_their_bound():
    model = network(max_latent=0.5)
    model = eqx.tree_at(lambda m: m.update_net.out_bias, model, jnp.full((5, 2), 50.0))
    states = cl.rollout(model, some_inputs(model)).states
    assert float(jnp.abs(states).max()) <= 0.5 + 1e-6


def test_start_values():
    model = cl.DisRNN(3, 2, 6, update_width=40, update_depth=5, key=jax.random.key(0))
    assert float(model.start.min()) >= -0.1
    assert float(model.start.max()) <= 0.1
    assert model.latent.multiplier is None
    np.testing.assert_array_equal(model.update_input.gain, 1.0)
    assert float(model.update_latent.sigma.max()) <= 0.05 + SMALLEST_SIGMA
    assert float(model.update_net.hidden_weight.std()) == pytest.approx(1 / np.sqrt(40 * 5), rel=0.05)
    assert float(model.update_net.in_weight.std()) == pytest.approx(1 / np.sqrt(9), rel=0.05)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_latents": 0}, "n_latents = 0; expected 1 or more, a whole number"),
        ({"choice_depth": -1}, "choice_depth = -1; expected 0 or more, a whole number"),
        ({"activation": "rleu"}, "'rleu' is not known; choose one of .*relu"),
        ({"max_latent": 0.0}, "max_latent is 0.0, expected a positive number"),
    ],
)
def test_wrong_sizes_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        cl.DisRNN(**({"n_inputs": 2, "n_outputs": 2} | wrong), key=jax.random.key(0))


def test_wrong_inputs_are_refused():
    with pytest.raises(ValueError, match=r"shape \(4, 9, 3\), expected \(session, time, 2\)"):
        cl.rollout(network(), jnp.zeros((4, 9, 3)))
