"""How behavior moves over the sessions of a subject: numbers refitted in windows, and how a model holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from cogrnn_lab.analysis.over_sessions.numbers import agent_within, kept_fixed, refitted
from cogrnn_lab.analysis.over_sessions.trends import Trend, holm, mean_trend, share_as_sure, trend
from cogrnn_lab.analysis.over_sessions.windows import FEWEST_WINDOWS, Window, windows_of
from cogrnn_lab.analysis.scoring.evaluation import trial_nll
from cogrnn_lab.analysis.scoring.predictor import as_predictor
from cogrnn_lab.counts import checked_count, checked_coverage
from cogrnn_lab.data import Dataset
from cogrnn_lab.fitting.fit import fit_agent
from cogrnn_lab.random_numbers import as_seed
from cogrnn_lab.tasks import Agent

LIKELIHOOD, ALL = "log likelihood", ""
CHANCE_OF_ERROR = 0.05


@dataclass(frozen=True)
class Drift:
    """Numbers and likelihoods by session, and what of them moves with the order of the sessions.

    Fields:
        numbers: A row for each window of sessions and number of the model: subject, window (from 1),
            position (mean number of its sessions among the subject's, from 1), n_choices, name, value,
            standard_error, low, high; `alone`, the value by this window's choices alone, with `alone_error`,
            which is not below the median of the subject's windows;
            `shrunk`, from 0 to 1 how much the straight line over all windows counts in the value. Empty of a
            model that is not refitted, such as a network.
        likelihood: A row for each session: subject, session, position, n_choices, log_likelihood (nats a
            choice, under the model of all sessions), standard_error, likelihood.
        slopes: A row for each subject and number, and for the mean of all subjects as "": subject, name,
            slope (a session), low, high, `p` (share of shuffled orders in which a trend is as sure),
            `p_corrected` (for how many slopes of the subject, or of the mean, are looked at), and whether it
            `drifts`: of subjects that do not, 1 in 20 is said to by chance.
        window: Sessions in a window.
        text: What that means, in words.
    """

    numbers: pd.DataFrame
    likelihood: pd.DataFrame
    slopes: pd.DataFrame
    window: int
    text: str

    @property
    def drifts(self) -> bool:
        """Whether the mean of the subjects moves in any number, or in how well the model holds."""
        own = self.slopes[self.slopes["subject"] == ALL]
        return bool(own["drifts"].any())

    def __repr__(self) -> str:
        return f"Drift({self.likelihood['subject'].nunique()} subjects)\n{self.text}"


def drift(
    model: Any,
    dataset: Dataset,
    *,
    window: int | None = None,
    n_shuffles: int = 999,
    level: float = 0.95,
    seed: int = 0,
    **settings: Any,
) -> Drift:
    """Tell how behavior moves over the sessions of each subject, in their order in the data set.

    The numbers of an agent or of equations are fitted in windows of consecutive sessions, and any model
    predicts each session as the model of all of them. A slope is said where it is surer than in all but 5 %
    of shuffled orders of the same windows, corrected for how many slopes are looked at. What wanders slowly
    to and fro, neighboring sessions being alike, may be said to drift, too: it does move.

    Arguments:
        model: An agent or its class, equations (`cl.equations`), or fitted agents, which are refitted in
            windows, with the same numbers fixed; bounds have to be given again. Or a network, a `Run` or a
            `Discovery`, of which only the likelihood is told.
        dataset: Sessions of choices; subjects with fewer than 5 windows are left out.
        window: Sessions in a window; by default so many that it has about 200 choices, and subjects 8 windows
            where they have the sessions for it.
        n_shuffles: Orders that are tried.
        level: Coverage of the intervals, from 0 to 1.
        seed: Of the shuffles, and of the starts of fits.
        settings: Further arguments of `fit_agent`, such as `fixed` and `bounds`.

    Returns:
        A `Drift`.

    Raises:
        TypeError: The model predicts no choices.
        ValueError: No subject has enough sessions, or model, data and settings do not belong together.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.WinStayLoseShift(0.2), cl.DriftingBandit(), n_sessions=8, n_trials=60)
        >>> moves = cl.drift(cl.WinStayLoseShift, data, window=1, n_shuffles=99)
        >>> moves.slopes["subject"].nunique(), len(moves.likelihood)
        (2, 8)
    """
    if not isinstance(dataset, Dataset) or not dataset.n_classes:
        raise ValueError(f"drift is of choices, got {dataset!r}; cl.read_table makes them of a table")
    level = checked_coverage(level)
    n_shuffles = checked_count(n_shuffles, "n_shuffles")
    seed = as_seed(seed)
    windows, size, left_out = windows_of(dataset, window)
    is_refitted = agent_within(model) is not None
    if settings and not is_refitted:
        raise ValueError(f"{', '.join(settings)}: there is nothing to fit of a {type(model).__name__}")
    outcomes = settings.pop("outcomes", None)
    if outcomes is not None:
        dataset = dataset.with_outcomes(outcomes)
    settings = kept_fixed(model) | settings | {"seed": seed} if is_refitted else {}
    dataset = _with_windows(dataset, windows)
    windows, *_ = windows_of(dataset, size)
    reach = float(norm.ppf(0.5 + level / 2))
    by_session = _likelihood(model, dataset, settings)
    numbers = refitted(model, dataset, windows, reach, settings) if is_refitted else pd.DataFrame()
    how: dict[str, Any] = {"level": level, "n_shuffles": n_shuffles, "rng": np.random.default_rng(seed)}
    slopes = _slopes(_series(numbers, by_session), level, how)
    needed = int(slopes.groupby("subject").size().max() / CHANCE_OF_ERROR)
    if n_shuffles + 1 < needed:
        raise ValueError(
            f"n_shuffles is {n_shuffles}; of {needed // 20} slopes none could be told from chance with fewer "
            f"than {needed - 1}"
        )
    return Drift(numbers, by_session, slopes, size, _in_words(slopes, numbers, size, left_out))


def _with_windows(dataset: Dataset, windows: Sequence[Window]) -> Dataset:
    """The sessions that are in windows."""
    return dataset.select(np.sort(np.concatenate([own.sessions for own in windows])))


def _likelihood(model: Any, dataset: Dataset, settings: dict[str, Any]) -> pd.DataFrame:
    """How well the model of all sessions predicts each."""
    if isinstance(model, Agent | type):
        model = fit_agent(model, dataset, by="subject", **settings)
    logits = np.asarray(as_predictor(model).outputs(dataset))[..., : dataset.n_classes]
    said = -trial_nll(logits, dataset)
    counts = np.asarray(dataset.mask)[..., 0]
    n = counts.sum(1)
    mean = said.sum(1) / np.maximum(n, 1)
    around = np.where(counts, said - mean[:, None], 0.0)
    error = np.sqrt((around**2).sum(1) / np.maximum(n - 1, 1) / np.maximum(n, 1))
    subject = np.array([dataset.subject_names[i] for i in dataset.subject])
    table = pd.DataFrame(
        {
            "subject": subject,
            "session": np.array(dataset.session_names),
            "position": np.array([(subject[: i + 1] == own).sum() for i, own in enumerate(subject)], float),
            "n_choices": n,
            "log_likelihood": mean,
            "standard_error": error,
            "likelihood": np.exp(mean),
        }
    )
    return table[table["n_choices"] > 0].reset_index(drop=True)


def _series(
    numbers: pd.DataFrame, likelihood: pd.DataFrame
) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Positions, values and standard errors by subject and name."""
    made = {}
    if len(numbers):
        for (subject, name), own in numbers.groupby(["subject", "name"], sort=False):
            made[str(subject), str(name)] = tuple(
                own[column].to_numpy(float) for column in ("position", "alone", "alone_error")
            )
    for subject, own in likelihood.groupby("subject", sort=False):
        error = own["standard_error"].to_numpy(float)
        least = max(float(error.max()), 1e-9) * 1e-3
        made[str(subject), LIKELIHOOD] = (
            own["position"].to_numpy(float),
            own["log_likelihood"].to_numpy(float),
            np.maximum(error, least),
        )
    return made


