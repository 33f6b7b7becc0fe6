"""Training runs in MLflow: on a server, or in files of this machine."""

import time
from collections.abc import Mapping
from typing import Any

from cogrnn_lab.extras import check_extra, imported_extra
from cogrnn_lab.training.logs.log import Log, LoggedRun, flat, metrics
from cogrnn_lab.training.report import Report

NAME_TAG = "cogrnn_lab.run"  # by which a run is found again that goes on
FAILED_TAG = "cogrnn_lab.failed"  # why it ended early
MOST_PARAMS, MOST_TEXT = 100, 500  # that MLflow takes in one call, and in one parameter


class MLflow(Log):
    """Log in MLflow: parameters are the settings of a run, metrics its reports by step.

    A run of its own client, so that MLflow's active run stays as it is. Needs the extra `mlflow`.

    Arguments:
        experiment: Name of the experiment, which is made where there is none.
        tracking_uri: Address of the server or store, as "http://127.0.0.1:5000" or "sqlite:///mlflow.db";
            None for MLflow's own (MLFLOW_TRACKING_URI, or files in this folder).

    Raises:
        ModuleNotFoundError: MLflow is not installed.
    """

    def __init__(self, experiment: str = "cogrnn_lab", tracking_uri: str | None = None):
        check_extra("mlflow", "mlflow", "cl.logs.MLflow")
        self.experiment, self.tracking_uri = experiment, tracking_uri

    def begin(self, settings: Mapping[str, Any], name: str | None = None) -> LoggedRun:
        client = imported_extra("mlflow", "mlflow", "cl.logs.MLflow").MlflowClient(self.tracking_uri)
        found = client.get_experiment_by_name(self.experiment)
        experiment = client.create_experiment(self.experiment) if found is None else found.experiment_id
        before = []
        if name is not None:
            before = client.search_runs([experiment], f"tags.`{NAME_TAG}` = '{name}'", max_results=1)
        if before:
            run_id = before[0].info.run_id
            client.set_terminated(run_id, "RUNNING")
            if FAILED_TAG in before[0].data.tags:  # that was then
                client.delete_tag(run_id, FAILED_TAG)
            return _MLflowRun(client, run_id)
        tags = {} if name is None else {NAME_TAG: name}
        run_id = client.create_run(experiment, run_name=name, tags=tags).info.run_id
        params = {key: str(value)[:MOST_TEXT] for key, value in flat(settings).items()}
        entities = imported_extra("mlflow.entities", "mlflow", "cl.logs.MLflow")
        told = [entities.Param(key, value) for key, value in params.items()]
        for first in range(0, len(told), MOST_PARAMS):
            client.log_batch(run_id, params=told[first : first + MOST_PARAMS])
        return _MLflowRun(client, run_id)


class _MLflowRun(LoggedRun):
    def __init__(self, client: Any, run_id: str):
        self._client, self._run_id, self._step = client, run_id, 0

    def report(self, report: Report) -> None:
        self._step = report.step
        self._send(metrics(report))

    def end(self, scores: Mapping[str, float], failed: str | None = None) -> None:
        self._send(scores)
        if failed is not None:
            self._client.set_tag(self._run_id, FAILED_TAG, failed)
        self._client.set_terminated(self._run_id, "FINISHED" if failed is None else "FAILED")

    def _send(self, values: Mapping[str, float]) -> None:
        entities = imported_extra("mlflow.entities", "mlflow", "cl.logs.MLflow")
        now = int(1000 * time.time())
        told = [entities.Metric(name, value, now, self._step) for name, value in values.items()]
        self._client.log_batch(self._run_id, metrics=told)
