"""Settings of a search for equations, checked before anything is searched."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from cogrnn_lab.analysis.choice_equations.parts.terms import TERMS, Term
from cogrnn_lab.counts import checked_count, checked_coverage, is_whole
from cogrnn_lab.random_numbers import as_seed


@dataclass(frozen=True)
class SearchSettings:
    """Settings as `cl.equations` has them.

    Raises `ValueError` or `TypeError` where one is none.
    """

    n_latents: Any = (1, 2, 3, 4)
    n_starts: Any = 4
    terms: Any = TERMS
    choose_every: Any = 4
    level: Any = 0.95
    seed: Any = 0
    rivals: Any = True
    n_threads: Any = 2

    def __post_init__(self):
        object.__setattr__(self, "n_latents", _sizes(self.n_latents))
        checked_count(self.n_starts, "n_starts", of="random starts of each size")
        object.__setattr__(self, "terms", _terms(self.terms))
        _check_choose_every(self.choose_every)
        checked_coverage(self.level)
        as_seed(self.seed)
        if not isinstance(self.rivals, bool):
            raise ValueError(f"rivals = {self.rivals!r}; expected True or False.")
        checked_count(self.n_threads, "n_threads", of="searches at once")


def check_search_settings(given: Mapping[str, Any]) -> None:
    """Refuse settings that `cl.equations` would refuse once it is called.

    Arguments:
        given: Settings by name.

    Raises:
        ValueError: A name is none of a setting, or a value is wrong.
        TypeError: The seed is no whole number.
    """
    known = [field.name for field in fields(SearchSettings)]
    unknown = [name for name in given if name not in (*known, "report")]
    if unknown:
        raise ValueError(
            f"equations has {unknown[0]!r}, which is no setting of the search; there are {', '.join(known)}"
        )
    SearchSettings(**{name: value for name, value in given.items() if name != "report"})


def _sizes(n_latents: Any) -> tuple[int, ...]:
    """Numbers of latents; () for no random starts."""
    if is_whole(n_latents):
        n = int(n_latents)
        up_to = ", ".join(map(str, range(1, max(n, 2) + 1)))
        raise ValueError(
            f"n_latents = {n_latents}; expected the numbers of latents to try: ({n},) for {n} alone, or "
            f"({up_to}) for up to {max(n, 2)}."
        )
    if isinstance(n_latents, str | bool) or not hasattr(n_latents, "__iter__"):
        raise ValueError(f"n_latents = {n_latents!r}; expected numbers of latents to try, such as (1, 2, 3).")
    return tuple(checked_count(n, "a number in n_latents", of="latents") for n in n_latents)


def _terms(terms: Any) -> tuple[Term, ...]:
    if isinstance(terms, Term):
        raise ValueError(f"terms is the one term {terms.name!r}; expected several: terms=({terms.name},).")
    if isinstance(terms, str) or not hasattr(terms, "__iter__"):
        raise ValueError(f"terms = {terms!r}; expected some of cl.Term, such as cl.TERMS, or () for none.")
    terms = tuple(terms)
    wrong = [term for term in terms if not isinstance(term, Term)]
    if wrong:
        raise ValueError(f"terms has {wrong[0]!r}; expected cl.Term each, such as cl.TERMS, or () for none.")
    return terms


def _check_choose_every(every: Any) -> None:
    """A fraction is another way to say it elsewhere, and 1 would leave nothing to search in."""
    if isinstance(every, float) and 0 < every < 1:
        raise ValueError(
            f"choose_every = {every:g}; expected a whole number: choose_every={round(1 / every)} is every "
            f"{round(1 / every)}th session."
        )
    if checked_count(every, "choose_every", least=0) == 1:
        raise ValueError(
            "choose_every = 1 would hold every session out of the searches; expected 2 or more, or 0 for "
            "none."
        )
