"""Setup that training runs on the same data share: the data on the devices, and the compiled step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from cogrnn_lab.compilation_cache import keep_compilations
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.data.packing import trial_arrays
from cogrnn_lab.models.network_at_hand import network_of
from cogrnn_lab.training.compatibility import (
    as_network_knows,
    check_batches,
    check_model_fits,
    check_same_task,
    check_time_step,
    named_as_known,
    with_names_of,
)
from cogrnn_lab.training.compiled.batch_source import BatchSource
from cogrnn_lab.training.compiled.devices import Devices
from cogrnn_lab.training.compiled.layout import ParameterLayout
from cogrnn_lab.training.compiled.steps import (
    ChunkRecord,
    StepDesign,
    StepSettings,
    TrainState,
    held_out_loss,
    held_out_losses,
    train_chunk,
    train_chunks,
)
from cogrnn_lab.training.compiled.training_data import (
    batch_source,
    held_out_sessions,
    sample_sessions,
    training_form,
)
from cogrnn_lab.training.curriculum import Curriculum
from cogrnn_lab.training.freezing import Freeze, all_but, trained_part
from cogrnn_lab.training.known_subjects import check_held_out_subjects, introduced, subjects_as_known
from cogrnn_lab.training.losses import (
    TaskLoss,
    categorical_nll,
    check_loss,
    check_optimizer,
    default_loss,
    soft_choice_nll,
)


@dataclass(frozen=True)
class TrainingSetup:
    """Data, devices and compiled step of one training run, or of several that advance together.

    Fields:
        design: Static side of the compiled step.
        source: Where batches come from.
        devices: Devices over which a batch is sharded.
        valid: Held-out sessions on the devices, or None.
        freeze: Part of the network that is not trained; see `Trainer`.
        batch_size: Sessions or trials in a step.
        data_shape: Shape (session, trial, input) of the training data, which a resumed run must have, too.
        own_functions: Names of the arguments that no file can hold: optimizer, loss, freeze.
        curriculum: Curriculum that is trained on, or None.
        penalty_names: Function that gives the names of the network's penalties, None where it has no such.
    """

    design: StepDesign
    source: BatchSource
    devices: Devices
    valid: TrialArrays | None
    freeze: Freeze | all_but | Mapping[str, Any] | None
    batch_size: int
    data_shape: list[int]
    own_functions: tuple[str, ...]
    curriculum: Curriculum | None
    penalty_names: Callable[[], tuple[str, ...] | None]

    @property
    def is_of_choices(self) -> bool:
        """Whether the task loss is the negative log-likelihood of choices, or its mean over a teacher's."""
        return self.design.loss in (categorical_nll, soft_choice_nll)

    def for_model(self, model: Any) -> tuple["TrainingSetup", Float[Array, " parameter"], Any]:
        """Give the setup for such a network, its trained parameters as a vector, and its frozen arrays."""
        layout, trained, frozen = ParameterLayout.apart(model, trained_part(model, self.freeze))
        free = layout.vector(jax.tree.map(np.asarray, trained))
        return replace(self, design=self.design._replace(layout=layout)), free, frozen

    def for_stage(self, stage: int, seed: int) -> "TrainingSetup":
        """Change to a stage of the curriculum; the source of the present stage is closed."""
        assert self.curriculum is not None
        self.source.close()
        source = batch_source(self.curriculum.stages[stage], self.batch_size, seed)
        source.place(self.devices)
        return replace(self, source=source, design=self.design._replace(batches=source.maker))

    def train(
        self, state: TrainState, frozen: Any, settings: StepSettings, n_steps: int
    ) -> tuple[TrainState, ChunkRecord]:
        """Take training steps in one compiled call.

        Arguments:
            state: State of the run.
            frozen: Frozen arrays of its network.
            settings: Penalties, noise and learning rate.
            n_steps: Number of steps, at most `Trainer.steps_to_stop()`.

        Returns:
            State after the steps, at an earlier step where one was refused, and the losses of each step.
        """
        data = self.source.data(int(state.step))
        traced, chunk = self._traced(settings), jnp.asarray(n_steps, jnp.int32)
        with self.devices.in_use():
            new, record = train_chunk(state, frozen, data, traced, chunk, design=self.design)
        return self.devices.plain(new._replace(key=None))._replace(key=state.key), jax.device_get(record)

    def train_together(
        self,
        states: Sequence[TrainState],
        frozen: Sequence[Any],
        settings: Sequence[StepSettings],
        n_steps: int,
        step: int,
    ) -> list[tuple[TrainState, ChunkRecord]]:
        """Take training steps of several runs in one compiled call, on the same data.

        Arguments:
            states: State of each run.
            frozen: Frozen arrays of each network.
            settings: Penalties, noise and learning rate of each run.
            n_steps: Number of steps, at most `Trainer.steps_to_stop()`.
            step: Step at which the runs stand, for sources that make their data as they go.

        Returns:
            State and losses of each run, as `train` returns them.
        """
        stacked = _stacked(states)
        data, chunk = self.source.data(step), jnp.asarray(n_steps, jnp.int32)
        traced = _stacked([self._traced(own) for own in settings])
        with self.devices.in_use():
            new, record = train_chunks(stacked, _stacked(frozen), data, traced, chunk, design=self.design)
        new, record = (
            self.devices.plain(new._replace(key=None))._replace(key=stacked.key),
            jax.device_get(record),
        )
        return [jax.tree.map(lambda leaf, i=i: leaf[i], (new, record)) for i in range(len(states))]

    def held_out_loss(self, state: TrainState, frozen: Any) -> float | None:
        """Compute the noiseless task loss of the held-out sessions; None without any."""
        if self.valid is None:
            return None
        with self.devices.in_use():
            loss = held_out_loss(
                state.free, frozen, self.valid, loss=self.design.loss, layout=self.design.layout
            )
        return float(loss)

    def held_out_losses(self, states: Sequence[TrainState], frozen: Sequence[Any]) -> list[float | None]:
        """Compute `held_out_loss` of several runs in one compiled call."""
        if self.valid is None:
            return [None] * len(states)
        free = jnp.stack([state.free for state in states])
        with self.devices.in_use():
            losses = held_out_losses(
                free, _stacked(frozen), self.valid, loss=self.design.loss, layout=self.design.layout
            )
        return [float(loss) for loss in losses]

    def _traced(self, settings: StepSettings) -> StepSettings:
        return settings.traced(self.penalty_names() or ())


