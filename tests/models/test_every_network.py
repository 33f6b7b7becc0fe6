"""What every network has to keep, whatever it computes: a new one is a line in `CONFIGS`."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from precision import enable_x64

import cogrnn_lab as cl

N_SESSIONS, N_TRIALS = 3, 6


class LeakySum(cl.Network):
    """A network of one's own, without a fast path."""

    weights: jax.Array
    leak: jax.Array
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)

    def __init__(self, n_inputs: int, n_outputs: int, *, key):
        self.weights = jax.random.normal(key, (n_outputs, n_inputs))
        self.leak = jnp.array(0.9)
        self.n_inputs, self.n_outputs = n_inputs, n_outputs

    def initial_state(self, subject=None):
        return jnp.zeros_like(self.weights[:, 0])

    def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
        return self.leak * state + self.weights @ inputs

    def readout(self, state, *, subject=None):
        return jnp.tanh(state)


SMALL = {"update_width": 3, "update_depth": 1, "choice_width": 2, "choice_depth": 1}

# Each network by name: how it is made, and a part that is frozen in training.
CONFIGS = {
    "GRU": (lambda key: cl.GRU(2, 2, 3, key=key), "core.recurrent_weight"),
    "LSTM": (lambda key: cl.LSTM(2, 2, 3, key=key), "core.out_weight"),
    "LSTM of PsychRNN": (lambda key: cl.LSTM(2, 2, 3, squash="sigmoid", key=key), "core.bias"),
    "vanilla": (lambda key: cl.VanillaRNN(2, 2, 3, key=key), "core.input_weight"),
    "constrained": (
        lambda key: cl.ConstrainedRNN(2, 2, 5, dale_ratio=0.6, recurrent_noise=0.3, input_noise=0.2, key=key),
        "recurrent_matrix",
    ),
    "DisRNN": (lambda key: cl.DisRNN(2, 2, 2, **SMALL, key=key), "core.update_net"),
    "DisRNN, three alternatives": (
        lambda key: cl.DisRNN(2, 3, 1, update_depth=0, choice_depth=0, activation="tanh", key=key),
        "core.choice_latent",
    ),
    "multisubject": (
        lambda key: cl.MultisubjectDisRNN(2, 2, 2, n_subjects=3, **SMALL, key=key),
        "subjects.weight",
    ),
    "neuro": (
        lambda key: cl.NeuroDisRNN(2, 2, 2, n_signals=2, neural_width=2, neural_depth=1, **SMALL, key=key),
        "neural.network",
    ),
    "of one's own": (lambda key: LeakySum(2, 2, key=key), "leak"),
}
each_network = pytest.mark.parametrize("name", CONFIGS)


def network(name: str):
    """The network with every parameter away from its special start value, or a missing gradient hides."""
    model = CONFIGS[name][0](jax.random.key(0))
    free, fixed = eqx.partition(model, eqx.is_inexact_array)
    leaves, tree = jax.tree.flatten(free)
    rng = np.random.default_rng(1)  # in NumPy, which compiles nothing for each new shape
    moved = [np.asarray(leaf) + 0.2 * rng.standard_normal(leaf.shape, np.float32) for leaf in leaves]
    return eqx.combine(jax.tree.unflatten(tree, list(map(jnp.asarray, moved))), fixed)


def in_double(model):
    """The network with all its real numbers in double precision."""
    free, fixed = eqx.partition(model, eqx.is_inexact_array)
    return eqx.combine(jax.tree.map(lambda array: jnp.asarray(np.asarray(array, float)), free), fixed)


def some_inputs(dtype=jnp.float32):
    drawn = np.random.default_rng(3).standard_normal((N_SESSIONS, N_TRIALS, 2))
    return jnp.asarray(drawn.astype(dtype))


def subjects_of(model):
    return jnp.arange(N_SESSIONS) if isinstance(model, cl.MultisubjectDisRNN) else None


def sessions_for(model, n_trials: int = 5) -> cl.Dataset:
    """Random sessions such as the network is for."""
    rng = np.random.default_rng(0)
    choices = rng.integers(0, model.n_outputs, (N_SESSIONS, n_trials, 1)).astype(float)
    more = {"subject": np.arange(N_SESSIONS)} if isinstance(model, cl.MultisubjectDisRNN) else {}
    inputs = rng.normal(size=(N_SESSIONS, n_trials, 2))
    if isinstance(model, cl.NeuroDisRNN):
        targets = np.concatenate([choices, rng.normal(size=(N_SESSIONS, n_trials, 2))], axis=-1)
        return cl.Dataset(inputs, targets, kind="mixed", n_classes=2, **more)
    return cl.Dataset(inputs, choices, n_classes=model.n_outputs, **more)


