"""A training run that can be steered while it goes: its settings may change between compiled chunks."""

import copy
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

from cogrnn_lab.compilation_cache import keep_compilations
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.packing import trial_arrays
from cogrnn_lab.random_numbers import subkeys
from cogrnn_lab.training.batches import batch_source, sample_sessions
from cogrnn_lab.training.compatibility import check_model_fits, check_same_task
from cogrnn_lab.training.curriculum import Curriculum, StageCheck
from cogrnn_lab.training.devices import Devices
from cogrnn_lab.training.freezing import Freeze, all_but, trained_part
from cogrnn_lab.training.layout import ParameterLayout
from cogrnn_lab.training.losses import TaskLoss, categorical_nll, check_loss, default_loss
from cogrnn_lab.training.penalties import Penalties, Phase
from cogrnn_lab.training.report import Report, TrainingDiverged
from cogrnn_lab.training.steps import (
    CHUNK_CAPACITY,
    ChunkRecord,
    Recipe,
    Settings,
    TrainState,
    held_out_loss,
    task_outputs,
    train_chunk,
)

DEFAULT_LEARNING_RATE = 1e-2


class Trainer:
    """Trains a network chunk by chunk.

    Arguments: `model`; `train`, a `Dataset`, or a `Task`, `NumpyTask` or `Curriculum` that makes new trials
    for every step; (optional) `valid`, the held-out sessions; `optimizer` an optax
    transformation with its own learning rate, or None for Adam with `learning_rate`; `loss` a function
    (outputs, targets, mask, action_mask) -> mean loss, or None for the one of the data's kind; `batch_size`
    sessions or trials a step; sessions are sampled without replacement (on average as many, where sessions of
    different length were put into rows together); `max_grad_norm` the norm to which gradients are clipped,
    None for no clipping; `freeze` the part of the model that is not trained: a function that picks it, as
    `lambda m: m.update_net`, its path, as "update_net", several paths, or `all_but("subjects.weight")`;
    `keep_at` steps whose networks are kept in `kept`, to look at learning; `seed`.

    `penalties`, `noise` and `learning_rate` may be set at any time, from any thread; they act at the next
    chunk and never recompile. `model` is always a complete, immutable snapshot. The run depends on the seed
    and the settings at each step alone, to the bit: not on how it was cut into chunks, paused, saved and
    resumed. With a `Curriculum`, `stage` (from 0), `stage_checks` and `finished` tell where it is.

    Where JAX has several devices (GPUs, or CPU cores by `use_cpu_devices`), the sessions of a batch that is
    large enough are dealt to them (`devices` tells): the batches are the same, the losses too, to rounding.
    """

    def __init__(
        self,
        model: eqx.Module,
        train: Any,
        valid: Dataset | None = None,
        *,
        optimizer: optax.GradientTransformation | None = None,
        learning_rate: float | None = None,
        loss: TaskLoss | None = None,
        batch_size: int = 128,
        max_grad_norm: float | None = 1.0,
        freeze: Freeze | all_but | None = None,
        keep_at: Iterable[int] = (),
        seed: int = 0,
    ):
        self.curriculum = train if isinstance(train, Curriculum) else None
        first = train.stages[0] if isinstance(train, Curriculum) else train
        sample = sample_sessions(first)
        check_model_fits(model, sample)
        if valid is not None:
            check_same_task(sample, valid)
            check_model_fits(model, valid, "held-out data")
        if optimizer is not None and learning_rate is not None:
            raise ValueError(
                "got both optimizer and learning_rate; an optimizer of your own brings its learning rate"
            )
        if isinstance(batch_size, bool) or int(batch_size) != batch_size or batch_size < 1:
            raise ValueError(
                f"batch_size is {batch_size!r}, expected a whole number of sessions of at least 1"
            )
        keep_compilations()
        self.batch_size = int(batch_size)
        own = {"optimizer": optimizer, "loss": loss, "freeze": freeze}
        self.own_functions = tuple(name for name, function in own.items() if function is not None)
        self.data_shape = list(sample.inputs.shape)
        loss = default_loss(sample.kind) if loss is None else loss
        check_loss(loss, sample.kind, sample.targets, sample.mask)
        self._source = batch_source(first, self.batch_size, seed)
        self.devices = Devices.for_batch(self._source.rows_of_a_step)
        self._source.place(self.devices)
        self._valid = None if valid is None else self.devices.everywhere(trial_arrays(valid))
        self._freeze, self.keep_at = freeze, frozenset(keep_at)
        self._recipe = Recipe(
            loss=loss,
            optimizer=optimizer,
            batches=self._source.maker,
            max_grad_norm=max_grad_norm,
            layout=ParameterLayout.apart(model, trained_part(model, freeze))[0],
        )
        self.penalties = Penalties()
        self.noise = 1.0
        self.learning_rate = DEFAULT_LEARNING_RATE if learning_rate is None else learning_rate
        self._start(model, seed)

    def _start(self, model: eqx.Module, seed: int) -> None:
        """Stand at step 0 with this network."""
        layout, trained, self._frozen = ParameterLayout.apart(model, trained_part(model, self._freeze))
        self._recipe = self._recipe._replace(layout=layout)
        free = layout.vector(jax.tree.map(np.asarray, trained))
        self.seed = seed
        self.state = TrainState(
            free=free,
            optimizer=self._recipe.fresh_optimizer(free),
            step=jnp.zeros((), jnp.int32),
            key=jax.random.key(seed),
            first_loss=jnp.zeros(()),
            healthy=free,
            running=jnp.array(True),
        )
        self.phase = ""
        self.history: list[Report] = []
        self.stage, self.finished = 0, False
        self.stage_checks: list[StageCheck] = []
        self.kept: dict[int, Any] = {0: self.model} if 0 in self.keep_at else {}

    def sibling(self, model: eqx.Module, seed: int) -> "Trainer":
        """A trainer with the same settings for another network of this kind, on the same arrays of data."""
        other = copy.copy(self)
        other._start(model, seed)
        return other

    @property
    def model(self):
        """The network as it is now."""
        return self._recipe.layout.model_at_hand(self.state.free, self._frozen)

    @property
    def step_count(self) -> int:
        """How many steps were taken."""
        return int(self.state.step)

    @property
    def max_grad_norm(self) -> float | None:
        """Norm to which gradients are clipped."""
        return self._recipe.max_grad_norm

    @property
    def learning_rate(self) -> float:
        """Adam's learning rate (without effect where an optimizer was given)."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if not (np.isfinite(rate) and rate > 0):
            raise ValueError(f"learning_rate is {rate!r}, expected a positive number such as 0.01")
        self._learning_rate = float(rate)

    @property
    def noise(self) -> float:
        """Scale of the bottlenecks' noise: 0 none, 1 their own."""
        return self._noise

    @noise.setter
    def noise(self, noise: float) -> None:
        if not (np.isfinite(noise) and noise >= 0):
            raise ValueError(f"noise is {noise!r}, expected a number of at least 0")
        self._noise = float(noise)

    @property
    def penalties(self) -> Penalties:
        """Price of information in each bottleneck group."""
        return self._penalties

    @penalties.setter
    def penalties(self, penalties: Penalties) -> None:
        if not isinstance(penalties, Penalties):
            raise TypeError(f"penalties is a {type(penalties).__name__}, expected cogrnn_lab.Penalties(...)")
        self._penalties = penalties

    def begin(self, phase: Phase) -> None:
        """Take on a phase's penalties, noise and learning rate, with a fresh optimizer state."""
        self.penalties, self.noise, self.phase = phase.penalties, phase.noise, phase.name
        if phase.learning_rate is not None:
            self.learning_rate = phase.learning_rate
        self.state = self.state._replace(optimizer=self._recipe.fresh_optimizer(self.state.free))

    def compile(self) -> None:
        """Compile training and evaluation now, so that the first `advance` doesn't wait for it."""
        with ThreadPoolExecutor(1) as pool:  # two cores compile two functions at once
            evaluated = pool.submit(self._evaluate)
            self._call(0, self.settings)
            evaluated.result()
        self._evaluate()

    def advance(self, steps: int, evaluate: bool = True) -> Report:
        """Take `steps` training steps, then (with held-out data and `evaluate`) score the held-out sessions.

        Takes fewer where the last stage of a curriculum is mastered before. Raises `TrainingDiverged` where
        the loss is not finite or has run away; `model` is then the last good one.
        """
        began = time.perf_counter()
        settings = self.settings
        records, n_checks, left = [], len(self.stage_checks), checked_steps(steps)
        while True:
            before = self.step_count
            chunk = min(left, self._steps_to_stop(before))
            self.state, record = self._call(chunk, settings)
            taken = self.step_count - before
            records.append((taken, record))
            left -= chunk
            if not self.state.running:
                break
            ended = self._look(before + chunk)
            if ended or not left:
                break
        seconds = time.perf_counter() - began
        if not self.state.running:
            self._stop_at_last_good_model(float(record.task_loss[taken]))
        report = self._report(records, settings, self._evaluate() if evaluate else None, seconds, n_checks)
        self.history.append(report)
        return report

    def run(self, steps: int, report_every: int = 100) -> Iterator[Report]:
        """Take `steps` steps with a `Report` after every `report_every`; leave the loop whenever you like."""
        if report_every < 1:
            raise ValueError(f"report_every is {report_every}, expected at least 1")
        done = 0
        while done < steps and not self.finished:
            chunk = min(report_every, steps - done)
            yield self.advance(chunk)
            done += chunk

    def close(self) -> None:
        """End the thread that makes the trials of a `NumpyTask`; so does the end of the trainer."""
        self._source.close()

    def save(self, path: str | Path) -> Path:
        """Write everything that resuming needs into one file (a JSON header and arrays), atomically."""
        from cogrnn_lab.training.checkpoint import save_trainer

        return save_trainer(self, path)

    @classmethod
    def load(
        cls,
        path: str | Path,
        train: Any,
        valid: Dataset | None = None,
        **own: Any,
    ) -> "Trainer":
        """A trainer that goes on exactly where the saved one stopped, on the same data or tasks.

        Functions are not saved: pass `optimizer`, `loss` and `freeze` again where the run had its own.
        """
        from cogrnn_lab.training.checkpoint import load_trainer

        return load_trainer(path, train, valid, **own)

    def _call(self, steps: int, settings: tuple[Penalties, float, float]) -> tuple[TrainState, ChunkRecord]:
        traced = self.traced_settings(*settings)
        n_steps = jnp.asarray(steps, jnp.int32)
        data = self._source.data(self.step_count)
        with self.devices.in_use():
            state, record = train_chunk(self.state, self._frozen, data, traced, n_steps, recipe=self._recipe)
        state = self.devices.plain(state._replace(key=None))._replace(key=self.state.key)
        return state, jax.device_get(record)

    @property
    def settings(self) -> tuple[Penalties, float, float]:
        """Penalties, noise and learning rate, as they are now."""
        return self.penalties, self.noise, self.learning_rate

    @staticmethod
    def traced_settings(penalties: Penalties, noise: float, learning_rate: float) -> Settings:
        """Settings as the compiled step takes them."""
        return Settings(
            penalties=penalties.as_arrays(),
            noise=jnp.asarray(noise, jnp.float32),
            learning_rate=jnp.asarray(learning_rate, jnp.float32),
        )

    def _steps_to_stop(self, step: int) -> int:
        """Steps that one compiled call may take from here: to the next check, kept network, or block."""
        stops = [CHUNK_CAPACITY, self._source.reach(step) or CHUNK_CAPACITY]
        if self.curriculum is not None and not self.finished:
            stops.append(self.curriculum.check_every - step % self.curriculum.check_every)
        stops += [kept - step for kept in self.keep_at if kept > step]
        return min(stops)

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
            self._frozen,
            jnp.asarray(batch.inputs),
            jnp.asarray(self.noise, jnp.float32),
            noise_key,
            layout=self._recipe.layout,
        )
        return curriculum.performance(np.asarray(outputs), batch, self.stage)

    def go_to_stage(self, stage: int) -> None:
        """Go on with this stage of the curriculum; `n_stages`, one more than the last, is its end."""
        if self.curriculum is None:
            raise ValueError("this trainer has no curriculum; make it with train=cl.Curriculum([...])")
        if not 0 <= stage <= self.curriculum.n_stages:
            raise ValueError(f"stage is {stage}, expected 0 to {self.curriculum.n_stages}")
        self.finished = stage == self.curriculum.n_stages
        if self.finished or stage == self.stage:
            return
        self._source.close()
        self.stage = stage
        self._source = batch_source(self.curriculum.stages[stage], self.batch_size, self.seed)
        self._source.place(self.devices)
        self._recipe = self._recipe._replace(batches=self._source.maker)

    def _evaluate(self) -> float | None:
        if self._valid is None:
            return None
        recipe = self._recipe
        with self.devices.in_use():
            loss = held_out_loss(
                self.state.free, self._frozen, self._valid, loss=recipe.loss, layout=recipe.layout
            )
        return float(loss)

    def _stop_at_last_good_model(self, task_loss: float) -> None:
        free = self.state.healthy
        self.state = self.state._replace(
            free=free, optimizer=self._recipe.fresh_optimizer(free), running=jnp.array(True)
        )
        raise TrainingDiverged(self.step_count, task_loss, self.learning_rate)

    def _report(self, records, settings, valid_loss: float | None, seconds: float, n_checks: int):
        penalties, noise, learning_rate = settings
        losses = np.concatenate([record.loss[:taken] for taken, record in records])
        task_losses = np.concatenate([record.task_loss[:taken] for taken, record in records])
        groups = records[0][1].information
        n_steps = max(len(losses), 1)
        return Report(
            step=self.step_count,
            phase=self.phase,
            loss=float(losses.mean(dtype=np.float64)) if len(losses) else float("nan"),
            task_loss=float(task_losses.mean(dtype=np.float64)) if len(losses) else float("nan"),
            losses=losses,
            task_losses=task_losses,
            valid_loss=valid_loss,
            information={g: float(sum(r.information[g] for _, r in records)) / n_steps for g in groups},
            penalties=penalties,
            noise=noise,
            learning_rate=learning_rate,
            seconds=seconds,
            checks=tuple(self.stage_checks[n_checks:]),
            of_choices=self._recipe.loss is categorical_nll,
        )


def checked_steps(steps: int) -> int:
    """A number of steps, or a `ValueError`."""
    if isinstance(steps, bool) or int(steps) != steps or steps < 1:
        raise ValueError(f"steps is {steps!r}, expected a whole number of at least 1")
    return int(steps)
