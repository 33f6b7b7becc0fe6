"""Environments of NeuroGym as tasks."""

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from jaxtyping import Array, Float, Float32

from cogrnn_lab.counts import checked_count
from cogrnn_lab.tasks.trials.numpy_task import NumpyTask
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch

DEFAULT_TAU = 100.0  # ms

_INSTALL = 'pip install "cogrnn-lab[neurogym]"'


def neurogym_task(
    environment: str | Callable[..., Any],
    *,
    seq_len: int,
    dt: float | int | None = None,
    tau: float | int | None = None,
    single_trial: bool = False,
    **env_kwargs: Any,
) -> "NeuroGymTask":
    """Make a task of a supervised environment of NeuroGym.

    Observations are the inputs and the ground truth is the target: class indices where actions are discrete
    (kind "categorical"), otherwise numbers.

    Arguments:
        environment: Its name, such as "PerceptualDecisionMaking-v0", or a class of environments of your own.
        seq_len: Steps of a sequence, which is filled with trials one after another, the last of them cut off;
            all of it counts.
        dt: Time step (ms), by default the environment's.
        tau: Time constant of the network (ms); by default 100, or twice the time step where that is 100 or
            more, as a network needs a tau above its step.
        single_trial: Whether each sequence holds one trial, whose numbers (such as "coh") become parameters;
            after its end the inputs are 0 and nothing counts.
        env_kwargs: Further arguments of the environment.

    Returns:
        A `NumpyTask`.

    Raises:
        ImportError: Where NeuroGym is not installed.
        ValueError: Where the environment gives no ground truth that is one of its actions.
        RuntimeError: Where a single trial is longer than `seq_len`.

    Source:
        Molano-Mazon et al. 2022.
    """
    settings = env_kwargs if dt is None else {"dt": dt, **env_kwargs}
    if isinstance(environment, str):
        name, make = environment, _registered(environment, settings)
    else:
        name, make = getattr(environment, "__name__", repr(environment)), partial(environment, **settings)
    return NeuroGymTask(name, make, checked_count(seq_len, "seq_len"), tau, single_trial)


def _registered(name: str, settings: dict[str, Any]) -> Callable[[], Any]:
    """Constructor of the environment of this name, without the wrappers and warnings of each `make`."""
    neurogym = _imported()
    # For good, as some environments are made by a `make` of their own, on whatever thread.
    warnings.filterwarnings("ignore", message=".*render_modes", category=UserWarning)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Gymnasium, about its own future
            spec = neurogym.make(name, **settings).unwrapped.spec
    except Exception as error:
        raise ValueError(f"{name} cannot be made: {type(error).__name__}: {error}") from error
    creator = spec.entry_point
    if isinstance(creator, str):
        creator = import_module("gymnasium.envs.registration").load_env_creator(creator)
    return partial(creator, **spec.kwargs)


