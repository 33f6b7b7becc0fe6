"""What data cannot tell whatever the equations say: outcomes that never differ, choices that hardly do."""

import numpy as np

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.parts.trials import NONE, Recorded

# An alternative with fewer choices than this is said to be chosen almost never.
FEWEST_OF_ONE = 10
# Likelihood per choice from which weights are only known to be large.
ALMOST_CERTAIN = 0.98


def limits(fitted: Fitted, data: Recorded, alternatives: tuple[str, ...]) -> list[str]:
    """Say what these data cannot tell.

    Arguments:
        fitted: Equations, fitted to the data.
        data: The trials.
        alternatives: Names of the alternatives.

    Returns:
        A sentence for each thing that they cannot tell; an empty list where there is none.
    """
    return [*_of_outcomes(fitted, data), *_of_alternatives(data, alternatives), *_of_certainty(fitted, data)]


def _of_outcomes(fitted: Fitted, data: Recorded) -> list[str]:
    relation = np.asarray(data.trials.relation[:, 0])
    happened = relation != NONE
    if not happened.any():
        return [
            "No trial follows another, so that nothing can be told of what choices and outcomes do later."
        ]
    if fitted.structure.n_numbers == 0:
        return []
    seen = np.asarray(data.trials.amount)[happened] if data.has_amounts else relation[happened] % 2
    if len(np.unique(seen)) > 1:
        return []
    paid = seen[0] * data.unit
    return [
        f"All outcomes are alike ({paid:g}), so that nothing can be told of what they do: what is said of "
        "rewards and values may be a habit of choosing."
    ]


def _of_alternatives(data: Recorded, alternatives: tuple[str, ...]) -> list[str]:
    targets = np.asarray(data.trials.target)
    counts = {name: int((targets == i).sum()) for i, name in enumerate(alternatives)}
    total = sum(counts.values())
    return [
        f"{name} was chosen {_times(n)} in {total:,} choices: that it is rare is all that can be told of it."
        for name, n in counts.items()
        if n < min(FEWEST_OF_ONE, total / len(counts) / 5)
    ]


def _times(n: int) -> str:
    return {0: "not once", 1: "once"}.get(n, f"{n} times")


def _of_certainty(fitted: Fitted, data: Recorded) -> list[str]:
    likelihood = float(np.exp(-fitted.nll / max(int(data.n_choices.sum()), 1)))
    if fitted.structure.n_numbers == 0 or likelihood < ALMOST_CERTAIN:
        return []
    return [
        f"The choices are almost certain under these equations (likelihood {likelihood:.3f} a choice), so "
        "that weights are only known to be large, and others may say as much."
    ]
