"""Several runs at once: other seeds, other starts, other penalties, in one compiled call."""

import time
import warnings
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from cogrnn_lab.training.phases import Phase
from cogrnn_lab.training.report import Report, TrainingDiverged
from cogrnn_lab.training.steps import ChunkRecord, TrainState, held_out_losses, train_chunks
from cogrnn_lab.training.trainer import Trainer, checked_steps


class Replicates:
    """Trainers of the same kind of network on the same data, which advance together.

    Each has its own network, seed, penalties, noise and learning rate (`trainers[i].penalties = ...`), and
    goes the way that it would go alone, to rounding. One that diverges is set back to its last good network
    and rests, with a warning; the others go on. Of a `NumpyTask` all see the same trials.

    Arguments: `models`; `train` and `valid` as for `Trainer` (no `Curriculum`); `seed` that of the first,
    the others have the following ones; `settings` further arguments of `Trainer`.
    """

    def __init__(
        self, models: Sequence[Any], train: Any, valid: Any = None, *, seed: int = 0, **settings: Any
    ):
        if not models:
            raise ValueError("models is empty; give at least one network")
        first = Trainer(models[0], train, valid, seed=seed, **settings)
        if first.curriculum is not None:
            raise ValueError(
                "replicates reach the stages of a curriculum at different steps; train them one by one"
            )
        self.trainers = [first, *(first.sibling(model, seed + i) for i, model in enumerate(models[1:], 1))]
        if len({trainer._recipe for trainer in self.trainers}) > 1:
            raise ValueError(
                "the networks differ in more than their numbers; make all with the same arguments"
            )
        self._resting: set[int] = set()

    def begin(self, phases: Sequence[Phase]) -> None:
        """Begin a phase, one for each trainer."""
        for trainer, phase in zip(self.trainers, phases, strict=True):
            trainer.begin(phase)

    def advance(self, steps: int, evaluate: bool = True) -> list[Report]:
        """`Trainer.advance` for all; a `Report` of each. `RuntimeError` where all have diverged before."""
        if len(self._resting) == len(self.trainers):
            raise RuntimeError("all replicates have diverged; make new ones with a lower learning rate")
        began = time.perf_counter()
        settings = [trainer.settings for trainer in self.trainers]
        records: list[list[tuple[int, Any]]] = [[] for _ in self.trainers]
        left = checked_steps(steps)
        while left and len(self._resting) < len(self.trainers):
            left -= self._chunk(left, settings, records)
        valid_losses = self._evaluate() if evaluate else [None] * len(self.trainers)
        seconds = time.perf_counter() - began
        reports = []
        for trainer, own, made, valid in zip(self.trainers, settings, records, valid_losses, strict=True):
            reports.append(trainer._report(made, own, valid, seconds, 0))
            trainer.history.append(reports[-1])
        return reports

    def close(self) -> None:
        """End what makes trials in the background."""
        self.trainers[0].close()

    def _chunk(self, left: int, settings: list[tuple], records: list[list[tuple[int, Any]]]) -> int:
        """Take steps in one call, note them, and return how many."""
        first = next(t for i, t in enumerate(self.trainers) if i not in self._resting)
        before = [trainer.step_count for trainer in self.trainers]
        chunk = min(left, first._steps_to_stop(first.step_count))
        states, record = self._call(chunk, first, settings)
        for i, trainer in enumerate(self.trainers):
            own: ChunkRecord = jax.device_get(jax.tree.map(lambda leaf, i=i: leaf[i], record))
            trainer.state = jax.tree.map(lambda leaf, i=i: leaf[i], states)
            taken = trainer.step_count - before[i]
            records[i].append((taken, own))
            if i in self._resting:
                continue
            if not trainer.state.running:
                self._rest(i, float(own.task_loss[taken]))
            else:
                trainer._look(trainer.step_count)
        return chunk

    def _rest(self, i: int, task_loss: float) -> None:
        self._resting.add(i)
        try:
            self.trainers[i]._stop_at_last_good_model(task_loss)
        except TrainingDiverged as error:
            warnings.warn(f"replicate {i}: {error} It rests; the others go on.", stacklevel=4)
        self.trainers[i].state = self.trainers[i].state._replace(running=jnp.array(False))

    def _call(self, chunk: int, first: Trainer, settings: list[tuple]) -> tuple[TrainState, ChunkRecord]:
        stacked = _stacked([trainer.state for trainer in self.trainers])
        with first.devices.in_use():
            states, record = train_chunks(
                stacked,
                _stacked([trainer._frozen for trainer in self.trainers]),
                first._source.data(first.step_count),
                _stacked([Trainer.traced_settings(*own) for own in settings]),
                jnp.asarray(chunk, jnp.int32),
                recipe=first._recipe,
            )
        return first.devices.plain(states._replace(key=None))._replace(key=stacked.key), record

    def _evaluate(self) -> list[float | None]:
        first = self.trainers[0]
        if first._valid is None:
            return [None] * len(self.trainers)
        with first.devices.in_use():
            losses = held_out_losses(
                jnp.stack([trainer.state.free for trainer in self.trainers]),
                _stacked([trainer._frozen for trainer in self.trainers]),
                first._valid,
                loss=first._recipe.loss,
                layout=first._recipe.layout,
            )
        return [float(loss) for loss in losses]


def _stacked(trees: Sequence[Any]) -> Any:
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)
