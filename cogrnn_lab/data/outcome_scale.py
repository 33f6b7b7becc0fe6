"""What counts as a win, and the scale on which reference agents take rewards: one answer for all."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float

from cogrnn_lab.callers import level_of_caller
from cogrnn_lab.counts import is_number, shown

if TYPE_CHECKING:
    from cogrnn_lab.data.dataset import Dataset

# Share of the choices from which an outcome of exactly 0 means that nothing was paid.
OFTEN = 0.1
NEAR = 0.25  # share of a scale within which rewards come near its ends


@dataclass(frozen=True)
class OutcomeScale:
    """Scale of rewards: the amounts that agents take as 0 and as 1, and above which amount one has won.

    Arguments:
        low: Amount that is nothing, 0 for an agent.
        high: Amount that is a full reward, 1 for an agent; above `low`.
        win_above: Amounts above this one are wins; None: the middle between `low` and `high`.

    Raises:
        ValueError: The numbers are not finite, or `high` is not above `low`.
        TypeError: One is no number.

    Example:
        >>> import cogrnn_lab as cl
        >>> scale = cl.OutcomeScale(1, 100)
        >>> scale.win_above, scale.scaled(100.0)
        (50.5, 1.0)
    """

    low: float | int = 0.0
    high: float | int = 1.0
    win_above: Any = None

    def __post_init__(self):
        if self.win_above is not None and not is_number(self.win_above):
            raise TypeError(f"win_above is {shown(self.win_above)}; expected an amount of reward, or None.")
        middle = (self.low + self.high) / 2 if self.win_above is None else self.win_above
        for name, value in (("low", self.low), ("high", self.high), ("win_above", middle)):
            if not np.isfinite(value):
                raise ValueError(f"{name} = {value}; expected a finite number, in units of reward.")
            object.__setattr__(self, name, float(value))
        if not self.low < self.high:
            raise ValueError(
                f"low = {self.low:g} and high = {self.high:g}; expected the amount of nothing and then that "
                "of a full reward, which is above it."
            )

    def scaled(self, reward: Any) -> Any:
        """Map rewards so that `low` is 0 and `high` is 1.

        Arguments:
            reward: A number or an array of them, as they were paid.

        Returns:
            The same on the scale of agents.
        """
        return (reward - self.low) / (self.high - self.low)

    def unscaled(self, reward: Any) -> Any:
        """Map numbers on the scale of agents back to rewards as they are paid.

        Arguments:
            reward: A number or an array of them; 0 is `low` and 1 is `high`.

        Returns:
            Amounts.
        """
        return self.low + (self.high - self.low) * reward

    def is_win(self, reward: Float[np.ndarray, "..."]) -> Bool[np.ndarray, "..."]:
        """Tell which rewards are wins.

        Arguments:
            reward: Rewards as they were paid; NaN is no win.

        Returns:
            True where a reward is above `win_above`.
        """
        return np.nan_to_num(np.asarray(reward, np.float32), nan=-np.inf) > self.win_above

    @property
    def is_plain(self) -> bool:
        """Whether agents take rewards as they are, which those of 0 and 1 are made for."""
        return self == PLAIN

    def __str__(self) -> str:
        seen = f"agents take {self.low:g} as 0 and {self.high:g} as 1"
        return f"above {self.win_above:g} is a win" + ("" if self.is_plain else f"; {seen}")


PLAIN = OutcomeScale(0.0, 1.0, win_above=0.0)


def scale_of(dataset: "Dataset") -> OutcomeScale:
    """The scale of a data set's rewards; that of 0 and 1 where none is known."""
    if dataset.n_classes is None:
        return PLAIN
    try:
        chosen = dataset.choices >= 0
    except ValueError:  # who needs the choices is told what is wrong with them
        return PLAIN
    return scale_of_amounts(dataset.rewards[chosen])