def _slopes(
    series: dict[tuple[str, str], tuple[np.ndarray, np.ndarray, np.ndarray]],
    level: float,
    how: dict[str, Any],
) -> pd.DataFrame:
    found = {key: trend(*own, **how) for key, own in series.items()}
    names = list(dict.fromkeys(name for _, name in found))
    means = {
        (ALL, name): mean_trend([one for (_, own), one in found.items() if own == name], level)
        for name in names
    }
    subjects = dict.fromkeys(subject for subject, _ in found)
    single = [{key: one for key, one in found.items() if key[0] == subject} for subject in subjects]
    return pd.concat([_table(one) for one in (means, *single)], ignore_index=True)


def _table(trends: dict[tuple[str, str], Trend]) -> pd.DataFrame:
    """Rows of a family of slopes, whose p values are corrected together."""
    p = np.array([share_as_sure(one) for one in trends.values()])
    corrected = holm(p)
    return pd.DataFrame(
        {
            "subject": [subject for subject, _ in trends],
            "name": [name for _, name in trends],
            "slope": [one.slope for one in trends.values()],
            "low": [one.low for one in trends.values()],
            "high": [one.high for one in trends.values()],
            "p": p,
            "p_corrected": corrected,
            "drifts": corrected <= CHANCE_OF_ERROR,
        }
    )


