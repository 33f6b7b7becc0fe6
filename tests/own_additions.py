"""One addition of each kind as a user writes them, outside of the package; `test_extending.py` uses them."""

import math

import equinox as eqx
import ipywidgets as w
import jax
import jax.numpy as jnp
import numpy as np

import cogrnn_lab as cl


# --8<-- [start:agent]
class WinStay(cl.Agent):
    """An agent: it prefers the alternative that was rewarded last."""

    strength: float = 2.0

    def initial_state(self, n_arms):
        return jnp.zeros(n_arms)

    def logits(self, state):
        return self.strength * state

    def update(self, state, choice, reward):
        return jnp.zeros_like(state).at[choice].set(reward)


# --8<-- [end:agent]


# --8<-- [start:environment]
class Reversals(cl.Environment):
    """An environment: two reward probabilities that swap now and then."""

    hazard: float = 0.05
    n_arms: int = eqx.field(static=True, default=2)

    def reset(self, key):
        return jax.random.permutation(key, jnp.array([0.9, 0.1]))

    def step(self, state, choice, key):
        reward_key, swap_key = jax.random.split(key)
        reward = jax.random.bernoulli(reward_key, state[choice])
        swap = jax.random.bernoulli(swap_key, self.hazard)
        return reward, jnp.where(swap, state[::-1], state)


# --8<-- [end:environment]


# --8<-- [start:task]
class Ramp(cl.NumpyTask):
    """A task: follow a ramp of a random start."""

    duration = 100.0
    slope = 0.5

    def trial_parameters(self, rng):
        return {"start": rng.uniform()}

    def trial(self, t, parameters):
        level = parameters["start"] + self.slope * t / 100
        return [level], [level], [1]

    def accuracy(self, outputs, batch):
        return 1.0 - np.abs(np.asarray(outputs) - batch.targets).mean((1, 2))


# --8<-- [end:task]


# --8<-- [start:network]
class Leaky(cl.Network):
    """A network with a penalty of its own: units that leak, and a term `sparsity` on their input weights."""

    weights: jax.Array
    out: jax.Array
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_hidden: int = eqx.field(static=True)

    def __init__(self, n_inputs, n_outputs, n_hidden=4, *, key):
        in_key, out_key = jax.random.split(key)
        self.weights = jax.random.normal(in_key, (n_hidden, n_inputs)) / math.sqrt(n_inputs)
        self.out = jax.random.normal(out_key, (n_outputs, n_hidden)) / math.sqrt(n_hidden)
        self.n_inputs, self.n_outputs, self.n_hidden = n_inputs, n_outputs, n_hidden

    def initial_state(self, subject=None):
        return jnp.zeros(self.n_hidden)

    def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
        return 0.8 * state + jnp.tanh(self.weights @ inputs)

    def readout(self, state, *, subject=None):
        return self.out @ state

    def penalty_terms(self):
        return {"sparsity": jnp.abs(self.weights).mean()}


# --8<-- [end:network]


# --8<-- [start:model]
class Alternating:
    """A model of choices to compare with others: it expects the other alternative than the last one."""

    n_parameters = 0

    def logits(self, dataset):
        last = np.roll(dataset.choices, 1, axis=1)
        last[:, 0] = -1
        return np.where(last[..., None] == np.arange(dataset.n_classes), -1.0, 0.0).astype(np.float32)


# --8<-- [end:model]


# --8<-- [start:reader]
def read_lines(text: str) -> cl.Dataset:
    """A reader: a line for each session, with a choice and an outcome for each trial, as "L+ R- R+"."""
    sessions = [line.split() for line in text.splitlines()]
    choice = np.array([["LR".index(trial[0]) for trial in trials] for trials in sessions])
    reward = np.array([[trial[1] == "+" for trial in trials] for trials in sessions], np.float32)
    inputs = np.zeros((*choice.shape, 2), np.float32)
    inputs[:, 1:, 0], inputs[:, 1:, 1] = choice[:, :-1], reward[:, :-1]
    return cl.Dataset(
        inputs, choice[..., None].astype(np.float32), input_names=("previous choice", "previous reward")
    )


# --8<-- [end:reader]


# --8<-- [start:analysis]
def memory_span(model: cl.Network, dataset: cl.Dataset) -> np.ndarray:
    """An analysis: for how many trials each latent is correlated with itself by more than a half."""
    states = cl.latents(model, dataset).states
    states = states - states.mean((0, 1))
    power = (states**2).mean((0, 1))
    lags = [(states[:, lag:] * states[:, : states.shape[1] - lag]).mean((0, 1)) for lag in range(1, 10)]
    return (np.array(lags) > 0.5 * power).sum(0)


# --8<-- [end:analysis]


# --8<-- [start:panel]
class MemorySpan(cl.lab.Panel):
    """A panel of the lab: it shows the analysis of the session that is looked at."""

    name, title = "memory span", "Memory span"
    concerns = ("session",)

    def __init__(self, state):
        super().__init__(state)
        self.words = w.Label()
        self.widget = self.frame((), self.words)

    def draw(self, run, view):
        span = memory_span(run.trainer.model, run.dataset.select([view.state.session]))
        self.words.value = ", ".join(f"{n} trials" for n in span)


# --8<-- [end:panel]
