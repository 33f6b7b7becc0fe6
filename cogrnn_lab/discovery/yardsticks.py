"""What a network is measured by: chance, staying, the classical models, a GRU, the true agent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.analysis import Equations, EquationsBySubject, Evaluation, evaluate
from cogrnn_lab.analysis.scoring.baseline import STAY, STAY_AT_STIMULUS, stay_baselines
from cogrnn_lab.analysis.scoring.bootstrap import interval
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import tells_rewards
from cogrnn_lab.data.splits import fitted_by
from cogrnn_lab.discovery.course.finished import Finished
from cogrnn_lab.discovery.course.progress import Watcher
from cogrnn_lab.discovery.course.rivals import GRU_UNITS, Rivals, begun, teller
from cogrnn_lab.discovery.judge import CHOOSE, REPORT
from cogrnn_lab.discovery.parts import Parts
from cogrnn_lab.discovery.units import Units

CHANCE, CEILING, GENERATING = "chance", "GRU", "generating agent"
STAYING = (STAY, STAY_AT_STIMULUS)
NETWORK, EQUATIONS, BY_SUBJECT = "network", "equations", "equations by subject"
NOTHING_KEPT = Finished(None)


@dataclass(frozen=True)
class Yardsticks:
    """Likelihoods of the same reported choices under the network and under what it is compared with.

    Fields:
        nll: {name: (unit,)} negative log-likelihood in nats, summed over each session or block.
        kinds: {name: "network", "equations", "classical", "ceiling" or "reference"}.
        choosing: {name: nats per choice} of the classical models on the choosing sessions, by which the best
            of them is picked.
        units: The sessions or blocks that are reported.
        failed: {name: why it could not be fitted}.
    """

    nll: dict[str, np.ndarray]
    kinds: dict[str, str]
    choosing: dict[str, float]
    units: Units
    failed: dict[str, str]

    @property
    def best_classical(self) -> str | None:
        """The classical model of the highest likelihood of the choosing sessions; None without any."""
        return min(self.choosing, key=self.choosing.__getitem__) if self.choosing else None

    def likelihood(self, name: str) -> float:
        """Give the normalized likelihood of the reported sessions.

        Arguments:
            name: Of a model, as in `nll`.
        """
        return float(np.exp(-self.units.means(self.nll[name])))

    def advantage(self, name: str, level: float = 0.95, of: str = NETWORK) -> tuple[float, float, float]:
        """Give the network's likelihood minus that of another model, and its interval by paired resamples.

        Arguments:
            name: Of the other model, as in `nll`.
            level: Of the interval.
            of: Whose advantage it is, if not the network's.

        Returns:
            The difference, and the lower and upper bound of the interval.
        """
        ours, theirs = self.nll[of], self.nll[name]
        drawn = [np.exp(-self.units.resampled_means(nll)) for nll in (ours, theirs)]
        low, high = interval(drawn[0] - drawn[1], level)
        return self.likelihood(of) - self.likelihood(name), float(low), float(high)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each, the best on top: likelihood of the reported sessions, the network's advantage.

        With bounds of 95 % bootstrap intervals; `best_classical` is True for the one picked by the choosing
        sessions.
        """
        rows = []
        for name, nll in self.nll.items():
            low, high = self.units.likelihood_interval(nll)
            advantage, least, most = self.advantage(name)
            rows.append(
                {
                    "model": name,
                    "kind": self.kinds[name],
                    "likelihood": self.likelihood(name),
                    "likelihood_low": low,
                    "likelihood_high": high,
                    "advantage": advantage,
                    "advantage_low": least,
                    "advantage_high": most,
                    "best_classical": name == self.best_classical,
                }
            )
        return pd.DataFrame(rows).sort_values("likelihood", ascending=False, ignore_index=True)


def yardsticks(
    network: Any,
    parts: Parts,
    classical: Mapping[str, Any],
    *,
    gru_units: int | None = GRU_UNITS,
    seed: int = 0,
    equations: Equations | None = None,
    by_subject: EquationsBySubject | None = None,
    finished: Finished = NOTHING_KEPT,
    watch: Watcher | None = None,
    rivals: Rivals | None = None,
) -> Yardsticks:
    """Fit everything to the sessions that the network was trained on, and score the reported ones.

    Arguments: `classical` models by name, fitted to each subject, or to all together where reported subjects
    were not trained on; `gru_units` of the GRU, whose penalty of weights and end of training are chosen by
    the same sessions as the network's level, None for none; `equations` that were found without the reported
    sessions, and `by_subject`, the same with numbers of each subject; `finished`, where what is fitted is
    kept; `watch`, told of each model; `rivals`, where those that are fitted were begun already.
    """
    if rivals is None:
        rivals = begun(parts, classical, gru_units, seed, finished, watch=watch)
    reported, tell = rivals.pairing[REPORT], teller(watch)
    nll = {NETWORK: _by_unit(evaluate(network, reported.each))}
    kinds, choosing, failed = {NETWORK: "network"}, {}, {}
    if equations is not None:
        nll[EQUATIONS], kinds[EQUATIONS] = _by_unit(evaluate(equations, reported.each)), "equations"
    if by_subject is not None:
        own = _by_unit(evaluate(by_subject, reported.each))
        nll[BY_SUBJECT], kinds[BY_SUBJECT] = own, "equations"
    for number, (name, fitted) in enumerate(rivals.classical.items(), 1):
        tell(f"fitting {name} ({number} of {len(rivals.classical)} classical models)")
        header, own = fitted()
        if "failed" in header:
            failed[name] = header["failed"]
            continue
        nll[name], kinds[name] = own[REPORT], "classical"
        choosing[name] = float(rivals.pairing[CHOOSE].units.means(own[CHOOSE]))
    if rivals.gru is not None:
        tell(f"training a GRU of {gru_units} units")
        nll[CEILING], kinds[CEILING] = _by_unit(evaluate(rivals.gru(), reported.each)), "ceiling"
    by = fitted_by(parts.train, *parts.named.values())
    for name, own in _references(parts.train, reported.each, by).items():
        nll[name], kinds[name] = own, "reference"
    return Yardsticks(nll, kinds, choosing, reported.units, failed)


def _references(train: Dataset, each: Dataset, by: str) -> dict[str, np.ndarray]:
    n_choices = each.mask[..., 0].sum(1)
    if each.action_mask is None:
        guesses = n_choices * np.log(float(each.n_classes or 1))
    else:
        offered = np.log(np.maximum(each.action_mask.sum(-1), 1))
        guesses = np.where(each.mask[..., 0], offered, 0.0).sum(1)
    found = {CHANCE: guesses}
    if tells_rewards(each):
        found |= {name: _by_unit(one) for name, one in stay_baselines(train, each, by=by).items()}
    if each.generating_likelihood is not None:
        counted = each.mask[..., 0]
        p_choice = np.where(counted, each.columns["p_choice"], 1.0).astype(np.float64)
        found[GENERATING] = -np.log(p_choice).sum(1)
    return found


def _by_unit(evaluation: Evaluation) -> np.ndarray:
    return np.asarray(evaluation.session_nll, np.float64)