def arrays_by_path(model):
    leaves = jax.tree_util.tree_leaves_with_path(eqx.filter(model, eqx.is_array))
    return {jax.tree_util.keystr(where): np.asarray(leaf) for where, leaf in leaves}


@each_network
def test_a_rollout_is_its_steps(name):
    with enable_x64(True):
        model = in_double(network(name))
        inputs, subject = some_inputs(jnp.float64), subjects_of(model)

        def session(inputs, subject):
            def trial(state, x):
                new, outputs, information = model.step(state, x, subject=subject)
                return new, (outputs, new, information)

            return jax.lax.scan(trial, model.initial_state(subject), inputs)[1]

        axes = (0, None if subject is None else 0)
        outputs, states, information = jax.jit(jax.vmap(session, axes))(inputs, subject)
        rolled = jax.jit(lambda inputs: cl.rollout(model, inputs, subject=subject))(inputs)
        np.testing.assert_allclose(rolled.outputs, outputs, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(rolled.states, states, rtol=1e-10, atol=1e-12)
        assert set(rolled.information) == set(information) == set(model.groups)
        readouts = jax.vmap(lambda states, whose: model.readouts(states, subject=whose), axes)
        read = jax.jit(readouts)(states, subject)
        np.testing.assert_allclose(read, outputs[..., : read.shape[-1]], rtol=1e-10, atol=1e-12)


@each_network
def test_sessions_packed_into_one_row_are_as_apart(name):
    with enable_x64(True):
        model = in_double(network(name))
        inputs, subject = some_inputs(jnp.float64), subjects_of(model)
        begins = (jnp.arange(N_SESSIONS * N_TRIALS) % N_TRIALS == 0)[None]
        along = None if subject is None else jnp.repeat(subject, N_TRIALS)[None]
        packed = cl.rollout(model, inputs.reshape(1, -1, 2), subject=along, begins=begins)
        apart = cl.rollout(model, inputs, subject=subject)
        for a, b in ((packed.outputs, apart.outputs), (packed.states, apart.states)):
            np.testing.assert_allclose(a.reshape(b.shape), b, rtol=1e-10, atol=1e-12)


@each_network
def test_the_gradient_is_that_of_finite_differences(name):
    with enable_x64(True):
        model = in_double(network(name))
        inputs, subject = some_inputs(jnp.float64), subjects_of(model)
        begins = jnp.arange(N_TRIALS)[None] == jnp.array([[2], [4], [0]])
        free, fixed = eqx.partition(model, eqx.is_inexact_array)

        def value(free, inputs):
            rolled = cl.rollout(eqx.combine(free, fixed), inputs, subject=subject, begins=begins)
            return (rolled.outputs**2).sum() + jnp.sin(3.0 * rolled.states).sum()

        both = jax.jit(jax.value_and_grad(value, (0, 1)))
        gradient = both(free, inputs)[1]
        leaves, tree = jax.tree.flatten((free, inputs))
        leaves, rng = list(map(np.asarray, leaves)), np.random.default_rng(7)
        along = [rng.standard_normal(a.shape) for a in leaves]

        def moved(by):
            there = [a + by * d for a, d in zip(leaves, along, strict=True)]
            return both(*jax.tree.unflatten(tree, there))[0]

        slope = sum(np.vdot(g, d) for g, d in zip(jax.tree.leaves(gradient), along, strict=True))
        assert float(slope) == pytest.approx(float(moved(1e-6) - moved(-1e-6)) / 2e-6, rel=1e-6)


@each_network
def test_what_is_frozen_stays_and_the_rest_is_trained(name):
    start, frozen = network(name), CONFIGS[name][1]
    phases = cl.Phase(2, learning_rate=0.1)
    trained = cl.fit(start, sessions_for(start), phases=phases, freeze=frozen, batch_size=3).model
    before, after = arrays_by_path(start), arrays_by_path(trained)
    stays = {path for path in before if path.startswith("." + frozen)}
    assert stays
    for path in stays:
        np.testing.assert_array_equal(after[path], before[path], err_msg=path)
    moved = {path for path in before if not np.array_equal(before[path], after[path])}
    assert moved
    assert not moved & stays


@each_network
def test_a_file_gives_the_same_network_back(name, tmp_path):
    model = network(name)
    kind = LeakySum if isinstance(model, LeakySum) else None
    again = cl.load(cl.Run(model, (), {}).save(tmp_path / "run"), kind=kind).model
    assert type(again) is type(model)
    assert cl.describe_model(again) == cl.describe_model(model)
    before, after = arrays_by_path(model), arrays_by_path(again)
    assert before.keys() == after.keys()
    for path, array in before.items():
        np.testing.assert_array_equal(after[path], array, err_msg=path)
    inputs, subject = some_inputs(), subjects_of(model)
    for one, other in zip(
        *(jax.tree.leaves(cl.rollout(m, inputs, subject=subject)) for m in (model, again)), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@each_network
def test_noise_follows_the_key_and_its_scale(name):
    model = network(name)
    inputs, subject = some_inputs(), subjects_of(model)

    @jax.jit
    def outputs(key, noise):
        return cl.rollout(model, inputs, subject=subject, key=key, noise=noise).outputs

    one, same, other = (outputs(jax.random.key(seed), 1.0) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert bool(model.noise_shapes()) != np.array_equal(one, other)
    noiseless = cl.rollout(model, inputs, subject=subject).outputs
    np.testing.assert_allclose(outputs(jax.random.key(1), 0.0), noiseless, rtol=1e-5, atol=1e-6)


def closed(model, *parts):
    """The network with these bottlenecks closed: nothing multiplied in, noise of the unit Gaussian."""
    for part in parts:
        model = eqx.tree_at(lambda m, part=part: part(m).multiplier, model, jnp.zeros_like(part(model).gain))
        model = eqx.tree_at(
            lambda m, part=part: part(m).spread, model, jnp.full(part(model).shape, 1.0 - 1e-5)
        )
    return model


CHANNELS = {
    "update_input": lambda m: m.core.update_input,
    "update_latent": lambda m: m.core.update_latent,
    "choice_latent": lambda m: m.core.choice_latent,
    "update_subject": lambda m: m.subjects.update_subject,
    "choice_subject": lambda m: m.subjects.choice_subject,
    "neural": lambda m: m.neural.bottleneck,
}


@pytest.mark.parametrize("group", CHANNELS)
def test_a_closed_group_costs_nothing(group):
    name = {"neural": "neuro", "update_subject": "multisubject", "choice_subject": "multisubject"}
    model = network(name.get(group, "DisRNN"))
    inputs, subject, key = some_inputs(), subjects_of(model), jax.random.key(1)
    opened = cl.rollout(model, inputs, subject=subject, key=key).information
    shut = cl.rollout(closed(model, CHANNELS[group]), inputs, subject=subject, key=key).information
    assert float(opened[group].min()) > 0.01
    np.testing.assert_allclose(shut[group], 0.0, atol=1e-6)
    assert all(float(shut[other].max()) > 0.01 for other in model.groups if other != group)


def test_what_lies_behind_closed_bottlenecks_is_not_seen():
    inputs = some_inputs()
    model = network("multisubject")
    blind = closed(model, CHANNELS["update_subject"], CHANNELS["choice_subject"])
    one, other = (cl.rollout(blind, inputs, subject=jnp.full(3, whose)).outputs for whose in (0, 2))
    np.testing.assert_array_equal(one, other)
    sees = [cl.rollout(model, inputs, subject=jnp.full(3, whose)).outputs for whose in (0, 2)]
    assert not np.allclose(*sees)
    model = network("neuro")
    still = cl.rollout(closed(model, CHANNELS["choice_latent"]), inputs).outputs
    np.testing.assert_array_equal(still[..., :2], jnp.broadcast_to(still[:1, :1, :2], (3, 6, 2)))
    assert float(still[..., 2:].std()) > 0
    silent = cl.rollout(closed(model, CHANNELS["neural"]), inputs).outputs
    np.testing.assert_array_equal(silent[..., 2:], jnp.broadcast_to(silent[:1, :1, 2:], (3, 6, 2)))
    assert float(silent[..., :2].std()) > 0
