"""Base class of compiled tasks: functions from a random key to one trial."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from cogrnn_lab.argument_kinds import Kind, is_real
from cogrnn_lab.argument_shapes import is_traced
from cogrnn_lab.counts import checked_count, is_number
from cogrnn_lab.data import Dataset
from cogrnn_lab.random_numbers import KeyOrSeed, as_key, as_seed
from cogrnn_lab.tasks.trials.decoding import decisions
from cogrnn_lab.tasks.trials.task_dataset import task_dataset
from cogrnn_lab.tasks.trials.time_axis import TIME_FIELDS, check_times
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial
from cogrnn_lab.tasks.trials.trial_checks import check_batch, checked_trial, numbered
from cogrnn_lab.tasks.trials.trial_sizes import TrialSizes

Milliseconds = Annotated[
    Any, Kind("a number of milliseconds above 0", lambda value: is_real(value) or is_traced(value))
]


def time_field(default: float) -> Any:
    """Make a keyword field for a time in ms that sets array sizes; a new value recompiles."""
    return eqx.field(default=default, static=True, kw_only=True, converter=_as_float)


def _as_float(value: Milliseconds) -> Any:
    return float(value) if is_number(value) else value


class Task(TrialSizes, eqx.Module):
    """Base class of trial tasks: a stimulus along time, a target response, and when the target counts.

    A task is an Equinox module whose fields are its parameters; changing a number that is declared `float`
    does not recompile anything. `trial` is written for one trial and must be traceable by JAX; batches are
    made on the device. Targets are numbers (`kind` "continuous"); a task whose targets are class indices, one
    column, sets `kind = "categorical"` and the number `n_classes`.

    Arguments:
        dt: Time step (ms), by keyword.
        tau: Time constant of the network that the task is for (ms), by keyword.
        duration: Length of a trial (ms), by keyword.

    Example:
        A light may come on; was it there?

        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> class Detection(cl.Task):
        ...     contrast: float = 0.5
        ...     duration: float = 500.0
        ...     input_names = ("light",)
        ...     target_names = ("absent", "present")
        ...
        ...     def trial(self, key):
        ...         for_presence, for_noise = jax.random.split(key)
        ...         present = jax.random.bernoulli(for_presence)
        ...         lit = (self.times >= 100) & (self.times < 300) & present
        ...         light = self.contrast * lit + 0.1 * jax.random.normal(for_noise, (self.n_steps,))
        ...         response = self.times >= 300
        ...         correct = jnp.stack([~present, present]).astype(float)
        ...         targets = response[:, None] * correct[None]
        ...         return cl.Trial(light[:, None], targets, response, {"present": present})
        ...
        ...     def accuracy(self, outputs, batch):
        ...         return cl.decision_accuracy(outputs, batch)
        >>> batch = Detection().batch(jax.random.key(0), 16)
        >>> batch.inputs.shape, batch.targets.shape, batch.parameters["present"].shape
        ((16, 50, 1), (16, 50, 2), (16,))
        >>> Detection().dataset(20, seed=1)
        Dataset(continuous: 1 subject, 20 sessions of 50 trials; inputs light)
    """

    dt: float = time_field(10.0)
    tau: float = time_field(100.0)
    duration: float = time_field(2000.0)

    kind: ClassVar[str] = "continuous"
    n_classes: ClassVar[int | None] = None

    if TYPE_CHECKING:  # a subclass names them by a plain tuple, or by a property where they depend on fields
        input_names: ClassVar[Any]
        target_names: ClassVar[Any]
    else:

        @property
        def input_names(self) -> tuple[str, ...]:
            """Label of each input."""
            return numbered("input", self._shapes().inputs.shape[-1])

        @property
        def target_names(self) -> tuple[str, ...]:
            """Label of each target."""
            return numbered("target", self._shapes().targets.shape[-1])

    def __check_init__(self):
        check_times(self.dt, self.tau, self.duration, type(self).__name__)
        for name in TIME_FIELDS:
            meant, default = getattr(type(self), name), self.__dataclass_fields__[name].default
            if meant != default:
                raise TypeError(
                    f"{type(self).__name__} says {name} = {meant}, which has no effect without a type; write "
                    f"{name}: float = {meant}"
                )

    def trial(self, key: Key[Array, ""]) -> Trial:
        """Make one trial.

        Arguments:
            key: A random key.

        Returns:
            A `Trial`, or a tuple of its inputs, targets, mask and parameters.
        """
        raise NotImplementedError(f"{type(self).__name__} needs trial(key).")

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """Score the outputs of a network in each trial.

        Arguments:
            outputs: Outputs of a network, (trial, time, output).
            batch: The trials that the network was given.

        Returns:
            0 to 1 for each trial, (trial,); NaN where no time counts.
        """
        raise NotImplementedError(
            f"{type(self).__name__} needs accuracy(outputs, batch); where the largest output is the choice, "
            "it returns cl.decision_accuracy(outputs, batch)."
        )

    def choices(self, outputs: Outputs, batch: TaskBatch) -> Int[Array, " trial"]:
        """Decode the choice in each trial (`decisions`).

        Arguments:
            outputs: Outputs of a network, (trial, time, output).
            batch: The trials that the network was given.

        Returns:
            Index of the alternative, (trial,); -1 where no time counts.
        """
        return decisions(outputs, batch.mask)

    def batch(self, key: KeyOrSeed, n_trials: int) -> TaskBatch:
        """Make independent trials in one compiled call; also inside compiled code.

        Arguments:
            key: A random key or a seed. Trial i depends on the key and on i alone.
            n_trials: Number of trials, 1 or more.

        Returns:
            A `TaskBatch`.
        """
        return _batch(self.traced(), as_key(key, "a batch"), checked_count(n_trials, "n_trials"))

    def dataset(self, n_trials: int, seed: int = 0) -> Dataset:
        """Make a data set of trials: each is a session, and its parameters are columns, constant along time.

        Arguments:
            n_trials: Number of trials, 1 or more.
            seed: The same seed gives the same trials.

        Returns:
            A `Dataset` whose `time_step` is that of the task.
        """
        return task_dataset(self, self.batch(as_seed(seed), n_trials))

    def check(self, n_trials: int = 16) -> None:
        """Make some trials, and refuse a task whose numbers are not finite or whose targets never count.

        Arguments:
            n_trials: Number of trials.

        Raises:
            ValueError: Where the task cannot be trained on.
        """
        check_batch(self, self.batch(jax.random.key(0), n_trials))

    def traced(self) -> "Task":
        """Make a copy of this task with its parameters as arrays, which compiled code takes as arguments.

        Code that was compiled for it serves every value of them. Times stay numbers, because they set sizes.
        """
        arrays = jax.tree.map(lambda x: np.asarray(x, np.float32) if isinstance(x, float) else x, self)
        times = [getattr(self, name) for name in self._dynamic_times()]
        if not times:
            return arrays
        return eqx.tree_at(
            lambda task: [getattr(task, name) for name in self._dynamic_times()], arrays, times
        )

    def _dynamic_times(self) -> list[str]:
        """Times that a subclass declares anew, as an ordinary field."""
        fields = self.__dataclass_fields__
        return [name for name in TIME_FIELDS if not fields[name].metadata.get("static", False)]

    def _is_named(self) -> bool:
        """Tell whether a subclass gives labels; the others are counted from a trial and cannot be wrong."""
        own = type(self)
        return own.input_names is not Task.input_names or own.target_names is not Task.target_names

    def _shapes(self) -> Trial:
        """One trial without its numbers."""
        return jax.eval_shape(
            lambda key: checked_trial(self, self.trial(key), named=False), jax.random.key(0)
        )


@eqx.filter_jit
def _batch(task: Task, key: Key[Array, ""], n_trials: int) -> TaskBatch:
    keys = jax.vmap(lambda i: jax.random.fold_in(key, i))(jnp.arange(n_trials))

    def one(key: Key[Array, ""]) -> Trial:
        try:
            trial = task.trial(key)
        except (jax.errors.ConcretizationTypeError, jax.errors.TracerIntegerConversionError) as error:
            raise TypeError(
                f"{type(task).__name__}.trial asks for the value of a number that is only known when the "
                "trial is made. Use jnp.where instead of if; compare self.times with a start instead of "
                "counting steps with int(); or declare a parameter that sets sizes as an int."
            ) from error
        return checked_trial(task, trial, named=task._is_named())

    return TaskBatch(*jax.vmap(one)(keys))
