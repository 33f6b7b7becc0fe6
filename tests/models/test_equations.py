"""Recurrent networks against their equations, trial by trial in NumPy, and what follows from them."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plain_networks import doubles, sigmoid

import cogrnn_lab as cl

N_UNITS = 3
INPUTS = np.random.default_rng(0).normal(size=(2, 5, 2))


def moved(model):
    """The network with biases and start state away from 0, so that a forgotten one shows."""
    rng = np.random.default_rng(3)
    where = lambda m: [m.core.bias, m.core.out_bias, m.core.start]  # noqa: E731
    arrays = [jnp.asarray(0.5 * rng.normal(size=array.shape), jnp.float32) for array in where(model)]
    return eqx.tree_at(where, model, arrays)


def with_core(model, **arrays):
    """The network with these arrays of its core; a number stands for an array of it."""
    new = [
        jnp.broadcast_to(jnp.asarray(a, jnp.float32), getattr(model.core, n).shape) for n, a in arrays.items()
    ]
    return eqx.tree_at(lambda m: [getattr(m.core, name) for name in arrays], model, new)


def assert_runs_as(model, step, n_hidden=N_UNITS):
    """States are those of `step(state, x)` from the start state, and outputs read the first `n_hidden`."""
    rolled = cl.rollout(model, jnp.asarray(INPUTS, jnp.float32))
    out_weight, out_bias = doubles(model.core.out_weight, model.core.out_bias)
    for session, inputs in enumerate(INPUTS):
        (state,) = doubles(model.core.start)
        for trial, x in enumerate(inputs):
            state = step(state, x)
            outputs = out_weight @ state[:n_hidden] + out_bias
            np.testing.assert_allclose(rolled.states[session, trial], state, rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(rolled.outputs[session, trial], outputs, rtol=1e-4, atol=1e-5)


def test_gru():
    model = moved(cl.GRU(2, 2, N_UNITS, key=jax.random.key(0)))
    w, u, b = doubles(model.core.input_weight, model.core.recurrent_weight, model.core.bias)

    def step(h, x):
        reset, update = (sigmoid(w[i] @ x + u[i] @ h + b[i]) for i in (0, 1))
        return (1 - update) * h + update * np.tanh(w[2] @ x + u[2] @ (reset * h) + b[2])

    assert_runs_as(model, step)


@pytest.mark.parametrize(("squash", "function"), [("tanh", np.tanh), ("sigmoid", sigmoid)])
def test_lstm(squash, function):
    model = moved(cl.LSTM(2, 2, N_UNITS, squash=squash, key=jax.random.key(1)))
    w, u, b = doubles(model.core.input_weight, model.core.recurrent_weight, model.core.bias)

    def step(state, x):
        h, c = state[:N_UNITS], state[N_UNITS:]
        before = [w[i] @ x + u[i] @ h + b[i] for i in range(4)]
        c = sigmoid(before[1]) * c + sigmoid(before[0]) * np.tanh(before[3])
        return np.concatenate([sigmoid(before[2]) * function(c), c])

    assert_runs_as(model, step)


def test_vanilla():
    model = moved(cl.VanillaRNN(2, 2, N_UNITS, activation="softplus", key=jax.random.key(2)))
    w, u, b = doubles(model.core.input_weight[0], model.core.recurrent_weight[0], model.core.bias[0])
    assert_runs_as(model, lambda h, x: np.log1p(np.exp(w @ x + u @ h + b)))


def test_a_closed_update_gate_keeps_the_state_and_an_open_one_forgets_it():
    model = moved(cl.GRU(2, 2, N_UNITS, key=jax.random.key(0)))
    inputs = jnp.asarray(INPUTS, jnp.float32)
    keeps = with_core(model, bias=np.array([[0.0], [-100.0], [0.0]]))
    states = cl.rollout(keeps, inputs).states
    np.testing.assert_allclose(states, np.broadcast_to(model.core.start, states.shape), rtol=1e-6)
    # Update gate open and reset gate closed: the candidate reads the present input alone.
    forgets = with_core(model, bias=np.array([[-100.0], [100.0], [0.0]]))
    expected = np.tanh(INPUTS @ np.asarray(model.core.input_weight[2]).T)
    np.testing.assert_allclose(cl.rollout(forgets, inputs).states, expected, rtol=1e-4, atol=1e-5)


def test_an_lstm_with_open_gates_counts():
    """Input and forget gate open: the cell adds up tanh of what it reads, without a leak or a limit."""
    model = with_core(
        cl.LSTM(1, 1, 1, key=jax.random.key(0)),
        input_weight=np.array([0.0, 0.0, 0.0, 1.0])[:, None, None],
        recurrent_weight=0.0,
        bias=np.array([[100.0], [100.0], [-100.0], [0.0]]),
    )
    states = np.asarray(cl.rollout(model, 0.5 * jnp.ones((1, 6, 1))).states[0])
    np.testing.assert_allclose(states[:, 1], np.tanh(0.5) * np.arange(1, 7), rtol=1e-5)
    np.testing.assert_allclose(states[:, 0], 0.0, atol=1e-6)  # the output gate is closed


def test_the_impulse_response_of_linear_units_is_a_power_of_the_weights():
    model = cl.VanillaRNN(1, 1, N_UNITS, activation="linear", key=jax.random.key(5))
    impulse = jnp.zeros((1, 5, 1)).at[0, 0].set(1.0)
    recurrent, into = np.asarray(model.core.recurrent_weight[0]), np.asarray(model.core.input_weight[0, :, 0])
    expected = [np.linalg.matrix_power(recurrent, lag) @ into for lag in range(5)]
    states = np.asarray(cl.rollout(model, impulse).states[0])
    np.testing.assert_allclose(states, expected, rtol=1e-4, atol=1e-5)
    # Orthogonal weights: the trace of an input neither grows nor fades.
    np.testing.assert_allclose(np.linalg.norm(states, axis=1), np.linalg.norm(into), rtol=1e-4)


# --- the leaky units of a constrained network -------------------------------------------------------


def leaky(**arguments) -> cl.ConstrainedRNN:
    return cl.ConstrainedRNN(2, 1, N_UNITS, **arguments, key=jax.random.key(6))


def test_leaky_units_follow_their_equation():
    tau = np.array([20.0, 50.0, 100.0])
    model = leaky(tau=tau, dt=5.0, b_rec=[0.3, -0.2, 0.1], b_out=0.4, start=[0.5, -0.5, 1.0])
    w_rec, w_in, w_out, b_rec = doubles(model.w_rec, model.w_in, model.w_out, model.b_rec)
    rolled = cl.rollout(model, jnp.asarray(INPUTS, jnp.float32))
    for session, inputs in enumerate(INPUTS):
        state = np.array([0.5, -0.5, 1.0])
        for trial, x in enumerate(inputs):
            current = w_rec @ np.maximum(state, 0) + w_in @ x + b_rec
            state = state + 5.0 / tau * (current - state)
            np.testing.assert_allclose(rolled.states[session, trial], state, rtol=1e-4, atol=1e-5)
            outputs = w_out @ np.maximum(state, 0) + 0.4
            np.testing.assert_allclose(rolled.outputs[session, trial], outputs, rtol=1e-4, atol=1e-5)
            rate = (np.maximum(state, 0) ** 2).mean()
            assert float(rolled.costs["rates"][session, trial]) == pytest.approx(rate, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("dt", [1.0, 0.1])
def test_a_unit_alone_decays_exponentially(dt):
    """(1 - dt/tau)^n, which for a small dt is exp(-t/tau)."""
    model = leaky(dt=dt, tau=20.0, w_rec=np.zeros((3, 3)), start=1.0, activation="tanh")
    n_steps = round(20.0 / dt)
    states = np.asarray(cl.rollout(model, jnp.zeros((1, n_steps, 2))).states[0])
    steps = np.arange(1, n_steps + 1)[:, None]
    np.testing.assert_allclose(states, np.broadcast_to((1 - dt / 20.0) ** steps, states.shape), rtol=1e-3)
    assert states[-1, 0] == pytest.approx(np.exp(-1.0), rel=0.6 * dt / 20.0 + 1e-3)


def test_linear_units_settle_at_the_fixed_point():
    """s = (1 - W)^-1 (W_in x + b), whatever the time constant."""
    model = leaky(tau=20.0, activation="linear", w_rec=cl.initializers.SpectralRadius(0.5), b_rec=0.2)
    x = np.array([1.0, -0.5])
    states = np.asarray(
        cl.rollout(model, jnp.broadcast_to(jnp.asarray(x, jnp.float32), (1, 80, 2))).states[0]
    )
    w_rec, w_in, b_rec = doubles(model.w_rec, model.w_in, model.b_rec)
    fixed = np.linalg.solve(np.eye(N_UNITS) - w_rec, w_in @ x + b_rec)
    np.testing.assert_allclose(states[-1], fixed, rtol=1e-3, atol=1e-4)
    after = model.transition(jnp.asarray(fixed[None], jnp.float32), jnp.asarray(x[None], jnp.float32))
    np.testing.assert_allclose(after[0], fixed, rtol=1e-4, atol=1e-5)


def test_noise_of_linear_units_grows_with_its_scale_and_is_new_for_each_session_and_step():
    model = leaky(activation="linear", recurrent_noise=0.4, w_rec=np.zeros((3, 3)))
    inputs, key = jnp.zeros((64, 20, 2)), jax.random.key(8)
    quiet, once, twice = (
        np.asarray(cl.rollout(model, inputs, key=key, noise=noise).states) for noise in (0.0, 1.0, 2.0)
    )
    np.testing.assert_allclose(twice - quiet, 2.0 * (once - quiet), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(quiet, np.asarray(cl.rollout(model, inputs).states), rtol=1e-6)
    # What is added in each step: the state less what is left of the one before.
    added = (once - quiet)[:, 1:] - 0.9 * (once - quiet)[:, :-1]
    assert added.std() == pytest.approx(np.sqrt(2 * 0.1) * 0.4, rel=0.05)
    one_session, next_session, next_step = added[:-1, :-1], added[1:, :-1], added[:-1, 1:]
    for other in (next_session, next_step):
        assert abs(np.corrcoef(one_session.ravel(), other.ravel())[0, 1]) < 0.07
