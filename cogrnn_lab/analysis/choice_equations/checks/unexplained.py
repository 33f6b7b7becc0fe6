"""What equations leave unexplained, so that they are called an approximation where they are one."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.stats import t

from cogrnn_lab.analysis.choice_equations.checks.history import LAGS, HistoryTest

# Coverage of the interval of what another model predicts better; wide, as the best of several is taken.
COVERAGE = 0.99
# With fewer sessions the spread between them is not known.
FEWEST_SESSIONS = 8


@dataclass(frozen=True)
class Unexplained:
    """What past trials, a network or a classical model tell of choices beyond the equations.

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
        model: Name of the classical model that predicts best of those that have no form as equations; ""
            where none was fitted.
        model_gain: Nats per choice that it predicts sessions better that neither it nor the numbers of the
            equations were fitted to.
        model_low: Lower end of its 99 % interval over sessions.
        model_high: Upper end of its 99 % interval over sessions.
    """

    text: str
    history_gain: float
    history_terms: int
    history_p: float
    history_lag: int
    network_gain: float = np.nan
    network_low: float = np.nan
    network_high: float = np.nan
    model: str = ""
    model_gain: float = np.nan
    model_low: float = np.nan
    model_high: float = np.nan


class Beside(NamedTuple):
    """Another model: its name, (session,) nats that it predicts sessions better, and choices that count."""

    name: str
    ahead: Float[np.ndarray, " session"]
    n_choices: int


def unexplained(
    history: HistoryTest, network: Beside | None = None, model: Beside | None = None
) -> Unexplained:
    """Put together what the tests say of equations.

    Arguments:
        history: The test of past trials.
        network: The best network, on sessions that nothing was fitted to.
        model: The best classical model that has no form as equations, likewise.

    Returns:
        An `Unexplained`.
    """
    of_network, of_model = _per_choice(network), _per_choice(model)
    reasons = []
    if history.is_significant:
        reasons.append(
            f"choices and outcomes of up to {LAGS} trials back still tell what these equations do not, most "
            f"of all those of {history.lag} trial{'s' if history.lag > 1 else ''} back (about "
            f"{history.gain - history.n_terms / 2:.0f} nats in all, p {_p(history.p_value)})"
        )
    for other, (gain, low, high) in ((network, of_network), (model, of_model)):
        if other is not None and low > 0:
            reasons.append(
                f"{other.name} predicts sessions unseen by both better, by {gain:.2g} nats a choice "
                f"({COVERAGE:.0%} interval {low:.2g} to {high:.2g})"
            )
    return Unexplained(
        text=f"This is an approximation: {', and '.join(reasons)}." if reasons else "",
        history_gain=history.gain,
        history_terms=history.n_terms,
        history_p=history.p_value,
        history_lag=history.lag,
        network_gain=of_network[0],
        network_low=of_network[1],
        network_high=of_network[2],
        model="" if model is None else model.name,
        model_gain=of_model[0],
        model_low=of_model[1],
        model_high=of_model[2],
    )


def _per_choice(other: Beside | None) -> tuple[float, float, float]:
    """Nats per choice, and the ends of their interval."""
    if other is None or len(other.ahead) < FEWEST_SESSIONS or other.n_choices <= 0:
        return np.nan, np.nan, np.nan
    _, ahead, n_choices = other
    n = len(ahead)
    reach = t.ppf(0.5 + COVERAGE / 2, n - 1) * ahead.std(ddof=1) * np.sqrt(n)
    total = float(ahead.sum())
    return total / n_choices, float((total - reach) / n_choices), float((total + reach) / n_choices)


def _p(value: float) -> str:
    return "< 1e-12" if value < 1e-12 else f"= {value:.1g}"
