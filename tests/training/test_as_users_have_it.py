"""What the tests compile quickly says what users have: another process, without the flags, computes it.

As a script it prints the numbers as JSON.
"""

import json
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl

NETWORKS = {
    "DisRNN": lambda key: cl.DisRNN(2, 2, 2, update_width=3, update_depth=1, choice_depth=1, key=key),
    "GRU": lambda key: cl.GRU(2, 2, 3, key=key),
    "LSTM": lambda key: cl.LSTM(2, 2, 3, key=key),
    "ConstrainedRNN": lambda key: cl.ConstrainedRNN(2, 2, 5, dale_ratio=0.6, recurrent_noise=0.1, key=key),
}


def sessions() -> cl.Dataset:
    """Six sessions of choices and rewards."""
    draw = np.random.default_rng(0)
    choices, rewards = draw.integers(0, 2, (2, 6, 12, 1))
    before = np.concatenate([np.zeros((6, 1, 2)), np.concatenate([choices, rewards], -1)[:, :-1]], 1)
    return cl.Dataset(before, choices, n_classes=2)


def numbers_of(name: str) -> dict[str, list[float]]:
    """Losses of the first steps of training with noise, the held-out loss, outputs and states."""
    model, data = NETWORKS[name](jax.random.key(1)), sessions()
    rolled = cl.rollout(model, jnp.asarray(data.inputs), key=jax.random.key(2))
    run = cl.fit(model, data, data, phases=cl.Phase(4, {"l2": 0.01}), batch_size=3)
    return {
        "losses": run.losses.tolist(),
        "held-out loss": [run.reports[-1].valid_loss],
        "outputs": rolled.outputs.ravel().tolist(),
        "states": rolled.states.ravel().tolist(),
    }


@pytest.fixture(scope="module")
def as_users_have_it() -> dict[str, dict[str, list[float]]]:
    """The numbers of every network from a process that compiles as users' do."""
    environment = os.environ | {"XLA_FLAGS": "", "COGRNN_LAB_COMPILATION_CACHE": "off"}
    printed = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, text=True)
    assert printed.returncode == 0, printed.stderr
    return json.loads(printed.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_compiled_quickly_says_what_users_have(name, as_users_have_it):
    expected = as_users_have_it[name]
    for what, values in numbers_of(name).items():
        np.testing.assert_allclose(values, expected[what], rtol=1e-4, atol=1e-5, err_msg=what)


if __name__ == "__main__":
    json.dump({name: numbers_of(name) for name in NETWORKS}, sys.stdout)