def prepared(
    model: Any,
    train: Any,
    valid: Any,
    *,
    optimizer: optax.GradientTransformation | None,
    loss: TaskLoss | None,
    batch_size: int,
    max_grad_norm: float | None,
    freeze: Freeze | all_but | Mapping[str, Any] | None,
    seed: int,
) -> tuple[eqx.Module, TrainingSetup]:
    """Check that everything belongs together, and set up the training. The arguments are those of `Trainer`.

    Returns:
        The network, which now knows its subjects by name, and the setup.

    Raises:
        ValueError: Network, data, held-out data, loss and settings do not belong together.
        TypeError: `train` is neither data nor a task, or `loss` is no function.
    """
    model = network_of(model)
    curriculum = train if isinstance(train, Curriculum) else None
    sample, first = sample_sessions(training_form(train if curriculum is None else curriculum.stages[0]))
    if isinstance(first, Dataset):
        first = sample = named_as_known(model, first, "training data")
    check_model_fits(model, sample)
    untrained = model
    stages = (first,) if curriculum is None else curriculum.stages
    tasks = [*stages[1:], *(first[1:] if isinstance(first, list) else ())]
    samples = [sample, *(sample_sessions(task)[0] for task in tasks)]
    for one in samples[1:]:
        check_time_step(model, one)
    model = introduced(with_names_of(model, samples), sample)
    if isinstance(first, Dataset):
        first = subjects_as_known(model, first, "training data")
    else:
        for one in samples:
            check_batches(model, one)
    valid = held_out_sessions(valid)
    if valid is not None:
        if valid.n_inputs == sample.n_inputs:
            valid = named_as_known(model, valid, "held-out data")
        check_same_task(sample, valid)
        valid = as_network_knows(model, valid, "held-out data")
        check_held_out_subjects(untrained, sample, valid)
    batch_size = checked_count(batch_size, "batch_size", of="sessions")
    keep_compilations()
    own = {"optimizer": optimizer, "loss": loss, "freeze": freeze}
    loss = default_loss(sample.kind) if loss is None else loss
    check_loss(loss, sample.kind, sample.targets, sample.mask)
    check_optimizer(optimizer)
    source = batch_source(first, batch_size, seed)
    devices = Devices.for_batch(source.rows_of_a_step)
    source.place(devices)
    design = StepDesign(
        loss=loss,
        optimizer=optimizer,
        batches=source.maker,
        max_grad_norm=max_grad_norm,
        layout=ParameterLayout.apart(model, trained_part(model, freeze))[0],
    )
    setup = TrainingSetup(
        design=design,
        source=source,
        devices=devices,
        valid=None if valid is None else devices.everywhere(trial_arrays(valid)),
        freeze=freeze,
        batch_size=batch_size,
        data_shape=list(sample.inputs.shape),
        own_functions=tuple(name for name, function in own.items() if function is not None),
        curriculum=curriculum,
        penalty_names=cache(partial(getattr, model, "penalty_names", None)),
    )
    return model, setup


def _stacked(trees: Sequence[Any]) -> Any:
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)
