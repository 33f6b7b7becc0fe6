"""How a penalty path goes: its prices, when a level has settled, and when the warm-up ends."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cogrnn_lab.counts import checked_count, is_number, shown

# A path begins at this price or dearer, and at price 1 where so many choices are trained on.
WEAKEST, CHOICES_OF_PRICE_1 = 0.1, 1000


@dataclass(frozen=True)
class PriceLadder:
    """Penalties in geometric steps until every channel is closed, finer where that costs likelihood.

    Fields:
        first: Price of the first level, in multiples of the base penalties; by default 1000 / (choices
            trained on) and at least 0.1, as networks with a smaller penalty know few choices by heart.
        step: Factor between two levels.
        finest: The least factor. Where a level closes more than one latent of most networks and that costs
            them `noticed` or more, it is done again with half the step (in log price), down to this.
        last: Price at which the path ends whatever is open.
        noticed: Nats per choice trained on.
    """

    first: float | None = None
    step: float = 10 ** (1 / 3)
    finest: float = 10 ** (1 / 6)
    last: float = 100.0
    noticed: float = 1e-3

    def __post_init__(self):
        first = self.last if self.first is None else self.first
        if not (np.isfinite(first) and 0 < first <= self.last and np.isfinite(self.last)):
            raise ValueError(f"the path goes from price {first} to {self.last}, expected 0 < first <= last")
        if not self.noticed >= 0:
            raise ValueError(f"noticed is {self.noticed}, expected at least 0 nats per choice")
        if not 1 < self.finest <= self.step:
            raise ValueError(f"step is {self.step} and finest {self.finest}, expected 1 < finest <= step")

    @classmethod
    def for_weights(cls) -> "PriceLadder":
        """Prices of the squared weights of a network without bottlenecks, which matter at larger ones."""
        return cls(first=1.0, step=10**0.5, finest=10**0.25, last=1e5)

    def for_data(self, n_choices: int) -> "PriceLadder":
        """Set the first price, where there is none, for so many choices.

        Arguments:
            n_choices: How many are trained on.
        """
        if self.first is not None:
            return self
        first = max(WEAKEST, CHOICES_OF_PRICE_1 / max(n_choices, 1))
        return replace(self, first=min(first, self.last))

    def price_after(self, price: float, factor: float) -> float | None:
        """Give the next price, None where the path has ended.

        Arguments:
            price: That of the level before.
            factor: The step.
        """
        return None if price >= self.last * (1 - 1e-9) else min(price * factor, self.last)

    def closes_too_much(self, lost: np.ndarray, costs: np.ndarray) -> bool:
        """Tell whether most networks lost too much at once.

        Arguments:
            lost: (seed,) latents that closed.
            costs: (seed,) nats per choice trained on.
        """
        return bool(np.mean((lost > 1) & (costs >= self.noticed)) > 0.5)

    def finer(self, factor: float) -> float | None:
        """Halve the step (in log price); None where it is as fine as it gets.

        Arguments:
            factor: The step.
        """
        half = factor**0.5
        return half if half >= self.finest * (1 - 1e-9) else None


@dataclass(frozen=True)
class GivenPrices:
    """Prices that were asked for, one after the other."""

    prices: tuple[Any, ...]

    def __post_init__(self):
        try:
            given = np.asarray(self.prices, float)
        except (TypeError, ValueError):
            given = np.zeros(0)
        if given.ndim != 1 or not len(given) or not (np.isfinite(given) & (given > 0)).all():
            raise ValueError(f"levels are {self.prices!r}, expected prices above 0 such as (0.1, 0.3, 1.0)")
        if not (np.diff(given) > 0).all():
            raise ValueError(
                f"levels are {self.prices!r}, expected ascending prices: each level begins where the cheaper "
                "one before ended"
            )
        object.__setattr__(self, "prices", tuple(float(price) for price in given))

    @property
    def first(self) -> float:
        """The first price."""
        return self.prices[0]

    @property
    def step(self) -> float:
        """Without meaning here."""
        return 1.0

    def price_after(self, price: float, factor: float) -> float | None:
        """The next price that was asked for."""
        dearer = [own for own in self.prices if own > price]
        return dearer[0] if dearer else None

    def closes_too_much(self, lost: np.ndarray, costs: np.ndarray) -> bool:
        """Never: these prices are what was asked for."""
        return False

    def finer(self, factor: float) -> None:
        """There is no other step."""


@dataclass(frozen=True)
class WarmUp:
    """Training without noise and penalties before the path.

    It ends where the choosing sessions have not been predicted better for some checks, and the best network
    is kept. Without choosing sessions, which alone tell learning from learning by heart, its length is fixed.

    Fields:
        most: Steps after which it ends.
        check_every: Steps between two checks.
        patience: Checks without a better one after which it ends.
        tolerance: Nats per choice that count as better.
        unwatched: Its steps where there are no choosing sessions.
        learning_rate: Of Adam.
    """

    most: int = 1000
    check_every: int = 50
    patience: int = 4
    tolerance: float = 3e-4
    unwatched: int = 500
    learning_rate: float = 1e-2

    def __post_init__(self):
        for name in ("check_every", "patience"):
            checked_count(getattr(self, name), name)
        _check_rate(self.learning_rate)
        if not self.tolerance >= 0:
            raise ValueError(f"tolerance is {self.tolerance}, expected at least 0 nats per choice")
        if self.most < self.check_every or self.unwatched < 0:
            raise ValueError(
                f"most is {self.most} and unwatched {self.unwatched}, expected at least check_every = "
                f"{self.check_every} and at least 0"
            )


@dataclass(frozen=True)
class Settling:
    """When a level ends: when its penalized loss does not fall any more.

    The loss is taken on the same training sessions with the same noise each time. A network has settled where
    the best of the last two checks is not lower, by `tolerance`, than the best before them; the level ends
    when all networks have.

    Fields:
        tolerance: Nats per choice.
        check_every: Steps between two checks.
        most: Steps after which a level ends, settled or not.
        beyond: As many for levels that can't be chosen any more, as the one before predicts the choosing
            sessions far worse than a cheaper one: they only show in which order channels close.
        cooling: Steps at a third, and as many at a tenth, of the learning rate with which a level ends:
            without the jitter of stochastic gradients its networks predict better.
        learning_rate: Of Adam.
    """

    tolerance: float = 3e-4
    check_every: int = 100
    most: int = 1000
    beyond: int = 300
    cooling: int = 50
    learning_rate: float = 5e-3

    def __post_init__(self):
        for name in ("check_every", "most", "beyond"):
            checked_count(getattr(self, name), name)
        _check_rate(self.learning_rate)
        if not (np.isfinite(self.tolerance) and self.tolerance > 0):
            raise ValueError(f"tolerance is {self.tolerance}, expected a positive number of nats per choice")
        if self.cooling < 0:
            raise ValueError(f"cooling is {self.cooling}, expected a number of steps of at least 0")

    def settled(self, losses: list[np.ndarray]) -> np.ndarray:
        """Tell which networks have settled.

        Arguments:
            losses: (seed,) penalized loss at each check of the level so far.

        Returns:
            (seed,) bool.
        """
        if len(losses) < 3:
            return np.zeros(len(losses[0]), bool)
        return np.min(losses[:-2], 0) - np.min(losses[-2:], 0) < self.tolerance


def _check_rate(rate: float) -> None:
    if not (is_number(rate) and 0 < rate < np.inf):
        raise ValueError(f"learning_rate is {shown(rate)}, expected a positive number such as 0.01")