def scale_of_amounts(rewards: Float[np.ndarray, " trial"]) -> OutcomeScale:
    """The scale of the rewards of all choices, by their range.

    Two amounts are nothing and a full reward. Where some are below 0 and some above, 0 stays in the middle,
    and what is below is a loss. Else the range is the scale, and wins are above its middle, or above 0 where
    many choices were paid exactly that.
    """
    known = rewards[np.isfinite(rewards)]
    amounts = np.unique(known)
    if np.isin(amounts, (0.0, 1.0)).all():
        return PLAIN
    low, high = float(amounts[0]), float(amounts[-1])
    if len(amounts) == 1:
        return OutcomeScale(min(low, 0.0), max(high, 0.0), win_above=min(low, 0.0))
    if len(amounts) == 2:
        return OutcomeScale(low, high, win_above=low)
    if low < 0 < high:
        reach = max(-low, high)
        return OutcomeScale(-reach, reach, win_above=0.0)
    if low == 0 and (known == 0).mean() >= OFTEN:
        return OutcomeScale(low, high, win_above=0.0)
    return OutcomeScale(low, high)


def warn_of_other_rewards(scale: OutcomeScale, dataset: "Dataset", known_by: str) -> None:
    """Tell where rewards lie outside the scale of other data, as they do where they are coded otherwise."""
    if dataset.outcomes == scale:
        return
    paid = dataset.rewards[dataset.choices >= 0]
    paid = paid[np.isfinite(paid)]
    if paid.size and (paid.min() < scale.low or paid.max() > scale.high):
        warnings.warn(
            f"the rewards go from {paid.min():g} to {paid.max():g}, but {known_by} knows rewards from "
            f"{scale.low:g} to {scale.high:g}. Are they coded in another way?",
            UserWarning,
            stacklevel=level_of_caller(),
        )


def warn_of_unlike_rewards(scale: OutcomeScale, rewards: Float[np.ndarray, "..."], who: str) -> None:
    """Tell where rewards that were just paid are hardly those of the scale on which an agent takes them.

    They are where the least and the most of two amounts or more come near both of its ends.
    """
    paid = np.unique(rewards[np.isfinite(rewards)])
    if len(paid) < 2:
        return
    margin = NEAR * (scale.high - scale.low)
    if abs(paid[0] - scale.low) > margin or abs(paid[-1] - scale.high) > margin:
        warnings.warn(
            f"the environment pays {paid[0]:g} to {paid[-1]:g}, but {who} takes {scale.low:g} as nothing and "
            f"{scale.high:g} as a full reward. Was it fitted to rewards that are coded in another way? "
            "cl.ScaledOutcomes(agent, cl.OutcomeScale(low, high)) says the scale of these.",
            UserWarning,
            stacklevel=level_of_caller(),
        )


def checked_scale(scale: Any) -> OutcomeScale | None:
    """The scale, also from (low, high) or (low, high, win_above); None stays None."""
    if scale is None or isinstance(scale, OutcomeScale):
        return scale
    try:
        numbers = [float(number) for number in scale]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (2, 3):
        raise ValueError(
            f"outcomes = {shown(scale)}; expected cl.OutcomeScale(low, high), or (low, high): the amounts "
            "that are nothing and a full reward."
        )
    return OutcomeScale(*numbers)


def common_scale(datasets: Iterable["Dataset"]) -> OutcomeScale | None:
    """The scale that was set in these data sets and that all have; None where none was set.

    One that was set in some, while others have another scale, is not kept, which is told.
    """
    datasets = list(datasets)
    given = {one.outcome_scale for one in datasets} - {None}
    if not given:
        return None
    scales = {one.outcomes if one.outcome_scale is None else one.outcome_scale for one in datasets}
    if len(scales) == 1:
        return scales.pop()
    told = "; ".join(sorted(map(str, scales)))
    warnings.warn(
        f"the data sets have different outcome scales ({told}), so that the scale of all follows from the "
        "range of their rewards: with_outcomes(...) of the result sets another",
        UserWarning,
        stacklevel=level_of_caller(),
    )
    return None
