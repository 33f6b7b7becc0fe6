"""Both kinds of task feed the training step that data sets feed."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training.compiled.steps import StepSettings, penalized_loss
from cogrnn_lab.training.losses import mean_squared_error


class Step(cl.NumpyTask):
    """An input that the output has to copy."""

    duration = 60.0

    def trial_parameters(self, rng):
        return {"size": rng.normal()}

    def whole_trial(self, times, parameters):
        value = np.full((len(times), 1), parameters["size"])
        return value, value, times >= 20


class Linear(eqx.Module):
    """The least that a training step takes as a network; compiled in no time."""

    weights: jax.Array
    groups = ()

    def rollout(self, inputs, **_):
        return cl.Rollout(inputs @ self.weights, inputs, {})

    def penalty_terms(self):
        return {"l2": jnp.zeros(())}


def network(task):
    return Linear(jnp.ones((task.n_inputs, task.n_outputs)))


@eqx.filter_jit
def gradient_norm(model, arrays):
    settings = StepSettings(cl.Penalties().as_arrays(), jnp.asarray(0.0), jnp.asarray(0.01))
    (loss, _), gradients = eqx.filter_value_and_grad(
        lambda m: penalized_loss(m, arrays, settings, mean_squared_error, None), has_aux=True
    )(model)
    return loss, jnp.sqrt(sum(jnp.sum(g**2) for g in jax.tree.leaves(gradients)))


def test_a_compiled_task_inside_a_compiled_step():
    task = cl.PerceptualDiscrimination(dt=100.0, duration=1000.0)
    model = network(task)
    traces = []

    @eqx.filter_jit
    def step(model, task, key):
        traces.append(1)
        return gradient_norm(model, task.batch(key, 8).trial_arrays())

    loss, norm = step(model, task.traced(), jax.random.key(1))
    assert np.isfinite([loss, norm]).all()
    assert norm > 0
    noisier = cl.PerceptualDiscrimination(dt=100.0, duration=1000.0, stim_noise=0.5)
    assert step(model, noisier.traced(), jax.random.key(1))[0] != loss
    assert len(traces) == 1
    dataset = cl.TrialArrays.of(task.dataset(8, seed=1))
    assert gradient_norm(model, dataset)[0] == pytest.approx(float(loss), rel=1e-5)


def test_a_numpy_task_through_its_source():
    task = Step()
    model = network(task)

    @eqx.filter_jit
    def losses(model, stacked):
        return jax.lax.map(lambda one: gradient_norm(model, one)[0], stacked)

    with task.source(seed=0) as source:
        stacked = source.batches(3, 4, 5)
        together = losses(model, stacked)
        one = jax.tree.map(lambda array: array[1], source.batches(3, 4, 5))
    assert np.isfinite(together).all()
    assert gradient_norm(model, jax.tree.map(jnp.asarray, one))[0] == pytest.approx(
        float(together[1]), rel=1e-5
    )
