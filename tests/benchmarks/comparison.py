"""Two sides measured in turns, and their ratio with its spread."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

# Does the work once more and gives its seconds.
Measure = Callable[[], float]


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of repeated measurements."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


@dataclass(frozen=True)
class Comparison:
    """Seconds of both sides, round by round."""

    ours: list[float]
    peer: list[float]

    @property
    def ratio(self) -> Spread:
        """How many times faster ours is; a round's two measurements were made right after each other."""
        return Spread.of([peer / ours for ours, peer in zip(self.ours, self.peer, strict=True)])


def in_turns(ours: Measure, peer: Measure, repeats: int) -> Comparison:
    """Measure both sides `repeats` times in turns, so that what else the machine does meets both alike."""
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    sides = {"ours": ours, "peer": peer}
    for number in range(repeats):
        order = ("ours", "peer") if number % 2 == 0 else ("peer", "ours")
        for side in order:
            seconds[side].append(sides[side]())
    return Comparison(**seconds)
