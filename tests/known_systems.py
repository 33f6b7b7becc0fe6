"""Recurrent systems whose fixed points are known, and data that visit their states."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

import cogrnn_lab as cl

MATRIX = np.array([[0.8, 0.1], [-0.1, 0.7]])
OFFSETS = np.array([[0.0, 0.1], [0.3, 0.0], [0.1, 0.2], [-0.2, 0.4]])  # of observations 00, 01, 10, 11


def two_choices(n_sessions=6, n_trials=80, seed=0) -> cl.Dataset:
    """Random choices of left and right, half of them rewarded."""
    draw = np.random.default_rng(seed)
    choice = draw.integers(2, size=(n_sessions, n_trials))
    reward = draw.integers(2, size=(n_sessions, n_trials)).astype(float)
    inputs = np.zeros((n_sessions, n_trials, 2))
    inputs[:, 1:] = np.stack([choice, reward], -1)[:, :-1]
    return cl.Dataset(
        inputs,
        choice[..., None],
        input_names=["previous choice", "previous reward"],
        class_names=["left", "right"],
    )


def linear_system(matrix=MATRIX, offsets=OFFSETS, out=None) -> cl.SwitchingLinearRNN:
    """z <- matrix z + the observation's offset."""
    n = len(matrix)
    model = cl.SwitchingLinearRNN(2, 2, n, key=0)
    parts = lambda m: (m.matrix, m.offset, m.out_weight, m.out_bias)  # noqa: E731
    weights = np.zeros((2, n)) if out is None else np.asarray(out)
    new = (np.broadcast_to(matrix, (4, n, n)), offsets, weights, np.zeros(2))
    return eqx.tree_at(parts, model, tuple(jnp.asarray(part, jnp.float32) for part in new))


def flip_flop() -> tuple[cl.VanillaRNN, cl.Dataset]:
    """Two tanh units, one that keeps the sign of the last pulse and one that forgets; and pulses."""
    model = cl.VanillaRNN(1, 1, 2, key=0)
    model = cl.with_weights(
        model,
        w_in=np.array([[4.0], [1.0]]),
        w_rec=np.diag([2.0, 0.5]),
        b_rec=np.zeros(2),
        w_out=np.array([[1.0, 0.0]]),
        b_out=np.zeros(1),
        start=np.zeros(2),
    )
    draw = np.random.default_rng(1)
    pulses = draw.choice([-1.0, 0.0, 1.0], p=[0.1, 0.8, 0.1], size=(8, 60, 1))
    return model, cl.Dataset(pulses, np.zeros_like(pulses), kind="continuous", input_names=["pulse"])
