"""The compiled part of training: many steps in one call, with every setting a traced value."""

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.data import TrialArrays
from cogrnn_lab.random_numbers import subkeys
from cogrnn_lab.training.compiled.batches import BatchMaker
from cogrnn_lab.training.compiled.compiler_options import CompiledWithOptions
from cogrnn_lab.training.compiled.layout import ParameterLayout
from cogrnn_lab.training.losses import TaskLoss

ADAM = optax.scale_by_adam()

# Most steps that one compiled call takes: the length of the buffers that record every step's losses.
CHUNK_CAPACITY = 256

# A task loss this many times that of the first step means that training has run away ...
DIVERGED = 10.0
# ... and one below this many times it that the network is still worth going back to.
HEALTHY = 2.0


class StepSettings(NamedTuple):
    """Penalties, noise and learning rate of one training step, as the compiled step takes them.

    A `Phase` is a plan: it also has a length and a name, is checked when it is made, and is given to a
    trainer once (`Trainer.begin`). From then on each of the three may be set at any time (`Steering`), in
    the lab between any two chunks of steps. The compiled step therefore takes them as they are at that
    moment, and as arrays (`traced`): changing one never compiles anything again.

    Fields:
        penalties: `Penalties`; within the compiled step {name: array}.
        noise: Scale of the network's noise.
        learning_rate: Learning rate of Adam; without effect beside an optimizer of the user's own.
    """

    penalties: Any
    noise: Any
    learning_rate: Any

    def traced(self, penalty_names: Iterable[str] = ()) -> "StepSettings":
        """Convert to arrays for the compiled step, with a weight (by default 0) for each of these names."""
        weights = dict.fromkeys(penalty_names, 0.0) | dict(self.penalties)
        return jax.tree.map(lambda value: jnp.asarray(value, jnp.float32), self._replace(penalties=weights))


class TrainState(NamedTuple):
    """Everything that training carries from step to step; `free` are the trained parameters as one vector."""

    free: Float[Array, " parameter"]
    optimizer: Any
    step: Array
    key: PRNGKeyArray
    first_loss: Array  # task loss of the first step, the yardstick of divergence
    healthy: Float[Array, " parameter"]  # the last `free` that was seen to be good
    running: Array  # False once a step was refused

    @classmethod
    def first(cls, free: Float[Array, " parameter"], optimizer: Any, seed: int) -> "TrainState":
        """Make the state before the first step."""
        return cls(
            free=free,
            optimizer=optimizer,
            step=jnp.zeros((), jnp.int32),
            key=jax.random.key(seed),
            first_loss=jnp.zeros(()),
            healthy=free,
            running=jnp.array(True),
        )


class ChunkRecord(NamedTuple):
    """Losses of each step of a chunk (the first entries), and nats per counted target summed over steps."""

    loss: Float[Array, " capacity"]
    task_loss: Float[Array, " capacity"]
    information: dict[str, Float[Array, ""]]


class StepDesign(NamedTuple):
    """Static side of a training step; a new one is a new compilation.

    `optimizer` None is Adam with the learning rate of `StepSettings`; one of the user's works on the tree.
    """

    loss: TaskLoss
    optimizer: optax.GradientTransformation | None
    batches: BatchMaker
    max_grad_norm: float | None
    layout: ParameterLayout

    def fresh_optimizer(self, free: Float[Array, " parameter"]) -> Any:
        """Give the optimizer's state before its first step."""
        return ADAM.init(free) if self.optimizer is None else self.optimizer.init(self.layout.tree(free))

    def updates(self, gradient, state, free, learning_rate) -> tuple[Array, Any]:
        """Compute the update of the parameters, and the optimizer's next state."""
        if self.optimizer is None:
            updates, state = ADAM.update(gradient, state, free)
            return -learning_rate * updates, state
        tree = self.layout.tree
        updates, state = self.optimizer.update(tree(gradient), state, tree(free))
        return self.layout.vector(updates), state


def penalized_loss(
    model, data: TrialArrays, settings: StepSettings, loss: TaskLoss, key: PRNGKeyArray | None
):
    """Compute the task loss plus the weighted penalties, of which `Penalties` tells the weights.

    A penalty is on: of a bottleneck group, the nats over valid trials / counted trials; of a cost of the
    activity, its mean over valid trials; of the weights, the network's `penalty_terms`. A trial counts where
    one of its targets does. What has no weight has the weight 0.

    Returns the penalized loss and (task loss, {group: nats per counted trial}).
    """
    rolled = model.rollout(
        data.inputs, subject=data.subject, key=key, noise=settings.noise, begins=data.begins
    )
    task_loss = loss(rolled.outputs, data.targets, data.mask, data.action_mask)
    counted = jnp.maximum(data.mask.any(-1).sum(), 1)
    information = {
        group: jnp.where(data.valid, nats, 0.0).sum() / counted for group, nats in rolled.information.items()
    }
    weight = settings.penalties.get
    penalized = task_loss + sum(weight(group, 0.0) * nats for group, nats in information.items())
    costs = {
        name: jnp.where(data.valid, cost, 0.0).sum() / jnp.maximum(data.valid.sum(), 1)
        for name, cost in rolled.costs.items()
    }
    for name, term in (costs | model.penalty_terms()).items():
        penalized = penalized + weight(name, 0.0) * term
    return penalized, (task_loss, information)


