"""The networks of a path, one for each seed, which train together in one compiled call or two.

Everything that the path needs of the trainer's state is in this file.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.packing import trial_arrays
from cogrnn_lab.training import Phase, Replicates, Report, Trainer
from cogrnn_lab.training.compatibility import as_network_knows
from cogrnn_lab.training.compiled.steps import StepSettings, penalized_loss

# Rows of the training data on which it is judged whether a level has settled.
JUDGED_ROWS = 256


class Standing(NamedTuple):
    """Where training stands between two levels: what going on from there, to the bit, needs.

    `models` one for each seed; `step` (seed,) taken so far; `first_loss` (seed,) task loss of the first step.
    """

    models: tuple[Any, ...]
    step: np.ndarray
    first_loss: np.ndarray


class Together:
    """Networks of one kind on the same training data, under the same penalties, each with its own seed.

    On a CPU several networks are two groups that train side by side in two threads: a step is many small
    products, each of which keeps one core busy. The groups do not depend on the number of cores, so that a
    run has the same rounding on any machine.

    Arguments: `models`; `train`; `seed` of the first, the others have the following ones; `settings` of
    `Trainer`, such as `batch_size`.
    """

    def __init__(self, models: Sequence[Any], train: Dataset, *, seed: int, **settings: Any):
        edge = (len(models) + 1) // 2 if _has_one_cpu_device() else len(models)
        self._groups = []
        for first, some in ((0, models[:edge]), (edge, models[edge:])):
            if some:
                group = Replicates(list(some), train, None, seed=seed + first, **settings)
                group.first_number = first
                self._groups.append(group)
        self._threads = ThreadPoolExecutor(len(self._groups), thread_name_prefix="path")
        rows = trial_arrays(as_network_knows(self.models[0], train))
        n_rows = len(rows.valid)
        judged = np.random.default_rng(0).permutation(n_rows)[:JUDGED_ROWS]
        self._judged = rows.take(jnp.asarray(np.sort(judged)))
        self._noise_key = jax.random.key(0)

    @property
    def models(self) -> tuple[Any, ...]:
        """The networks as they are now."""
        return tuple(model for group in self._groups for model in group.models)

    @property
    def standing(self) -> Standing:
        """Where training stands now."""
        states = [trainer.state for trainer in self._trainers]
        return Standing(
            self.models,
            np.array([int(state.step) for state in states]),
            np.array([float(state.first_loss) for state in states], np.float32),
        )

    def stand(self, standing: Standing) -> None:
        """Go on from there; networks that had diverged take part again."""
        for i, trainer in enumerate(self._trainers):
            trainer.model = standing.models[i]
            trainer.state = trainer.state._replace(
                step=jnp.asarray(standing.step[i], jnp.int32),
                first_loss=jnp.asarray(standing.first_loss[i], jnp.float32),
            )

    def begin(self, phase: Phase) -> None:
        """Take on a phase's penalties, noise and learning rate, with fresh optimizers."""
        for group in self._groups:
            group.begin([phase] * len(group.trainers))

    def set_learning_rate(self, rate: float) -> None:
        """Go on with this learning rate; the optimizers stay as they are."""
        for trainer in self._trainers:
            trainer.learning_rate = rate

    def advance(self, steps: int) -> list[Report]:
        """Take as many steps with every network; a report of each."""
        if all(group.is_resting for group in self._groups):
            raise RuntimeError("all seeds have diverged; lower the learning rates of the path")
        if len(self._groups) == 1:
            return self._groups[0].take_steps(steps, evaluate=False)
        taken = [self._threads.submit(group.take_steps, steps, False) for group in self._groups]
        wait(taken)
        return [report for one in taken for report in one.result()]

    def penalized_losses(self) -> np.ndarray:
        """(seed,) penalized loss on the same sessions with the same noise each time, in nats per choice."""
        first = self._trainers[0]
        setup, settings = first.setup, first.settings.traced(first.setup.penalty_names() or ())
        free = jnp.stack([trainer.state.free for trainer in self._trainers])
        frozen = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(t.frozen for t in self._trainers))
        with setup.devices.in_use():
            losses = _penalized_losses(
                free, frozen, self._judged, settings, self._noise_key,
                loss=setup.design.loss, layout=setup.design.layout,
            )  # fmt: skip
        return np.asarray(losses, np.float64)

    def close(self) -> None:
        """End what makes trials in the background."""
        self._threads.shutdown()
        for group in self._groups:
            group.close()

    @property
    def _trainers(self) -> list[Trainer]:
        return [trainer for group in self._groups for trainer in group.trainers]


def _has_one_cpu_device() -> bool:
    """Whether the groups have cores to share; several devices share the sessions of a step instead."""
    devices = jax.local_devices()
    return len(devices) == 1 and devices[0].platform == "cpu"


@partial(jax.jit, static_argnames=("loss", "layout"))
def _penalized_losses(free, frozen, data, settings: StepSettings, key, *, loss, layout):
    def one(free, frozen):
        return penalized_loss(layout.model(free, frozen), data, settings, loss, key)[0]

    return jax.vmap(one)(free, frozen)
