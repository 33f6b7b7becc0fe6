"""The fast paths of GRU, LSTM, plain and constrained networks equal the plain definition of one step."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from precision import enable_x64

import cogrnn_lab as cl

N_SESSIONS, N_TRIALS = 3, 7
BEGINS = jnp.arange(N_TRIALS)[None] == jnp.array([[3], [5], [0]])


def constrained(key, **changes) -> cl.ConstrainedRNN:
    arguments = {"dale_ratio": 0.6, "autapses": False, "recurrent_noise": 0.3, "input_noise": 0.2}
    return cl.ConstrainedRNN(2, 2, 5, **(arguments | changes), key=key)


KINDS = {
    "GRU": lambda key: cl.GRU(2, 3, 4, key=key),
    "LSTM": lambda key: cl.LSTM(2, 3, 4, key=key),
    "LSTM of PsychRNN": lambda key: cl.LSTM(2, 3, 4, squash="sigmoid", key=key),
    "vanilla": lambda key: cl.VanillaRNN(2, 3, 4, key=key),
    "vanilla, softplus": lambda key: cl.VanillaRNN(1, 2, 3, activation="softplus", key=key),
    "switching linear": lambda key: cl.SwitchingLinearRNN(3, 2, 3, continuous=(1,), key=key),
    "switching linear, binary inputs": lambda key: cl.SwitchingLinearRNN(2, 3, 2, key=key),
    "constrained": constrained,
    "constrained, tau of each unit": lambda key: constrained(
        key, dale_ratio=None, tau=[20.0, 30.0, 40.0, 50.0, 60.0], activation="retanh"
    ),
}


def moved(model):
    """The network in double precision, every parameter away from its special start value."""
    free, fixed = eqx.partition(model, eqx.is_inexact_array)
    leaves, tree = jax.tree.flatten(free)
    keys = jax.random.split(jax.random.key(1), len(leaves))
    leaves = [
        leaf.astype(jnp.float64) + 0.3 * jax.random.normal(k, leaf.shape, jnp.float64)
        for leaf, k in zip(leaves, keys, strict=True)
    ]
    return eqx.combine(jax.tree.unflatten(tree, leaves), fixed)


def draws_of(model):
    """Standard normal draws, trials first and sessions last."""
    if not isinstance(model, cl.ConstrainedRNN):
        return {}
    draws = model.draw_noise(jax.random.key(5), (N_TRIALS,), (N_SESSIONS,))
    return jax.tree.map(lambda draw: draw.astype(jnp.float64), draws)


def plain(model, inputs, draws):
    """`next_state` and `readout`, trial by trial and session by session."""

    def session(inputs, draws, begins):
        def trial(state, xs):
            x, eps, begins = xs
            state = jnp.where(begins, model.initial_state(), state)
            new = model.next_state_with_draws(state, x, eps) if eps else model.next_state(state, x)
            return new, (model.readout(new), new)

        return jax.lax.scan(trial, model.initial_state(), (inputs, draws, begins))[1]

    return jax.vmap(session, in_axes=(0, -1, 0))(inputs, draws, BEGINS)


def fast(model, inputs, draws):
    if draws:
        rolled = model.rollout_with_draws(inputs, draws, begins=BEGINS)
    else:
        rolled = model.rollout(inputs, begins=BEGINS)
    return rolled.outputs, rolled.states


@pytest.mark.parametrize("name", KINDS)
def test_fast_path_equals_step_by_step_and_finite_differences(name):
    with enable_x64(True):
        model = moved(KINDS[name](jax.random.key(0)))
        inputs = jax.random.normal(jax.random.key(3), (N_SESSIONS, N_TRIALS, model.n_inputs), jnp.float64)
        draws = draws_of(model)
        free, rest = eqx.partition((model, inputs), eqx.is_inexact_array)

        def objective(path):
            def value(free):
                outputs, states = path(*eqx.combine(free, rest), draws)
                return (outputs**2).sum() + jnp.sin(3.0 * states).sum(), (outputs, states)

            return jax.jit(jax.value_and_grad(value, has_aux=True))

        (expected, aux), gradient = objective(plain)(free)
        both = objective(fast)
        (got, fast_aux), fast_gradient = both(free)
        assert float(got) == pytest.approx(float(expected), rel=1e-12)
        for a, b in zip(aux, fast_aux, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)
        paths = jax.tree_util.tree_leaves_with_path(gradient)
        for (where, a), b in zip(paths, jax.tree.leaves(fast_gradient), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-10, err_msg=jax.tree_util.keystr(where))

        leaves, tree = jax.tree.flatten(free)
        keys = jax.random.split(jax.random.key(7), len(leaves))
        direction = jax.tree.unflatten(
            tree, [jax.random.normal(k, leaf.shape, leaf.dtype) for k, leaf in zip(keys, leaves, strict=True)]
        )
        ahead, behind = (
            both(jax.tree.map(lambda a, d, h=h: a + h * d, free, direction))[0][0] for h in (1e-6, -1e-6)
        )
        slope = sum(
            jnp.vdot(g, d) for g, d in zip(*map(jax.tree.leaves, (fast_gradient, direction)), strict=True)
        )
        assert float(slope) == pytest.approx(float(ahead - behind) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("name", ["LSTM", "switching linear, binary inputs", "constrained"])
def test_transition_and_single_session_are_the_same_step(name):
    model = KINDS[name](jax.random.key(0))
    inputs = jax.random.normal(jax.random.key(3), (N_SESSIONS, 2))
    states = jax.random.normal(jax.random.key(4), (N_SESSIONS, model.n_latents))

    @eqx.filter_jit
    def both(model):
        return jax.vmap(lambda state, x: model.next_state(state, x))(states, inputs), model.transition(
            states, inputs
        )

    np.testing.assert_allclose(*both(model), atol=1e-6)
    one, many = eqx.filter_jit(lambda m: (m(inputs), m.rollout(inputs[None])))(model)
    np.testing.assert_allclose(one.outputs, many.outputs[0], atol=1e-6)
    read = eqx.filter_jit(lambda m, states: m.readouts(states))(model, many.states[0])
    np.testing.assert_allclose(many.outputs[0], read, atol=1e-6)


def test_gru_by_hand():
    """One unit, one input: the formula of Cho et al. and Chung et al., written out."""
    model = cl.GRU(1, 1, 1, key=jax.random.key(0))
    (u_r, u_z, u_n), (w_r, w_z, w_n) = (
        np.asarray(w).ravel() for w in (model.core.recurrent_weight, model.core.input_weight)
    )
    model = eqx.tree_at(lambda m: m.core.bias, model, jnp.array([[0.1], [-0.2], [0.3]]))
    h, x = 0.4, 0.7
    reset = 1 / (1 + np.exp(-(w_r * x + u_r * h + 0.1)))
    update = 1 / (1 + np.exp(-(w_z * x + u_z * h - 0.2)))
    candidate = np.tanh(w_n * x + u_n * reset * h + 0.3)
    new = model.next_state(jnp.array([h]), jnp.array([x]))
    np.testing.assert_allclose(new, [(1 - update) * h + update * candidate], rtol=1e-6)


def test_start_values():
    model = cl.LSTM(3, 2, 20, key=jax.random.key(0))
    core = model.core
    np.testing.assert_array_equal(core.bias, np.array([0.0, 1.0, 0.0, 0.0])[:, None] * np.ones((1, 20)))
    np.testing.assert_array_equal(model.initial_state(), np.zeros(40))
    for gate in np.asarray(core.recurrent_weight):
        np.testing.assert_allclose(gate @ gate.T, np.eye(20), atol=1e-5)
    limit = np.sqrt(6 / 23)
    assert 0.9 * limit < float(jnp.abs(core.input_weight).max()) <= limit
    assert float(model.l2()) == pytest.approx(4 * 20, rel=1e-5)
    assert not np.allclose(core.recurrent_weight[0], core.recurrent_weight[1])


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="n_hidden = 0; expected 1 or more, a whole number"):
        cl.GRU(2, 2, 0, key=jax.random.key(0))
    with pytest.raises(ValueError, match="squash is 'relu', expected 'tanh' or 'sigmoid'"):
        cl.LSTM(2, 2, 3, squash="relu", key=jax.random.key(0))
    with pytest.raises(ValueError, match=r"'tanch' is not known; choose one of .*register_activation"):
        cl.VanillaRNN(2, 2, 3, activation="tanch", key=jax.random.key(0))


def test_every_kind_comes_back_from_its_file(tmp_path):
    for name, make in KINDS.items():
        model = make(jax.random.key(2))
        back = cl.load(cl.Run(model, (), {}).save(tmp_path / name)).model
        assert jax.tree.structure(back) == jax.tree.structure(model), name
        for a, b in zip(jax.tree.leaves(back), jax.tree.leaves(model), strict=True):
            np.testing.assert_array_equal(a, b)


def test_activations_of_your_own(tmp_path):
    cl.register_activation("cubic in a test", cl.power_law(gain=0.5, exponent=3.0))
    model = cl.VanillaRNN(1, 1, 2, activation="cubic in a test", key=jax.random.key(0))
    back = cl.load(cl.Run(model, (), {}).save(tmp_path / "run")).model
    state = back.next_state(jnp.array([0.3, 0.2]), jnp.array([1.0]))
    before = np.asarray(
        model.core.input_weight[0, :, 0] + model.core.recurrent_weight[0] @ np.array([0.3, 0.2])
    )
    np.testing.assert_allclose(state, 0.5 * np.maximum(before, 0) ** 3, rtol=1e-5)
    with pytest.raises(ValueError, match="'relu' exists already"):
        cl.register_activation("relu", jnp.abs)
    with pytest.raises(ValueError, match=r"gives shape \(2,\) for shape \(2, 3\)"):
        cl.register_activation("sum in a test", lambda x: x.sum(-1))


def test_transfer_functions():
    from cogrnn_lab.models.activation import activation_function

    x = jnp.array([-1.0, 0.0, 0.5, 2.0])
    np.testing.assert_allclose(activation_function("retanh")(x), np.maximum(np.tanh(x), 0), rtol=1e-6)
    np.testing.assert_allclose(activation_function("power_law")(x), [0, 0, 0.01, 0.16], rtol=1e-6)
    root = cl.power_law(1.0, 0.5)
    np.testing.assert_allclose(jax.vmap(jax.grad(root))(x), [0, 0, 0.5 * 0.5**-0.5, 0.5 * 2**-0.5], rtol=1e-5)
