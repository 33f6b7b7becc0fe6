"""Tasks written in plain NumPy."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jaxtyping import Array, Float, Float32, Int

from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.random_numbers import KeyOrSeed, as_key, as_seed
from cogrnn_lab.tasks.trials.decoding import decisions
from cogrnn_lab.tasks.trials.numpy_trial import check_repeatable, made_trial, stacked_trials
from cogrnn_lab.tasks.trials.task_dataset import task_dataset
from cogrnn_lab.tasks.trials.time_axis import check_times
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial
from cogrnn_lab.tasks.trials.trial_checks import check_batch, check_names, numbered
from cogrnn_lab.tasks.trials.trial_sizes import TrialSizes

if TYPE_CHECKING:
    from cogrnn_lab.tasks.trials.trial_source import TrialSource

FIRST_TRIALS = 8


class NumpyTask(TrialSizes):
    """Base class of tasks that are written in NumPy, without any knowledge of JAX.

    A subclass draws the parameters of a trial, `trial_parameters(rng)`, and computes one time of it,
    `trial(t, parameters)`: the stimulus, the target and the mask (True or 1 where the target counts), each a
    number for every input or target; or all times at once, `whole_trial(times, parameters)`: arrays with time
    first. Both may take a third argument, a `numpy.random.Generator`, for noise. Batches are made ahead by a
    thread, so that training does not wait for them.

    Every plain attribute of the class, also the times `dt` (a step), `tau` (time constant of the network) and
    `duration` (a trial) in ms, may be given as a keyword argument. Parameters that are single numbers become
    columns of a data set; others, as arrays, may be used but are left out. `kind = "categorical"` with a
    number `n_classes` is for targets that are class indices, one column.

    The first trials are checked: shapes, values that are not finite, a mask that is always zero, and chance
    that does not come from `rng`, so that the same seed would not give the same trials.

    Arguments:
        settings: New values of attributes of the class, by keyword.

    Example:
        A light may come on; was it there?

        >>> import jax
        >>> import numpy as np
        >>> import cogrnn_lab as cl
        >>> class Detection(cl.NumpyTask):
        ...     duration = 500.0
        ...     contrast = 0.5
        ...     input_names = ("light",)
        ...     target_names = ("absent", "present")
        ...
        ...     def trial_parameters(self, rng):
        ...         return {"present": rng.integers(2), "onset": rng.uniform(50, 150)}
        ...
        ...     def trial(self, t, parameters, rng):
        ...         lit = parameters["present"] and parameters["onset"] <= t < 300
        ...         stimulus = [self.contrast * lit + 0.1 * rng.normal()]
        ...         responding = t >= 300
        ...         target = [0.0, 0.0]
        ...         target[parameters["present"]] = float(responding)
        ...         return stimulus, target, [responding, responding]
        ...
        ...     def accuracy(self, outputs, batch):
        ...         return cl.decision_accuracy(outputs, batch)
        >>> Detection().dataset(20, seed=1)
        Dataset(continuous: 1 subject, 20 sessions of 50 trials; inputs light)
        >>> brighter = Detection(contrast=1.0, dt=20.0)
        >>> brighter.batch(jax.random.key(0), 16).inputs.shape
        (16, 25, 1)
    """

    dt: float = 10.0
    tau: float = 100.0
    duration: float = 2000.0
    kind: str = "continuous"
    n_classes: int | None = None

    if TYPE_CHECKING:  # a subclass names them by a plain tuple, or by a property
        input_names: Any
        target_names: Any
    else:

        @property
        def input_names(self) -> tuple[str, ...]:
            """Label of each input."""
            return numbered("input", self._first_trials[0].inputs.shape[-1])

        @property
        def target_names(self) -> tuple[str, ...]:
            """Label of each target."""
            return numbered("target", self._first_trials[0].targets.shape[-1])

    def __init__(self, **settings: Any):
        known = settings_of(type(self))
        for name, value in settings.items():
            if name not in known:
                raise TypeError(
                    f"{type(self).__name__} has no setting {name!r}; its settings are "
                    f"{', '.join(sorted(known))}. A setting is an attribute of the class, with a default."
                )
            setattr(self, name, value)
        check_times(self.dt, self.tau, self.duration, type(self).__name__)

    def trial_parameters(self, rng: np.random.Generator) -> Mapping[str, Any]:
        """Draw the parameters of a trial.

        Arguments:
            rng: The only source of chance.

        Returns:
            Values by name.
        """
        raise NotImplementedError(f"{type(self).__name__} needs trial_parameters(rng).")

    def trial(self, t: float, parameters: Mapping[str, Any], *rng: Any) -> tuple[Any, Any, Any]:
        """Compute one time of a trial.

        Arguments:
            t: Time (ms).
            parameters: As `trial_parameters` drew them.
            rng: The only source of chance, where the function takes it.

        Returns:
            Stimulus (input,), target (target,) and mask (target,).
        """
        raise NotImplementedError(
            f"{type(self).__name__} needs trial(t, parameters) or whole_trial(times, parameters)."
        )

    def whole_trial(
        self, times: Float32[np.ndarray, " time"], parameters: Mapping[str, Any], *rng: Any
    ) -> tuple[Any, Any, Any]:
        """Compute a trial at all times.

        Arguments:
            times: (time,), in ms.
            parameters: As `trial_parameters` drew them.
            rng: The only source of chance, where the function takes it.

        Returns:
            Stimulus (time, input), target (time, target) and mask (time, target).
        """
        raise NotImplementedError

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array | np.ndarray, " trial"]:
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

    def choices(self, outputs: Outputs, batch: TaskBatch) -> Int[Array | np.ndarray, " trial"]:
        """Decode the choice in each trial (`decisions`).

        Arguments:
            outputs: Outputs of a network, (trial, time, output).
            batch: The trials that the network was given.

        Returns:
            Index of the alternative, (trial,); -1 where no time counts.
        """
        return decisions(outputs, batch.mask)

    def batch(self, key: KeyOrSeed, n_trials: int) -> TaskBatch:
        """Make independent trials as NumPy arrays.

        Arguments:
            key: A random key or a seed. Trial i depends on the key and on i alone.
            n_trials: Number of trials, 1 or more.

        Returns:
            A `TaskBatch`.
        """
        n_trials = checked_count(n_trials, "n_trials")
        self._check_first()
        words = [int(word) for word in np.ravel(jax.random.key_data(as_key(key, "a batch")))]
        seeds = (np.random.SeedSequence(words, spawn_key=(i,)) for i in range(n_trials))
        trials = [made_trial(self, seed, f"trial {i}") for i, seed in enumerate(seeds)]
        return stacked_trials(self, trials)

    def dataset(self, n_trials: int, seed: int = 0) -> Dataset:
        """Make a data set of trials: each is a session, and its parameters are columns, constant along time.

        Arguments:
            n_trials: Number of trials, 1 or more.
            seed: The same seed gives the same trials.

        Returns:
            A `Dataset` whose `time_step` is that of the task.
        """
        return task_dataset(self, self.batch(as_seed(seed), n_trials))

    def source(self, seed: int = 0, *, ahead: int | None = None) -> "TrialSource":
        """Make an endless supply of batches for training, made ahead in the background.

        Arguments:
            seed: As in `TrialSource`.
            ahead: As in `TrialSource`.

        Returns:
            A `TrialSource`.
        """
        from cogrnn_lab.tasks.trials.trial_source import TrialSource  # that module builds on this one

        return TrialSource(self, seed, ahead=ahead)

    def check(self) -> None:
        """Make some trials anew, and refuse a task that cannot be trained on.

        Raises:
            ValueError: Where the task cannot be trained on.
        """
        self.__dict__.pop("_first_trials", None)
        self._check_first()

    def _check_first(self) -> None:
        first = self._first_trials[0]
        where = f"{type(self).__name__} makes trials of"
        check_names(where, self, first.inputs.shape[1], first.targets.shape[1])

    @cached_property
    def _first_trials(self) -> list[Trial]:
        seeds = [np.random.SeedSequence(0, spawn_key=(i,)) for i in range(FIRST_TRIALS)]
        trials = [made_trial(self, seed) for seed in seeds]
        check_batch(self, stacked_trials(self, trials))
        check_repeatable(self, seeds, trials)
        return trials


def settings_of(owner: type[NumpyTask]) -> dict[str, Any]:
    """Plain public attributes of a class by name, those of the base class first."""
    found = {}
    for cls in reversed(owner.__mro__[:-1]):
        found |= {
            name: value
            for name, value in vars(cls).items()
            if not name.startswith("_") and not callable(value) and not isinstance(value, _NO_SETTINGS)
        }
    return found


_NO_SETTINGS = (property, cached_property, classmethod, staticmethod)
