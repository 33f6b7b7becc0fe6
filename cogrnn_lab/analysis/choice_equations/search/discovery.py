"""The equations of some choices: searched from several starts, chosen by price and on sessions unseen."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, maximized, scored
from cogrnn_lab.analysis.choice_equations.parts.terms import TERMS, Term
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded
from cogrnn_lab.analysis.choice_equations.search.canonical import canonical
from cogrnn_lab.analysis.choice_equations.search.classical import as_classical
from cogrnn_lab.analysis.choice_equations.search.further import with_terms
from cogrnn_lab.analysis.choice_equations.search.search import Found, Step, priced, searched
from cogrnn_lab.analysis.choice_equations.search.sides import told_apart
from cogrnn_lab.analysis.choice_equations.search.starts import Start, full_form, grown, random_start

Item = TypeVar("Item")
Result = TypeVar("Result")

# Standard errors by which the cheapest has to be worse on the choosing sessions to lose against another.
CLEARLY = 3.0


class Candidate(NamedTuple):
    """Where one start has led: numbers left, price in nats, and nats of each choosing session."""

    source: str
    found: Found
    choosing_nll: np.ndarray | None

    @property
    def n_numbers(self) -> int:
        """Number of free numbers."""
        return self.found.fitted.structure.n_numbers


class Discovered(NamedTuple):
    """The chosen equations, fitted to all data, and all the candidates, the chosen first."""

    fitted: Fitted
    price: float
    candidates: tuple[Candidate, ...]
    steps: tuple[Step, ...]


def discovered(
    n_alternatives: int,
    train: Recorded,
    choose: Recorded | None,
    everything: Recorded,
    *,
    given: Iterable[Start] = (),
    n_latents: Iterable[int] = (1, 2, 3, 4),
    n_starts: int = 4,
    terms: tuple[Term, ...] = TERMS,
    seed: int = 0,
    n_threads: int = 1,
    report: Callable[[str], None] | None = None,
) -> Discovered:
    """Searches from the starts that are given and from random ones of rising size, and chooses.

    A size is the last where nothing cheaper came of it than of one less. What is found does not depend on
    how many searches go on at once.
    """
    candidates: list[Candidate] = []

    def search(starts: Iterable[Start]) -> None:
        # closed where a report ends the search: what is at work beside it would go on
        with closing(_in_order(partial(_candidate, train=train, choose=choose), starts, n_threads)) as found:
            for new in found:
                candidates.append(new)
                if report is not None:
                    report(f"{new.source}: {new.n_numbers} numbers, {new.found.price:.1f} nats")

    search(given)
    cheapest = np.inf
    for n in n_latents:
        form = full_form(n, n_alternatives, train)
        seeds = range(seed * 1000, seed * 1000 + n_starts)
        starts = list(_in_order(partial(random_start, form, train), seeds, n_threads))
        starts = _different(sorted(starts, key=lambda start: start.fitted.nll))[:2]
        if candidates and n > 1:
            smaller = [c for c in candidates if c.found.fitted.structure.form.n_mechanisms == n - 1]
            if smaller:
                more = list(grown(min(smaller, key=lambda c: c.found.price).found.fitted, train))
                starts.append(min(more, key=lambda start: start.fitted.nll))
        search(starts)
        now = min(c.found.price for c in candidates)
        if n > 1 and now > cheapest - 1.0:
            break
        cheapest = now
    if terms:
        plain = min(
            (
                c
                for c in candidates
                if c.found.fitted.structure.form.n_mechanisms <= 2 or len(candidates) == 1
            ),
            key=lambda c: c.found.price,
            default=chosen(candidates),
        )
        search(with_terms(plain.found.fitted, train, terms))
    best = chosen(candidates)
    fitted = maximized(best.found.fitted.structure, best.found.fitted.free, everything)
    final = as_classical(searched(canonical(fitted), everything), everything)
    apart, more = told_apart(canonical(final.fitted), everything)
    ordered = (best, *(c for c in sorted(candidates, key=lambda c: c.found.price) if c is not best))
    steps = (*best.found.steps, *final.steps, *more)
    return Discovered(apart, priced(apart, everything), ordered, steps)


def _candidate(start: Start, train: Recorded, choose: Recorded | None) -> Candidate:
    found = searched(start.fitted, train)
    return Candidate(start.source, found, None if choose is None else scored(found.fitted, choose))


def _in_order(work: Callable[[Item], Result], items: Iterable[Item], n_threads: int) -> Generator[Result]:
    """Give what comes of each item, in their order; several are at work at once."""
    items = list(items)
    if n_threads == 1 or len(items) < 2:
        yield from map(work, items)
        return
    threads = ThreadPoolExecutor(n_threads, thread_name_prefix="equations")
    try:
        yield from threads.map(work, items)
    finally:
        threads.shutdown(cancel_futures=True)


def chosen(candidates: list[Candidate]) -> Candidate:
    """The cheapest, unless another predicts the choosing sessions clearly better."""
    by_price = sorted(candidates, key=lambda candidate: candidate.found.price)
    best = by_price[0]
    for other in by_price[1:]:
        if best.choosing_nll is None or other.choosing_nll is None:
            continue
        better = best.choosing_nll - other.choosing_nll
        error = better.std(ddof=1) * np.sqrt(len(better)) if len(better) > 1 else np.inf
        if better.sum() > CLEARLY * error and other.n_numbers > best.n_numbers:
            best = other
    return best


def _different(starts: list[Start]) -> list[Start]:
    """Without those that have ended at the likelihood of one before."""
    kept: list[Start] = []
    for start in starts:
        if all(abs(start.fitted.nll - other.fitted.nll) > 0.3 for other in kept):
            kept.append(start)
    return kept