def _one_step(state: TrainState, frozen, data: Any, settings: StepSettings, design: StepDesign):
    batch_key, noise_key = subkeys(state.key, 2, use=state.step)
    batch = design.batches.batch(data, state.step, batch_key)

    def objective(free):
        model = design.layout.model(free, frozen)
        return penalized_loss(model, batch, settings, design.loss, noise_key)

    (loss, (task_loss, information)), gradient = jax.value_and_grad(objective, has_aux=True)(state.free)
    norm = jnp.sqrt(jnp.sum(gradient**2))
    if design.max_grad_norm is not None:
        gradient = gradient * jnp.minimum(1.0, design.max_grad_norm / jnp.maximum(norm, 1e-12))
    updates, optimizer = design.updates(gradient, state.optimizer, state.free, settings.learning_rate)

    first_loss = jnp.where(state.step == 0, task_loss, state.first_loss)
    accepted = jnp.isfinite(loss) & jnp.isfinite(norm) & (task_loss <= DIVERGED * first_loss)
    is_healthy = accepted & (task_loss <= HEALTHY * first_loss)

    def keep_if(condition, new, old):
        return jax.tree.map(lambda a, b: jnp.where(condition, a, b), new, old)

    new_state = TrainState(
        free=keep_if(accepted, state.free + updates, state.free),
        optimizer=keep_if(accepted, optimizer, state.optimizer),
        step=state.step + accepted,
        key=state.key,
        first_loss=first_loss,
        healthy=keep_if(is_healthy, state.free, state.healthy),
        running=accepted,
    )
    return new_state, loss, task_loss, information


def _train_chunk(
    state: TrainState, frozen, data: Any, settings: StepSettings, n_steps: Array, design: StepDesign
) -> tuple[TrainState, ChunkRecord]:
    """`n_steps` (traced, at most `CHUNK_CAPACITY`) training steps; ends early where a step is refused.

    `data` is what the design's `batches` make a batch of.

    One compiled loop whose bound is an argument serves every chunk length, so the bits don't depend on how a
    run is cut into chunks.
    """
    groups = design.layout.model(state.free, frozen).groups
    record = ChunkRecord(
        jnp.full(CHUNK_CAPACITY, jnp.nan),
        jnp.full(CHUNK_CAPACITY, jnp.nan),
        {g: jnp.zeros(()) for g in groups},
    )

    def unfinished(carry):
        i, state, _ = carry
        return (i < n_steps) & state.running

    def advance(carry):
        i, state, record = carry
        state, loss, task_loss, information = _one_step(state, frozen, data, settings, design)
        record = ChunkRecord(
            record.loss.at[i].set(loss),
            record.task_loss.at[i].set(task_loss),
            jax.tree.map(jnp.add, record.information, information),
        )
        return i + 1, state, record

    _, state, record = jax.lax.while_loop(unfinished, advance, (jnp.zeros((), jnp.int32), state, record))
    return state, record


def _train_chunks(
    states: TrainState, frozen, data: Any, settings: StepSettings, n_steps: Array, *, design: StepDesign
) -> tuple[TrainState, ChunkRecord]:
    """Compute `train_chunk` of several runs on the same data, whose other arguments are stacked."""
    one = partial(_train_chunk, design=design)
    return jax.vmap(one, in_axes=(0, 0, None, 0, None))(states, frozen, data, settings, n_steps)


train_chunk = CompiledWithOptions(_train_chunk, static_argnames=("design",))
train_chunks = CompiledWithOptions(_train_chunks, static_argnames=("design",))


@partial(jax.jit, static_argnames=("loss", "layout"))
def held_out_loss(free, frozen, data: TrialArrays, *, loss: TaskLoss, layout: ParameterLayout) -> Array:
    """Compute the noiseless task loss of a whole data set."""
    model = layout.model(free, frozen)
    rolled = model.rollout(data.inputs, subject=data.subject, key=None, noise=0.0, begins=data.begins)
    return loss(rolled.outputs, data.targets, data.mask, data.action_mask)


@partial(jax.jit, static_argnames=("layout",))
def task_outputs(free, frozen, inputs: Array, noise: Array, key: PRNGKeyArray, *, layout: ParameterLayout):
    """Compute outputs (trial, time, output) for these inputs under noise."""
    return layout.model(free, frozen).rollout(inputs, key=key, noise=noise).outputs


@partial(jax.jit, static_argnames=("loss", "layout"))
def held_out_losses(free, frozen, data: TrialArrays, *, loss: TaskLoss, layout: ParameterLayout) -> Array:
    """Compute `held_out_loss` of several networks at once: parameters and frozen parts are stacked."""
    one = partial(held_out_loss, loss=loss, layout=layout)
    return jax.vmap(one, in_axes=(0, 0, None))(free, frozen, data)
