"""What is left of the network's likelihood as its channels are closed, one after the other."""

from typing import Any

from cogrnn_lab.analysis import PruningCurve, pruning_curve
from cogrnn_lab.analysis.scoring.session_sample import session_sample
from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.engine.beside import Check
from cogrnn_lab.lab.engine.playing import sessions_to_play

MOST_TRIALS = 20_000  # of training, that give the order and the means
N_BOOTSTRAP = 400


def sessions_of(run: Any) -> tuple[Dataset, Dataset, str]:
    """Sessions that give the order, those that are scored, and in words what these are."""
    mean = max(float(run.train.lengths.mean()), 1.0)
    scored, words = sessions_to_play(run)
    return session_sample(run.train, max(2, int(MOST_TRIALS / mean))), scored, words


def pruned(model: Any, dataset: Dataset, scored: Dataset, order: str, check: Check) -> PruningCurve:
    """The curve of this network."""
    check()
    return pruning_curve(model, dataset, scored, order=order, n_bootstrap=N_BOOTSTRAP)
