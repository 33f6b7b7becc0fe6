"""What equations leave unexplained, so that they are called an approximation where they are one."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import t

from cogrnn_lab.analysis.choice_equations.checks.history import LAGS, HistoryTest

# Coverage of the interval of what a network predicts better; wide, as the best of several networks is taken.
COVERAGE = 0.99
# With fewer sessions the spread between them is not known.
FEWEST_SESSIONS = 8


@dataclass(frozen=True)
class Unexplained:
    """What past trials or a network tell of choices beyond the equations.

    Fields:
        text: Sentence that says that the equations are an approximation, and by what; "" where nothing shows
            that they are.
        history_gain: Nats that further terms of past choices and outcomes promise to gain, about.
        history_terms: Number of these terms. By chance alone they promise half a nat each.
        history_p: Probability of such a gain or a larger one where the equations lack nothing that their
            search would have taken up.
        history_lag: Trials back of the term that tells most.
        network_gain: Nats per choice that the best network predicts sessions better that neither it nor the
            search was fitted to; NaN where there is no network or there are no such sessions.
        network_low: Lower end of its 99 % interval over sessions.
        network_high: Upper end of its 99 % interval over sessions.
    """

    text: str
    history_gain: float
    history_terms: int
    history_p: float
    history_lag: int
    network_gain: float = np.nan
    network_low: float = np.nan
    network_high: float = np.nan


def unexplained(
    history: HistoryTest,
    network: str = "",
    ahead: Float[np.ndarray, " session"] | None = None,
    n_choices: int = 0,
) -> Unexplained:
    """Put together what the tests say of equations.

    Arguments:
        history: The test of past trials.
        network: Name of the network that `ahead` is of.
        ahead: (session,) nats that a network predicts better in each session that nothing was fitted to.
        n_choices: Choices that count in these sessions.

    Returns:
        An `Unexplained`.
    """
    gain, low, high = _per_choice(ahead, n_choices)
    reasons = []
    if history.is_significant:
        reasons.append(
            f"choices and outcomes of up to {LAGS} trials back still tell what these equations do not, most "
            f"of all those of {history.lag} trial{'s' if history.lag > 1 else ''} back (about "
            f"{history.gain - history.n_terms / 2:.0f} nats in all, p {_p(history.p_value)})"
        )
    if low > 0:
        reasons.append(
            f"{network} predicts sessions unseen by both better, by {gain:.2g} nats a choice ({COVERAGE:.0%} "
            f"interval {low:.2g} to {high:.2g})"
        )
    return Unexplained(
        text=f"This is an approximation: {', and '.join(reasons)}." if reasons else "",
        history_gain=history.gain,
        history_terms=history.n_terms,
        history_p=history.p_value,
        history_lag=history.lag,
        network_gain=gain,
        network_low=low,
        network_high=high,
    )


def _per_choice(ahead: Float[np.ndarray, " session"] | None, n_choices: int) -> tuple[float, float, float]:
    if ahead is None or len(ahead) < FEWEST_SESSIONS or n_choices <= 0:
        return np.nan, np.nan, np.nan
    n = len(ahead)
    reach = t.ppf(0.5 + COVERAGE / 2, n - 1) * ahead.std(ddof=1) * np.sqrt(n)
    total = float(ahead.sum())
    return total / n_choices, float((total - reach) / n_choices), float((total + reach) / n_choices)


def _p(value: float) -> str:
    return "< 1e-12" if value < 1e-12 else f"= {value:.1g}"
