"""Training on a task, the least that the benchmark needs until `cl.Trainer` takes a task as its data."""

from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax

import cogrnn_lab as cl


class Report(NamedTuple):
    loss: float


class TaskTrainer:
    """As `cl.Trainer(model, task, ...)` will be: a step makes a batch and takes a clipped Adam step on it."""

    def __init__(self, model: Any, task: cl.Task, *, batch_size: int, learning_rate: float):
        optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(learning_rate))
        trained, fixed = eqx.partition(model, eqx.is_inexact_array)
        self._state = trained, optimizer.init(trained), jax.random.key(0)
        self._advance = partial(_steps, fixed, task.traced(), optimizer, batch_size)

    def advance(self, steps: int, evaluate: bool = False) -> Report:
        """Take `steps` steps; the loss of the last one."""
        loss, self._state = self._advance(self._state, jnp.asarray(steps))
        return Report(float(loss))


@eqx.filter_jit
def _steps(fixed, task, optimizer, batch_size: int, state, steps):
    def step(_, carry):
        _, (trained, memory, key) = carry
        key, for_batch, for_noise = jax.random.split(key, 3)
        batch = task.batch(for_batch, batch_size)

        def mean_squared_error(trained):
            outputs = cl.rollout(eqx.combine(trained, fixed), batch.inputs, key=for_noise).outputs
            return cl.losses.mean_squared_error(outputs, batch.targets, batch.mask, None)

        loss, gradient = jax.value_and_grad(mean_squared_error)(trained)
        updates, memory = optimizer.update(gradient, memory, trained)
        return loss, (optax.apply_updates(trained, updates), memory, key)

    return jax.lax.fori_loop(0, steps, step, (jnp.zeros(()), state))
