"""Several runs at once: other seeds, other starts, other penalties, in one compiled call."""

import time
import warnings
from collections.abc import Sequence
from typing import Any

from cogrnn_lab.callers import level_of_caller
from cogrnn_lab.counts import checked_count
from cogrnn_lab.models.network_at_hand import network_of
from cogrnn_lab.training.phases import Phase
from cogrnn_lab.training.report import Report
from cogrnn_lab.training.tally import Tally
from cogrnn_lab.training.trainer import Trainer


class Replicates:
    """Trainers of the same kind of network on the same data, which advance together.

    Each of `trainers` has its own network, seed, penalties, noise and learning rate (`trainers[i].penalties =
    ...`), and gives the run that it would give alone, to rounding. One that diverges is set back to its last
    good network and rests, with a warning; the others go on. A network is exchanged, and a run that rests is
    woken, by `trainers[i].model = ...`. On a `NumpyTask` all see the same trials.

    Arguments:
        models: Networks made with the same arguments, or runs that have them.
        train: Training data as for `Trainer`, no `Curriculum`.
        valid: Held-out sessions, or None.
        seed: Seed of the first run; the others have the following ones.
        settings: Further arguments of `Trainer`.

    Raises:
        ValueError: There is no network, they differ in more than their numbers, or `train` is a `Curriculum`.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> sessions = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=10)
        >>> models = [cl.GRU(2, 2, 3, key=jax.random.key(seed)) for seed in range(2)]
        >>> together = cl.Replicates(models, sessions, batch_size=2)
        >>> together.begin([cl.Phase(2, cl.Penalties(l2=weight)) for weight in (0.0, 1e-3)])
        >>> [report.step for report in together.advance(2)]
        [2, 2]
    """

    def __init__(
        self, models: Sequence[Any], train: Any, valid: Any = None, *, seed: int = 0, **settings: Any
    ):
        models = [network_of(model, "one of the models") for model in models]
        if not models:
            raise ValueError("models is empty; give at least one network")
        first = Trainer(models[0], train, valid, seed=seed, **settings)
        if first.curriculum is not None:
            raise ValueError(
                "replicates reach the stages of a curriculum at different steps; train them one by one"
            )
        self.first_number = 0  # of the first run, in warnings, where these are some of several
        self.trainers = [first, *(first.sibling(model, seed + i) for i, model in enumerate(models[1:], 1))]
        if len({trainer.setup.design for trainer in self.trainers}) > 1:
            raise ValueError(
                "the networks differ in more than their numbers; make all with the same arguments"
            )

    @property
    def is_resting(self) -> bool:
        """Whether all runs have diverged."""
        return all(trainer.is_resting for trainer in self.trainers)

    @property
    def models(self) -> list[Any]:
        """Networks as they are now, one of each trainer; set `trainers[i].model` to go on from another."""
        return [trainer.model for trainer in self.trainers]

    def begin(self, phases: Sequence[Phase]) -> None:
        """Begin a phase in every run.

        Arguments:
            phases: One phase for each trainer.
        """
        for trainer, phase in zip(self.trainers, phases, strict=True):
            trainer.begin(phase)

    def advance(self, steps: int, evaluate: bool = True) -> list[Report]:
        """Take training steps in all runs that do not rest, then score the held-out sessions.

        Arguments:
            steps: Number of steps, at least 1.
            evaluate: Whether to score the held-out sessions, where there are any.

        Returns:
            A `Report` of each run.

        Raises:
            RuntimeError: All runs have diverged before.
        """
        if self.is_resting:
            raise RuntimeError("all replicates have diverged; make new ones with a lower learning rate")
        return self.take_steps(steps, evaluate)

    def take_steps(self, steps: int, evaluate: bool = True) -> list[Report]:
        """Take steps as `advance` does, also where all runs rest: then nothing happens.

        Arguments:
            steps: Number of steps, at least 1.
            evaluate: Whether to score the held-out sessions, where there are any.

        Returns:
            A `Report` of each run.
        """
        began = time.perf_counter()
        tallies = [trainer.begin_tally() for trainer in self.trainers]
        left = checked_count(steps, "steps")
        while left and not self.is_resting:
            left -= self._chunk(left, tallies)
        valid_losses = self._valid_losses() if evaluate else [None] * len(self.trainers)
        seconds = time.perf_counter() - began
        reported = zip(self.trainers, tallies, valid_losses, strict=True)
        return [trainer.report(tally, valid, seconds) for trainer, tally, valid in reported]

    def close(self) -> None:
        """End what makes trials in the background."""
        self.trainers[0].close()

    def _chunk(self, left: int, tallies: list[Tally]) -> int:
        """Take steps in one compiled call, note them, and return how many."""
        awake = [trainer for trainer in self.trainers if not trainer.is_resting]
        first = awake[0]
        chunk = min(left, *(trainer.steps_to_stop() for trainer in awake))
        results = first.setup.train_together(
            [trainer.state for trainer in self.trainers],
            [trainer.frozen for trainer in self.trainers],
            [tally.settings for tally in tallies],
            chunk,
            first.step_count,
        )
        for i, (trainer, result, tally) in enumerate(zip(self.trainers, results, tallies, strict=True)):
            was_resting = trainer.is_resting
            trainer.take(*result, tally)
            if trainer.is_resting and not was_resting:
                error = trainer.go_back_to_last_good_model(tally)
                trainer.rest()
                number = self.first_number + i
                warnings.warn(
                    f"replicate {number}: {error} It rests; the others go on.", stacklevel=level_of_caller()
                )
        return chunk

    def _valid_losses(self) -> list[float | None]:
        states = [trainer.state for trainer in self.trainers]
        return self.trainers[0].setup.held_out_losses(states, [trainer.frozen for trainer in self.trainers])