def _in_words(slopes: pd.DataFrame, numbers: pd.DataFrame, size: int, left_out: Sequence[str]) -> str:
    overall = slopes[slopes["subject"] == ALL]
    single = slopes[slopes["subject"] != ALL]
    n = single["subject"].nunique()
    whom = "subject" if n == 1 else f"mean of {n} subjects"
    said = []
    for row in overall[overall["drifts"]].to_dict("records"):
        way = "rises" if row["slope"] > 0 else "falls"
        what = "how well the model of all sessions holds (log likelihood a choice)"
        name = row["name"].replace("_", " ") if row["name"] != LIKELIHOOD else what
        said.append(
            f"In the {whom} {name} {way} by {abs(row['slope']):.3g} a session (slope {row['low']:+.3g} to "
            f"{row['high']:+.3g}; p = {row['p_corrected']:.3g} by shuffled orders, corrected)."
        )
    if not said:
        names = ", ".join(overall["name"]).replace("_", " ")
        said = [
            f"No drift can be told in the {whom}: {names} move with the order of the sessions no more than "
            f"in shuffled orders (least corrected p = {overall['p_corrected'].min():.2g})."
        ]
    if n > 1:
        moving = single[single["drifts"]]
        k = moving["subject"].nunique()
        rows = [
            f"{row['subject']} ({row['name'].replace('_', ' ')} {row['slope']:+.3g})"
            for row in moving.to_dict("records")
        ]
        said.append(
            f"Of single subjects {k} of {n} drift, where {CHANCE_OF_ERROR * n:.2g} would by chance"
            f"{': ' if k else ''}{', '.join(rows)}."
        )
    if len(numbers):
        one = "each session" if size == 1 else f"windows of {size} sessions"
        said.append(f"Numbers are fitted to {one}.")
    if left_out:
        said.append(
            f"{len(left_out)} subject{'s have' if len(left_out) > 1 else ' has'} fewer than {FEWEST_WINDOWS} "
            f"windows and {'are' if len(left_out) > 1 else 'is'} left out: {', '.join(left_out)}."
        )
    return " ".join(said)
