"""A training run that can be steered while it goes: its settings may change between compiled chunks."""

import copy
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import optax

from cogrnn_lab.background import BackgroundThread
from cogrnn_lab.counts import checked_count
from cogrnn_lab.models.names import KINDS_OF_NAMES
from cogrnn_lab.random_numbers import as_seed, subkeys
from cogrnn_lab.training.archive import read_archive, write_archive
from cogrnn_lab.training.checkpoint import restored_trainer, trainer_archive
from cogrnn_lab.training.compiled.devices import Devices
from cogrnn_lab.training.compiled.setup import prepared
from cogrnn_lab.training.compiled.steps import CHUNK_CAPACITY, ChunkRecord, TrainState, task_outputs
from cogrnn_lab.training.curriculum import Curriculum, StageCheck
from cogrnn_lab.training.freezing import Freeze, all_but
from cogrnn_lab.training.losses import TaskLoss
from cogrnn_lab.training.phases import Phase, check_rates
from cogrnn_lab.training.recipe import DEFAULT_RECIPE
from cogrnn_lab.training.report import Report, TrainingDiverged
from cogrnn_lab.training.steering import Steering
from cogrnn_lab.training.tally import Tally


class Trainer(Steering):
    """Training run of one network, taken chunk by chunk and steered between them.

    `penalties`, `noise` and `learning_rate` may be set at any time, from any thread; they act at the next
    chunk and never recompile. `model` is always a complete, immutable snapshot; setting it goes on from
    another network. The run depends on the seed and the settings at each step alone, to the bit: not on how
    it was cut into chunks, paused, saved and resumed. With a `Curriculum`, `stage` (from 0), `stage_checks`
    and `finished` tell where the run is.

    Where JAX has several devices (GPUs, or CPU cores by `use_cpu_devices`), the sessions of a batch that is
    large enough are sharded over them (`devices` tells): the batches are the same, the losses too, to
    rounding.

    Arguments:
        model: Network to train, any `cl.Network`, or the `Run` that trained one.
        train: A `Dataset`; or a `Task`, `NumpyTask` or `Curriculum` that makes new trials for every step; or
            a list of tasks, or a generator of batches, as for `fit`.
        valid: Held-out sessions, a `Dataset` of the same kind; or a task, of which 256 trials are held out;
            or None.
        optimizer: An optax transformation, which brings its own learning rate; None for Adam.
        learning_rate: Adam's learning rate; None for that of the phases, or 0.01.
        loss: A function (outputs, targets, mask, action_mask) -> mean loss, as in `cl.losses`; None for the
            one of the data's kind.
        batch_size: Sessions, or trials of a task, in a step, sampled without replacement. Where short
            sessions share a row (packing), a batch holds this many sessions on average.
        max_grad_norm: Norm to which gradients are clipped; None for no clipping.
        freeze: Part of the model that is not trained: its documented name, as "w_rec", or its path, as
            "update_net"; several of them; a function that picks it, as `lambda m: m.update_net`;
            `all_but("subjects.weight")`; or {name or path: mask}, True at the entries that are not trained.
        keep_at: Steps whose networks are kept in `kept`, to look at learning.
        seed: Seed of batches and noise, a whole number.

    Raises:
        ValueError: Network, data, held-out data, loss and settings do not belong together.
        TypeError: `train` is neither data nor a task, or `loss` is no function.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> sessions = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=10)
        >>> trainer = cl.Trainer(cl.GRU(2, 2, 3, key=jax.random.key(0)), sessions, batch_size=2)
        >>> trainer.advance(3).step
        3
    """

    def __init__(
        self,
        model: Any,
        train: Any,
        valid: Any = None,
        *,
        optimizer: optax.GradientTransformation | None = None,
        learning_rate: float | None = None,
        loss: TaskLoss | None = None,
        batch_size: int = DEFAULT_RECIPE.batch_size,
        max_grad_norm: float | None = DEFAULT_RECIPE.max_grad_norm,
        freeze: Freeze | all_but | Mapping[str, Any] | None = None,
        keep_at: Iterable[int] = (),
        seed: int | np.integer = 0,
    ):
        if optimizer is not None and learning_rate is not None:
            raise ValueError(
                "got both optimizer and learning_rate; an optimizer of your own brings its learning rate"
            )
        seed = as_seed(seed)
        model, self.setup = prepared(
            model,
            train,
            valid,
            optimizer=optimizer,
            loss=loss,
            batch_size=batch_size,
            max_grad_norm=max_grad_norm,
            freeze=freeze,
            seed=seed,
        )
        super().__init__(learning_rate)
        self.keep_at = frozenset(keep_at)
        self._start(model, seed)

    def _start(self, model: eqx.Module, seed: int) -> None:
        """Begin the run at step 0 with this network."""
        self.setup, free, self.frozen = self.setup.for_model(model)
        self.seed = seed
        self.state = TrainState.first(free, self.setup.design.fresh_optimizer(free), seed)
        self.phase = ""
        self.history: list[Report] = []
        self.stage, self.finished = 0, False
        self.stage_checks: list[StageCheck] = []
        self.kept: dict[int, Any] = {0: self.model} if 0 in self.keep_at else {}

    def sibling(self, model: eqx.Module, seed: int) -> "Trainer":
        """Make a trainer with the same settings for another network, on the same arrays of data.

        Arguments:
            model: Network of the same kind, at the start of its run.
            seed: Seed of its batches and noise.

        Returns:
            The trainer, at step 0.
        """
        other = copy.copy(self)
        other._start(self._named(model), seed)
        return other

    def _named(self, model: Any) -> Any:
        """A network that knows subjects, inputs and alternatives by the names of the present one.

        One that knows others is refused: it would read them in another order without a word.
        """
        now = self.model
        if hasattr(now, "with_names"):
            for kind in KINDS_OF_NAMES:
                ours, theirs = getattr(now, kind), getattr(model, kind)
                if None not in (ours, theirs) and ours != theirs:
                    raise ValueError(
                        f"the network has the {kind} {', '.join(theirs)}, but the data are in the order of "
                        f"{', '.join(ours)}; train it on data that are read with its own names and order"
                    )
            model = model.with_names(**{kind: getattr(now, kind) for kind in KINDS_OF_NAMES})
        names = getattr(now, "subject_names", None)
        return model if names is None else model.with_subject_names(names)

    @property
    def model(self):
        """Network as it is now; setting it goes on with another of the same kind and a fresh optimizer state.

        A run that rests, because its loss has run away, is awake again.
        """
        return self.setup.design.layout.model_at_hand(self.state.free, self.frozen)

    @model.setter
    def model(self, model: Any) -> None:
        setup, free, frozen = self.setup.for_model(self._named(model))
        if setup.design.layout != self.setup.design.layout:
            raise ValueError(
                "this network differs from the trainer's in more than its numbers; make both with the same "
                "arguments, or make a new Trainer"
            )
        self.frozen = frozen
        self._go_on_from(free)

    def _go_on_from(self, free: Any) -> None:
        fresh = self.setup.design.fresh_optimizer(free)
        self.state = self.state._replace(free=free, healthy=free, optimizer=fresh, running=jnp.array(True))

    @property
    def is_resting(self) -> bool:
        """Whether the run stands at its last good network because its loss has run away."""
        return not self.state.running

    @property
    def curriculum(self) -> Curriculum | None:
        """Curriculum that is trained on, or None."""
        return self.setup.curriculum

    @property
    def devices(self) -> Devices:
        """Devices over which a batch is sharded."""
        return self.setup.devices

    @property
    def data_shape(self) -> list[int]:
        """Shape (session, trial, input) of the training data, or of sampled trials of a task."""
        return self.setup.data_shape

    @property
    def batch_size(self) -> int:
        """Sessions, or trials of a task, in a step."""
        return self.setup.batch_size

    @property
    def step_count(self) -> int:
        """Number of steps taken."""
        return int(self.state.step)

    @property
    def max_grad_norm(self) -> float | None:
        """Norm to which gradients are clipped."""
        return self.setup.design.max_grad_norm

    def begin(self, phase: Phase) -> None:
        """Take on a phase's penalties, noise and learning rate, with a fresh optimizer state.

        Warns of penalties on what the network does not have.

        Arguments:
            phase: The phase; its number of steps has no effect here.

        Raises:
            ValueError: Its learning rate would have no effect, as the optimizer brings its own, or would
                replace the trainer's `learning_rate` before that had any; or a penalty is not known.
        """
        rate = self._rate_given if self.step_count == 0 else None
        check_rates([phase], rate, has_optimizer=self.setup.design.optimizer is not None)
        self.penalties, self.noise, self.phase = phase.penalties, phase.noise, phase.name
        if phase.learning_rate is not None:
            self.learning_rate = phase.learning_rate
        self.state = self.state._replace(optimizer=self.setup.design.fresh_optimizer(self.state.free))

    def compile(self) -> None:
        """Compile training and evaluation now, so that the first `advance` doesn't wait for it."""
        # Two cores compile two functions at once. An error of the evaluation comes again when it is called.
        evaluation = BackgroundThread(self._try_evaluation, name="compile evaluation", stop=lambda: None)
        evaluation.start()
        self.setup.train(self.state, self.frozen, self.settings, 0)
        evaluation.join()

    def _try_evaluation(self) -> None:
        with suppress(Exception):
            self._valid_loss()

    def advance(self, steps: int, evaluate: bool = True) -> Report:
        """Take training steps, then score the held-out sessions.

        Arguments:
            steps: Number of steps, at least 1. Fewer are taken where the last stage of a curriculum is
                mastered before.
            evaluate: Whether to score the held-out sessions, where there are any.

        Returns:
            The `Report` of these steps, which is also the last of `history`.

        Raises:
            TrainingDiverged: The loss is not finite or has run away; `model` is then the last good one.
            ValueError: `steps` is not a whole number of at least 1.
        """
        began = time.perf_counter()
        tally, left = self.begin_tally(), checked_count(steps, "steps")
        while left:
            chunk = min(left, self.steps_to_stop())
            left -= chunk
            if self.take(*self.setup.train(self.state, self.frozen, tally.settings, chunk), tally):
                break
        seconds = time.perf_counter() - began
        if self.is_resting:
            raise self.go_back_to_last_good_model(tally)
        return self.report(tally, self._valid_loss() if evaluate else None, seconds)

    def run(self, steps: int, report_every: int = 100) -> Iterator[Report]:
        """Take training steps with a report after every few of them; leave the loop whenever you like.

        Arguments:
            steps: Number of steps.
            report_every: Steps between reports, at least 1.

        Yields:
            A `Report` after every `report_every` steps.

        Raises:
            ValueError: `report_every` is not a whole number of at least 1.
            TrainingDiverged: The loss is not finite or has run away.
        """
        report_every = checked_count(report_every, "report_every", of="steps")
        done = 0
        while done < steps and not self.finished:
            chunk = min(report_every, steps - done)
            yield self.advance(chunk)
            done += chunk

    def close(self) -> None:
        """End the thread that makes the trials of a `NumpyTask`; so does the end of the trainer."""
        self.setup.source.close()

    def save(self, path: str | Path) -> Path:
        """Write everything that resuming needs into one file (a JSON header and arrays), atomically.

        Arguments:
            path: Path of the file; ".npz" is appended to one without an ending.

        Returns:
            The path written.
        """
        return write_archive(path, *trainer_archive(self))

    @classmethod
    def load(
        cls,
        path: str | Path,
        train: Any,
        valid: Any = None,
        **own: Any,
    ) -> "Trainer":
        """Resume a saved run exactly where it stopped, on the same data or tasks.

        Arguments:
            path: File that `save` wrote.
            train: The training data or task of the run.
            valid: Its held-out sessions.
            own: `optimizer`, `loss` and `freeze` where the run had its own, as functions are not saved, and
                `kind`, the class of a network of your own.

        Returns:
            The trainer.

        Raises:
            ValueError: The file is no trainer's, or data and functions are not those of the run.
        """
        return restored_trainer(cls, *read_archive(path, "trainer"), train, valid, **own)

    # --- the chunk interface: what one compiled call after the other is made of ---------------------

    def begin_tally(self) -> Tally:
        """Begin to gather what the next report will tell, under the settings as they are now."""
        return Tally(self.settings, len(self.stage_checks))

    def steps_to_stop(self) -> int:
        """Count the steps that one compiled call may take: to the next check, kept network, or data block."""
        step = self.step_count
        stops = [CHUNK_CAPACITY, self.setup.source.reach(step) or CHUNK_CAPACITY]
        if self.curriculum is not None and not self.finished:
            stops.append(self.curriculum.check_every - step % self.curriculum.check_every)
        stops += [kept - step for kept in self.keep_at if kept > step]
        return min(stops)

    def take(self, state: TrainState, record: ChunkRecord, tally: Tally) -> bool:
        """Go on from what a compiled chunk gave.

        Arguments:
            state: State after the chunk.
            record: Losses of its steps.
            tally: Where they are noted for the next report.

        Returns:
            Whether training ends here: a step was refused, or a curriculum is mastered.
        """
        tally.add(int(state.step) - self.step_count, record)
        self.state = state
        return self.is_resting or self._look(self.step_count)

    def report(self, tally: Tally, valid_loss: float | None, seconds: float) -> Report:
        """Make the report of the chunks since `begin_tally` and add it to the history.

        Arguments:
            tally: What was gathered.
            valid_loss: Loss of the held-out sessions, None where it was not computed.
            seconds: Wall time of these chunks.

        Returns:
            The report.
        """
        made = tally.report(
            step=self.step_count,
            phase=self.phase,
            valid_loss=valid_loss,
            checks=self.stage_checks,
            seconds=seconds,
            of_choices=self.setup.is_of_choices,
        )
        self.history.append(made)
        return made

    def rest(self) -> None:
        """Take no step from here on, until `model` is set."""
        self.state = self.state._replace(running=jnp.array(False))

    def go_back_to_last_good_model(self, tally: Tally) -> TrainingDiverged:
        """Go back to the last good network after a refused step.

        Arguments:
            tally: What was gathered up to the refused step.

        Returns:
            The error that says what happened, for the caller to raise or to tell.
        """
        self._go_on_from(self.state.healthy)
        last = self.history[-1] if self.history else None
        return TrainingDiverged(self.step_count, tally.refused_loss, self.learning_rate, last)

    def _look(self, step: int) -> bool:
        """Keep the network or check its performance where this is the step; True where training ended."""
        if step in self.keep_at:
            self.kept[step] = self.model
        curriculum = self.curriculum
        if curriculum is None or self.finished or step % curriculum.check_every:
            return False
        performance = self._performance(curriculum, step)
        self.stage_checks.append(StageCheck(step, self.stage, performance))
        self.go_to_stage(curriculum.next_stage(self.stage, performance))
        return self.finished

    def _performance(self, curriculum: Curriculum, step: int) -> float:
        # The step itself takes the first two of these keys: no trial is ever both trained on and checked.
        *_, trial_key, noise_key = subkeys(self.state.key, 4, use=step)
        batch = curriculum.stages[self.stage].batch(trial_key, curriculum.n_trials)
        outputs = task_outputs(
            self.state.free,
            self.frozen,
            jnp.asarray(batch.inputs),
            jnp.asarray(self.noise, jnp.float32),
            noise_key,
            layout=self.setup.design.layout,
        )
        return curriculum.performance(np.asarray(outputs), batch, self.stage)

    def go_to_stage(self, stage: int) -> None:
        """Go on with a stage of the curriculum.

        Arguments:
            stage: Stage, from 0; `n_stages`, one more than the last, ends the run.

        Raises:
            ValueError: There is no curriculum or no such stage.
        """
        if self.curriculum is None:
            raise ValueError("this trainer has no curriculum; make it with train=cl.Curriculum([...])")
        if not 0 <= stage <= self.curriculum.n_stages:
            raise ValueError(f"stage is {stage}, expected 0 to {self.curriculum.n_stages}")
        self.finished = stage == self.curriculum.n_stages
        if self.finished or stage == self.stage:
            return
        self.stage, self.setup = stage, self.setup.for_stage(stage, self.seed)

    def _valid_loss(self) -> float | None:
        return self.setup.held_out_loss(self.state, self.frozen)
