"""Wrong arguments for everything that is public: each ends in a sentence of ours, or the call works."""

import inspect
import io
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import cogrnn_lab as cl
from cogrnn_lab.argument_kinds import fits, is_result

from .files import LONGEST, TooLong, fault_of, limited
from .right_arguments import LEFT_OUT, SLOW, by_kind, right
from .words import say

# A call with right arguments that takes longer, in seconds, is not tried with wrong ones.
LONGEST_RIGHT = 1.5
LONGEST_SLOW = 0.5  # for what trains: it got past the checks of its arguments
OURS = (ValueError, TypeError, OSError, ImportError, RuntimeError, AttributeError, KeyError)


class Stranger:
    """An object of no use."""

    def __repr__(self) -> str:
        return "a stranger"


# What may stand in the place of an argument: other kinds, other shapes, other sizes.
WRONG: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 7, 10**30, 0.5, -0.5, float("nan"), float("inf"), 1j, "", "x", "tanh",
    b"x", (), [], {}, set(), [None], ["a", "b"], [1, "a"], {"a": 1}, {1: 2}, [[1, 2], [3]], [[0.5, 0.5]],
    np.zeros(0), np.zeros(3), np.ones((2, 2), int), np.zeros((4, 10, 2)), np.full((2, 3, 1), np.nan),
    np.array("x"), np.array(["a", None], object), np.zeros((1,) * 5), range(3), Stranger(), Stranger, len,
    print, pd.DataFrame({"a": [1]}), pd.Series([1.0]), np.float32(2), np.int64(-3), np.bool_(True),
    Path("nowhere"), 1e300, "0", [float("nan")], {"choice": [1]}, slice(3), Ellipsis,
)  # fmt: skip


@dataclass
class Tried:
    """What came of wrong arguments of one function.

    Fields:
        name: Its name.
        worked: Calls that worked all the same.
        refused: Calls that were refused in a sentence.
        faults: What went wrong, with how often.
    """

    name: str
    worked: int = 0
    refused: int = 0
    faults: Counter = field(default_factory=Counter)

    @property
    def n(self) -> int:
        return self.worked + self.refused + self.faults.total()

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.n} calls, {self.refused} refused in a sentence, {self.worked} worked, "
            f"{self.faults.total()} faults"
        )


def public_functions() -> dict[str, Callable[..., Any]]:
    """What users call, by name, figures as "plots.plot_learning"; results and named tuples are left out."""
    named = {name: getattr(cl, name) for name in cl.__all__}
    named |= {f"plots.{name}": getattr(cl.plots, name) for name in cl.plots.__all__}
    return {name: made for name, made in sorted(named.items()) if callable(made) and not _is_made(made)}


def _is_made(made: Any) -> bool:
    return isinstance(made, type) and is_result(made)


def tried_functions(only: list[str]) -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Public functions and classes with right arguments, as far as those are known and quick."""
    found = {}
    for name, made in public_functions().items():
        if name in LEFT_OUT or (only and name not in only):
            continue
        given = _right_for(name, made)
        if given is not None and (name in SLOW or _works(made, given)):
            found[name] = (made, given)
    return found


def _right_for(name: str, made: Any) -> dict[str, Any] | None:
    if name in right():
        return right()[name]
    try:
        parameters = inspect.signature(made).parameters.values()
    except (TypeError, ValueError):
        return None
    needed = [
        p.name for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]  # fmt: skip
    known = by_kind()
    return {name: known[name] for name in needed} if set(needed) <= set(known) else None


def _works(made: Any, given: dict[str, Any]) -> bool:
    try:
        with limited(), warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            made(**given)  # and what has to be compiled is
            began = time.perf_counter()
            made(**given)
    except (Exception, TooLong) as error:
        say(f"{getattr(made, '__name__', made)} does not take its right arguments: {error}"[:300])
        return False
    return time.perf_counter() - began < LONGEST_RIGHT


def try_function(name: str, made: Any, good: dict[str, Any], n: int, number: int = 0) -> Tried:
    """Call a function `n` times with one or two wrong arguments."""
    tried = Tried(name)
    parameters = inspect.signature(made).parameters.values()
    names = [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL, p.POSITIONAL_ONLY)]
    if not names:
        return tried
    wrong = st.dictionaries(
        st.sampled_from(names), st.sampled_from(range(len(WRONG))), min_size=1, max_size=2
    )

    @seed(number)
    @settings(
        max_examples=n, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(wrong)
    def call(places: dict[str, int]) -> None:
        _note(tried, made, good | {name: WRONG[place] for name, place in places.items()}, set(places))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call()
    return tried


def _note(tried: Tried, made: Any, given: dict[str, Any], wrong: set[str]) -> None:
    told = ", ".join(f"{name}={str(given[name])[:30]!r}" for name in sorted(wrong))
    try:
        with limited(LONGEST_SLOW if tried.name in SLOW else LONGEST), redirect_stdout(io.StringIO()):
            made(**given)
        silent = [name for name in sorted(wrong) if not _is_of_its_kind(made, name, given[name])]
        if silent:
            tried.faults[f"accepted in silence: {told}"] += 1
        else:
            tried.worked += 1
    except TooLong:
        if tried.name in SLOW:
            tried.worked += 1
        else:
            tried.faults[f"took too long: {told}"] += 1
    except OURS as error:
        fault = fault_of(error)
        if fault:
            tried.faults[f"{fault} ({told})"] += 1
        else:
            tried.refused += 1
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        tried.faults[f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} ({told})"] += 1


def _is_of_its_kind(made: Any, name: str, value: Any) -> bool:
    """Whether an argument that was accepted is its default, or of the kind that its annotation says."""
    function = made.__init__ if isinstance(made, type) else made
    parameter = inspect.signature(made).parameters[name]
    return value is parameter.default or fits(value, function.__annotations__.get(name, Any))


def main(n: int, number: int, only: list[str]) -> int:
    """Try all functions, or those named; the number of faults."""
    functions = tried_functions(only)
    say(f"{len(functions)} of {len(public_functions())} public functions and classes")
    if not only:
        say(f"not tried: {', '.join(sorted(set(public_functions()) - set(functions)))}")
    total: Counter = Counter()
    for name, (made, good) in functions.items():
        with TemporaryDirectory() as here, chdir(here):  # a text may be taken for a path, and written to
            tried = try_function(name, made, good, n, number)
        total.update(calls=tried.n, faults=tried.faults.total())
        if tried.faults:
            say(tried)
        for fault, times in tried.faults.most_common(6):
            say(f"    {times} × {fault}")
    say(f"{total['calls']} calls")
    return total["faults"]
