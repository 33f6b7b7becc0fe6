"""Classical models, fitted in the background, that the network has to beat."""

from collections.abc import Callable

from cogrnn_lab.analysis import evaluate
from cogrnn_lab.background import BackgroundThread
from cogrnn_lab.data.splits import fitted_by
from cogrnn_lab.fitting import fit_agent
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.tasks import classical_models

# Those that are fitted, in this order: each says more than the one before.
FITTED = ("Q-learning", "Q-learning, forgetting, perseveration", "history regression")
# Those beside them where the data have foregone outcomes, or are of a two-step task.
FURTHER = ("Q-learning, counterfactual, perseveration", "model-based, model-free")


class References:
    """`begin(run)` fits the models to a run's training sessions and puts the best one on its curve.

    A thread of an earlier run ends after the fit that is going on. `changed(run)` is called after each,
    `failed(error)` where a model can't be fitted to these data.
    """

    def __init__(self, changed: Callable[[LabRun], None], failed: Callable[[Exception], None]):
        self._changed, self._failed = changed, failed
        self._run: LabRun | None = None
        self._thread: BackgroundThread | None = None

    def begin(self, run: LabRun | None) -> None:
        """Fit for this run, unless that is done or under way; None: stop."""
        if run is self._run:
            return
        self._run = run
        if run is None or not run.curve.has_classical or not self._left(run):
            return
        self._thread = BackgroundThread(self._fit, (run,), name="cogrnn-lab fits", stop=self._stop)
        self._thread.start()

    def wait(self, timeout: float = 600.0) -> None:
        """Until nothing is fitted any more."""
        if self._thread is not None:
            self._thread.join(timeout)

    @staticmethod
    def _left(run: LabRun) -> list[str]:
        """Models that this run has not been compared with yet: fitting may have been stopped halfway."""
        suited = classical_models(run.train)
        return [name for name in (*FITTED, *FURTHER) if name in suited and name not in run.curve.fitted]

    def _stop(self) -> None:
        self._run = None

    def _fit(self, run: LabRun) -> None:
        models, scored = classical_models(run.train), run.scored
        by = fitted_by(run.train, scored)
        for name in self._left(run):
            if self._run is not run:
                return
            try:
                fitted = fit_agent(models[name], run.train, by=by)
                likelihood = float(evaluate(fitted, scored).normalized_likelihood)
            except Exception as error:  # told, and the network trains on
                self._failed(error)
                return
            run.curve.fitted.append(name)
            if run.curve.classical is None or likelihood > run.curve.classical[1]:
                run.curve.classical, run.best_fit = (name, likelihood), (name, fitted)
            self._changed(run)
