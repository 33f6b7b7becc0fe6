"""Classical models, fitted in the background, that the network has to beat."""

import threading
from collections.abc import Callable

import jax.numpy as jnp
import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.run import LabRun
from cogrnn_lab.tasks import Agent, classical_models
from cogrnn_lab.training import fit_agent
from cogrnn_lab.training.losses import categorical_nll

# Those that are fitted, in this order: each says more than the one before.
FITTED = ("Q-learning", "Q-learning, forgetting, perseveration", "history regression")


class References:
    """`begin(run)` fits the models to a run's training sessions and puts the best one on its curve.

    A thread of an earlier run ends after the fit that is going on. `changed(run)` is called after each,
    `failed(error)` where a model can't be fitted to these data.
    """

    def __init__(self, changed: Callable[[LabRun], None], failed: Callable[[Exception], None]):
        self._changed, self._failed = changed, failed
        self._run: LabRun | None = None
        self._thread: threading.Thread | None = None

    def begin(self, run: LabRun | None) -> None:
        """Fit for this run, unless that is done or under way; None: stop."""
        if run is self._run:
            return
        self._run = run
        if run is None or run.train.kind == "continuous" or run.curve.classical is not None:
            return
        self._thread = threading.Thread(target=self._fit, args=(run,), name="cogrnn-lab fits", daemon=True)
        self._thread.start()

    def wait(self, timeout: float = 600.0) -> None:
        """Until nothing is fitted any more."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _fit(self, run: LabRun) -> None:
        train, scored = choices_only(run.train), choices_only(run.held_out or run.train)
        models = classical_models(train.n_classes or 2)
        for name in FITTED:
            if self._run is not run:
                return
            try:
                likelihood = held_out_likelihood(models[name], train, scored)
            except Exception as error:  # told, and the network trains on
                self._failed(error)
                return
            if run.curve.classical is None or likelihood > run.curve.classical[1]:
                run.curve.classical = (name, likelihood)
            self._changed(run)


def held_out_likelihood(agent: Agent, train: Dataset, scored: Dataset) -> float:
    """Normalized likelihood on `scored`, of the agent fitted to each subject of `train`."""
    logits = fit_agent(agent, train).logits(scored)
    loss = categorical_nll(
        jnp.asarray(logits), jnp.asarray(scored.targets), jnp.asarray(scored.mask), _available(scored)
    )
    return float(np.exp(-float(loss)))


def choices_only(dataset: Dataset) -> Dataset:
    """The choices of a mixed data set."""
    if dataset.kind != "mixed":
        return dataset
    return Dataset(
        dataset.inputs,
        dataset.targets[..., :1],
        mask=dataset.mask[..., :1],
        valid=dataset.valid,
        subject=dataset.subject,
        n_classes=dataset.n_classes,
        action_mask=dataset.action_mask,
        columns=dataset.columns,
        input_names=dataset.input_names,
        class_names=dataset.class_names,
        subject_names=dataset.subject_names,
        session_names=dataset.session_names,
    )


def _available(dataset: Dataset):
    return None if dataset.action_mask is None else jnp.asarray(dataset.action_mask)