class NeuroGymTask(NumpyTask):
    """A NeuroGym environment as a task; made by `neurogym_task`."""

    input_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()

    def __init__(
        self, name: str, make: Callable[[], Any], n_steps: int, tau: float | int | None, single_trial: bool
    ):
        self.name, self._make, self.single_trial = name, make, single_trial
        environment = make().unwrapped
        observation, action = environment.observation_space, environment.action_space
        self._sizes = int(np.prod(observation.shape)), int(np.prod(action.shape or (1,)))
        dt = float(environment.dt)
        tau = (DEFAULT_TAU if dt < DEFAULT_TAU else 2 * dt) if tau is None else float(tau)
        super().__init__(dt=dt, tau=tau, duration=n_steps * dt)
        self.input_names = _labels(observation, self._sizes[0], "observation")
        if action.shape:
            self.target_names = _labels(action, self._sizes[1], "action")
        else:
            self.kind, self.n_classes, self.target_names = "categorical", int(action.n), ("action",)
        self._check_supervised(environment)
        self.check()

    def _check_supervised(self, environment: Any) -> None:
        """Refuse an environment without a ground truth, or with one that is not among its actions."""
        environment.seed(0)
        for _ in range(20):
            environment.new_trial()
            for part, what in (("ob", "observations"), ("gt", "ground truth")):
                if getattr(environment, part, None) is None:
                    raise ValueError(
                        f"{self.name} gives no {what} (env.{part}) for a trial: it is for reinforcement "
                        "learning, where the actions taken decide what comes next."
                    )
            truth = np.asarray(environment.gt)
            if self.n_classes is not None and (truth.min() < 0 or truth.max() >= self.n_classes):
                odd = truth[(truth < 0) | (truth >= self.n_classes)][0]
                raise ValueError(
                    f"{self.name} has the ground truth {odd:g}, which is none of its {self.n_classes} "
                    "actions, 0 and up; it cannot be learned as a choice between them."
                )

    def trial_parameters(self, rng: np.random.Generator) -> dict[str, Any]:
        """The trials of a sequence."""
        # A new environment: one that is used again or copied keeps chance and trials from before.
        environment = self._make().unwrapped
        environment.seed(int(rng.integers(2**31)))
        observations, truths, length = [], [], 0
        parameters: Mapping[str, Any] = {}
        while length < self.n_steps and not (self.single_trial and truths):
            parameters = environment.new_trial() or {}
            observations.append(np.asarray(environment.ob, np.float32).reshape(-1, self._sizes[0]))
            truths.append(np.asarray(environment.gt, np.float32).reshape(-1, self._sizes[1]))
            length += len(truths[-1])
        if not self.single_trial:
            parameters = {"n_trials": len(truths)}
        elif length > self.n_steps:
            raise ValueError(
                f"a trial of {self.name} has {length} steps, and seq_len is {self.n_steps}; expected a "
                "seq_len that holds the longest trial"
            )
        arrays = {"observations": np.concatenate(observations), "ground truths": np.concatenate(truths)}
        return {**{key: value for key, value in parameters.items() if _is_number(value)}, **arrays}

    def whole_trial(
        self, times: Float32[np.ndarray, " time"], parameters: Mapping[str, Any], *rng: Any
    ) -> tuple[Any, Any, Any]:
        """The sequence, cut or filled up to its length."""
        observations, truths = (parameters[key][: self.n_steps] for key in ("observations", "ground truths"))
        after = ((0, self.n_steps - len(truths)), (0, 0))
        counts = np.arange(self.n_steps) < len(truths)
        return np.pad(observations, after), np.pad(truths, after), counts

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array | np.ndarray, " trial"]:
        """Part of the steps that are answered right, of those whose right action is not 0.

        Action 0 is to fixate in NeuroGym. Where a sequence asks for no other action, of all steps.
        """
        if self.kind != "categorical":
            raise NotImplementedError(
                f"{self.name} has no choice that is right; compare outputs and targets."
            )
        targets, mask = np.asarray(batch.targets)[..., 0], np.asarray(batch.mask)[..., 0]
        asked = mask & (targets != 0)
        asked = np.where(asked.any(1, keepdims=True), asked, mask)
        right = np.asarray(outputs).argmax(-1) == targets
        return (right & asked).sum(1) / asked.sum(1)


def _imported() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module("neurogym")
    except ModuleNotFoundError as error:
        if error.name == "neurogym":
            raise ImportError(f"neurogym_task needs NeuroGym, which is not installed: {_INSTALL}") from None
        raise ImportError(
            f"NeuroGym is installed but needs {error.name}, which is not: {_INSTALL}"
        ) from error


def _labels(space: Any, n: int, what: str) -> tuple[str, ...]:
    """Names of the entries of a space, from the names that the environment gives them."""
    labels = [f"{what} {i + 1}" for i in range(n)]
    for name, entries in (getattr(space, "name", None) or {}).items():
        indices = np.atleast_1d(np.asarray(entries))
        if indices.dtype.kind not in "iu" or indices.min() < 0 or indices.max() >= n:
            continue
        for number, i in enumerate(indices.ravel()):
            labels[i] = str(name) if indices.size == 1 else f"{name} {number + 1}"
    return tuple(labels) if len(set(labels)) == n else tuple(f"{what} {i + 1}" for i in range(n))


def _is_number(value: Any) -> bool:
    return np.ndim(value) == 0 and np.asarray(value).dtype.kind in "buif"
