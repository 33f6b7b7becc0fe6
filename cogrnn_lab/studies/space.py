"""The settings over which a study goes: every combination of lists, or random draws from lists and ranges."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.counts import is_number

# Settings that repeat a fit: every point of a search has all of their values.
REPEATS = ("dataset", "seed", "fold")
# Draws in a row that give nothing new, after which there is nothing left to draw.
MOST_REPEATS = 1000


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`: whole ones where both are, each ratio equally likely where `log`."""

    low: int | float
    high: int | float
    log: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether whole numbers are drawn, both ends among them."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def at(self, share: float) -> int | float:
        """Give the value below which this share of the draws is."""
        low, high = (self.low - 0.5, self.high + 0.5) if self.is_whole else (self.low, self.high)
        value = low * (high / low) ** share if self.log else low + share * (high - low)
        return int(np.clip(round(value), self.low, self.high)) if self.is_whole else float(value)


Space = Mapping[str, "list[Any] | Range"]
Setting = dict[str, Any]


def checked_space(given: Any) -> dict[str, list[Any] | Range]:
    """Give a space with a list or a range for every setting; a single value is a list of one.

    Raises:
        TypeError: It is no dictionary, or a value is neither a number nor text.
        ValueError: A setting has no value or one of them twice, or a range is none.
    """
    if not isinstance(given, Mapping):
        raise TypeError(
            f'the space is {given!r}, expected a dictionary from settings to values, as {{"seed": [0, 1, 2]}}'
        )
    return {str(name): _axis(str(name), values) for name, values in given.items()}


def _axis(name: str, values: Any) -> list[Any] | Range:
    if isinstance(values, tuple):
        return _range(name, values)
    if isinstance(values, Mapping):
        if not {"low", "high"} <= set(values) <= {"low", "high", "log"}:
            raise ValueError(f"{name} is {values!r}; a range is {{low = ..., high = ..., log = true}}")
        return _range(name, (values["low"], values["high"], *(["log"] if values.get("log") else [])))
    single = isinstance(values, str | type) or not isinstance(values, Sequence | np.ndarray)
    each: Any = [values] if single else values
    found = [_plain(name, value) for value in each]
    if not found:
        raise ValueError(f"{name} has no values")
    keys = [(isinstance(value, bool), value) for value in found]  # 1 and 1.0 are one value, True is another
    if len(set(keys)) < len(keys):
        raise ValueError(f"{name} is {values!r}, with a value twice; each is trained once")
    return found


def _plain(name: str, value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, str | bool | int | type):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise TypeError(f"{name} has the value {value!r}, expected a finite number, text, True or False")


def _range(name: str, values: tuple[Any, ...]) -> Range:
    is_range = len(values) in (2, 3) and all(is_number(end) for end in values[:2])
    if not is_range or (len(values) == 3 and values[2] != "log"):
        raise ValueError(
            f'{name} is {values!r}; a range is (low, high) or (low, high, "log"), and values are a list, '
            f"{list(values)!r}"
        )
    low, high, log = _plain(name, values[0]), _plain(name, values[1]), len(values) == 3
    if not (math.isfinite(low) and math.isfinite(high) and low < high and (low > 0 or not log)):
        above = ", above 0" if log else ""
        raise ValueError(f"{name} is the range {values!r}, expected a lower and a higher number{above}")
    return Range(low, high, log)


def points_of(space: Space, n_random: int | None, seed: int) -> list[Setting]:
    """List the points of a space: every combination in order, or random settings, each with all repeats.

    The first random settings are the same for any number of them.

    Raises:
        ValueError: A range is to be gone through, or there are not more combinations than random ones.
    """
    if n_random is not None:
        return [drawn | repeat for drawn in _drawn(space, n_random, seed) for repeat in repeats(space)]
    for name, axis in space.items():
        if isinstance(axis, Range):
            raise ValueError(
                f"{name} has a range, {axis.low:g} to {axis.high:g}, from which only a search draws: give "
                f"n_random= or n_trials=; for these two values write {name}=[{axis.low}, {axis.high}]"
            )
    return _combinations(space)


def repeats(space: Space) -> list[Setting]:
    """List the combinations of data set, seed and fold.

    Raises:
        ValueError: One of them has a range.
    """
    ranges = [name for name in REPEATS if isinstance(space.get(name), Range)]
    if ranges:
        raise ValueError(
            f"{ranges[0]} has a range; expected a list, all of which every setting is trained on"
        )
    return _combinations({name: space[name] for name in REPEATS if name in space})


def _combinations(space: Space) -> list[Setting]:
    lists = [axis for axis in space.values() if isinstance(axis, list)]
    return [dict(zip(space, values, strict=True)) for values in itertools.product(*lists)]


def _drawn(space: Space, n: int, seed: int) -> list[Setting]:
    own = {name: axis for name, axis in space.items() if name not in REPEATS}
    lists = [axis for axis in own.values() if isinstance(axis, list)]
    if len(lists) == len(own) and math.prod(map(len, lists)) <= n:
        raise ValueError(
            f"n_random is {n}, but the settings have only {math.prod(map(len, lists))} combinations; leave "
            "n_random out to train them all"
        )
    draws = np.random.default_rng(seed)
    found: list[Setting] = []
    repeated = 0
    while len(found) < n:
        shares = draws.random(len(own))
        drawn = {name: _at(axis, share) for (name, axis), share in zip(own.items(), shares, strict=True)}
        repeated = repeated + 1 if drawn in found else 0
        if repeated > MOST_REPEATS:
            raise ValueError(f"n_random is {n}, but the ranges have hardly more than {len(found)} points")
        if not repeated:
            found.append(drawn)
    return found


def _at(axis: list[Any] | Range, share: float) -> Any:
    return axis.at(share) if isinstance(axis, Range) else axis[int(share * len(axis))]
