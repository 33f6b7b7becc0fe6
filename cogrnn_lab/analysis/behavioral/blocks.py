"""Blocks of trials in which the reward probabilities stay, and the trials on which the best one changes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from cogrnn_lab.analysis.behavioral.past_trials import alternative_names
from cogrnn_lab.counts import shown
from cogrnn_lab.data import Dataset

# Probabilities that stay for fewer trials than this on average drift rather than come in blocks.
SHORTEST_BLOCKS = 5
PREFIX = "p_reward_"
LEFT_RIGHT = (f"{PREFIX}left", f"{PREFIX}right")  # of alternatives named 0 and 1, in this order


class Switches(NamedTuple):
    """Block of each trial (session, trial), -1 on padding; each switch as (session, trial, old, new best)."""

    block: Int[np.ndarray, "session trial"]
    each: tuple[tuple[int, int, int, int], ...]


def reward_probabilities(
    dataset: Dataset, columns: Sequence[str] | None = None
) -> Float[np.ndarray, "session trial alternative"] | None:
    """Reward probability of each alternative, NaN where not recorded; None where the data do not have them.

    Arguments:
        dataset: Sessions.
        columns: Names of the columns, one for each alternative; by default p_reward_ and the name of the
            alternative, or its number from 1.

    Raises:
        ValueError: A named column does not exist, there are more or fewer than alternatives, or a column
            holds what is no probability.
    """
    n = int(dataset.n_classes or 0)
    if columns is None:
        found = [names for names in _possible_columns(dataset) if set(names) <= set(dataset.columns)]
        if not found:
            return None
        if len(set(found)) > 1:
            raise ValueError(
                f"the columns of reward probabilities can be read as {found[0]} or {found[1]}, in the "
                f"order of the alternatives {', '.join(alternative_names(dataset))}; p_reward= "
                "says which are meant."
            )
        columns = found[0]
    elif not isinstance(columns, list | tuple | np.ndarray) or len(columns) != n:
        raise ValueError(
            f"p_reward = {shown(columns)}; expected the names of {n} columns, one an alternative."
        )
    unknown = [name for name in columns if name not in dataset.columns]
    if unknown:
        known = ", ".join(dataset.columns) or "none"
        raise ValueError(f"p_reward names {', '.join(unknown)}; the columns of the data set are: {known}.")
    p = np.stack([np.asarray(dataset.columns[name], np.float64) for name in columns], axis=-1)
    p = np.where(dataset.valid[..., None], p, np.nan)
    if np.nanmin(p, initial=0.0) < 0 or np.nanmax(p, initial=0.0) > 1:
        raise ValueError(
            f"{', '.join(columns)} hold {np.nanmin(p):g} to {np.nanmax(p):g}; expected probabilities, 0 to 1."
        )
    return p


def _possible_columns(dataset: Dataset) -> list[tuple[str, ...]]:
    """Columns of the alternatives by number from 1, by name, and by side."""
    names = alternative_names(dataset)
    possible = [
        tuple(f"{PREFIX}{k + 1}" for k in range(len(names))),
        tuple(f"{PREFIX}{name}" for name in names),
    ]
    sides = {"l": "left", "r": "right"}
    begins = tuple(name[:1].lower() for name in names)
    if begins in (("l", "r"), ("r", "l")):
        possible.append(tuple(f"{PREFIX}{sides[letter]}" for letter in begins))
    elif names == ("0", "1"):
        possible.append(LEFT_RIGHT)
    return possible


def sides_assumed(dataset: Dataset, columns: Sequence[str] | None) -> bool:
    """Tell whether columns named left and right are taken as those of alternatives 0 and 1."""
    possible = [names for names in _possible_columns(dataset) if set(names) <= set(dataset.columns)]
    return columns is None and possible == [LEFT_RIGHT] and alternative_names(dataset) == ("0", "1")


def block_switches(dataset: Dataset, columns: Sequence[str] | None = None) -> tuple[Switches | None, str]:
    """Find blocks and the trials on which another alternative becomes the best, or say why there are none."""
    p = reward_probabilities(dataset, columns)
    if p is None:
        return None, (
            "No curve around block switches: the data have no columns of reward probabilities, such as "
            "p_reward_1 and p_reward_2 (p_reward= gives their names)."
        )
    known: Any = np.isfinite(p).all(-1)
    both = known[:, 1:] & known[:, :-1]
    changed = (p[:, 1:] != p[:, :-1]).any(-1) & both
    if not changed.any():
        return None, "No curve around block switches: the reward probabilities never change."
    if both.sum() / changed.sum() < SHORTEST_BLOCKS:
        return None, (
            "No curve around block switches: the reward probabilities change every "
            f"{both.sum() / changed.sum():.1f} trials, so that they drift and do not come in blocks."
        )
    starts = np.pad(changed | ~both, ((0, 0), (1, 0)))
    block = np.where(known, np.cumsum(starts, axis=1), -1)
    filled = np.where(known[..., None], p, -1.0)
    best: Any = np.where((filled == filled.max(-1, keepdims=True)).sum(-1) == 1, filled.argmax(-1), -1)
    moved: Any = changed & (best[:, 1:] != best[:, :-1]) & (best[:, 1:] >= 0) & (best[:, :-1] >= 0)
    each = tuple(
        (int(s), int(t) + 1, int(best[s, t]), int(best[s, t + 1]))
        for s, t in zip(*np.nonzero(moved), strict=True)
    )
    if not each:
        return None, "No curve around block switches: no other alternative becomes the best."
    return Switches(block, each), ""


def own_columns(simulated: Dataset) -> tuple[str, ...] | None:
    """Columns of reward probabilities that an environment describes, whatever the alternatives are called."""
    names = tuple(f"{PREFIX}{k + 1}" for k in range(int(simulated.n_classes or 0)))
    return names if set(names) <= set(simulated.columns) else None
