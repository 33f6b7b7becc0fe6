"""Which level of a penalty path the data can tell from a better one, said in words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cogrnn_lab.counts import checked_count
from cogrnn_lab.discovery.judge import CHOOSE, REPORT
from cogrnn_lab.random_numbers import as_seed

if TYPE_CHECKING:
    from cogrnn_lab.discovery.path import Path

ONE_STANDARD_ERROR, BEST = "one standard error", "best"
# Standard errors below the best level from which on a level is not chosen any more, nor are dearer ones.
TOO_BAD = 4.0


@dataclass(frozen=True)
class Choosing:
    """Measures that a level was chosen by.

    All (level,). Of the mean over the networks of each level: `likelihood` of the choosing sessions;
    `difference` to the best level and its `standard_error`, in nats per choice. Of the network that
    represents each level: `n_latents` and `seeds`.
    """

    likelihood: np.ndarray
    difference: np.ndarray
    standard_error: np.ndarray
    n_latents: np.ndarray
    seeds: np.ndarray
    best: int


class ChosenLevel(int):
    """Number of the level that was chosen, which also tells how it was chosen.

    Fields:
        level: The number, from 0.
        seed: Which network represents the level, from 0.
        rule: How it was chosen.
        text: The choice in words, with its numbers.
        choosing: The likelihoods and differences behind it.
        by_networks: The level that networks alone choose, where equations have chosen this one; else None.
    """

    seed: int
    rule: str
    text: str
    choosing: Choosing
    by_networks: "ChosenLevel | None"

    def __new__(
        cls,
        level: int,
        *,
        seed: int,
        rule: str,
        text: str,
        choosing: Choosing,
        by_networks: "ChosenLevel | None" = None,
    ) -> "ChosenLevel":
        chosen = super().__new__(cls, level)
        chosen.seed, chosen.rule, chosen.text, chosen.choosing = seed, rule, text, choosing
        chosen.by_networks = by_networks
        return chosen

    def told(
        self, text: str, *, rule: str | None = None, by_networks: "ChosenLevel | None" = None
    ) -> "ChosenLevel":
        """Give the same level with another text.

        Arguments:
            text: The text.
            rule: Another rule.
            by_networks: The level that networks alone choose, where this is another.
        """
        return ChosenLevel(
            int(self), seed=self.seed, rule=rule or self.rule, text=text, choosing=self.choosing,
            by_networks=by_networks,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"ChosenLevel({int(self)}: {self.text})"

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        own = {name: getattr(self, name) for name in ("seed", "rule", "text", "choosing", "by_networks")}
        return (int(self),), own


def choose_level(path: "Path", rule: str, n_latents: int | None, seed: int) -> ChosenLevel:
    """See `Path.choose`."""
    check_rule(rule, n_latents)
    seed = as_seed(seed)
    if not path.levels:
        raise ValueError(
            "the path has no level yet, only its warm-up: it was interrupted there. Go on with it: "
            "cl.penalty_path(..., checkpoint=FILE) with the same arguments"
        )
    if CHOOSE not in path.units:
        raise ValueError(
            "the path was made without choosing sessions, so nothing can tell its levels apart; give them: "
            "cl.penalty_path(model, train, choose). They must be neither trained on nor reported"
        )
    choosing = _choosing(path, seed)
    if n_latents is not None:
        level, reason = _of_size(choosing, n_latents)
        rule = f"{n_latents} latents"
    elif rule == BEST:
        level, reason = choosing.best, "it has the highest likelihood of the sessions chosen by"
    else:
        level, reason = _simplest(path, choosing)
    text = _in_words(path, choosing, level, reason)
    return ChosenLevel(level, seed=int(choosing.seeds[level]), rule=rule, text=text, choosing=choosing)


def check_rule(rule: Any, n_latents: Any) -> None:
    """Refuse what is no rule, or no number of latents, before a path is trained for it."""
    if rule not in (ONE_STANDARD_ERROR, BEST):
        raise ValueError(f'rule is {rule!r}, expected "{ONE_STANDARD_ERROR}" or "{BEST}", or n_latents=2')
    if n_latents is not None:
        checked_count(n_latents, "n_latents", least=0, of="latents")
        if rule == BEST:
            raise ValueError(
                f'rule is "{BEST}" and n_latents {n_latents}: the best level, or the best of those with '
                f"{n_latents} latents? Leave one of them out"
            )


def _choosing(path: "Path", seed: int) -> Choosing:
    """Paired differences of the levels to the best of them, each the mean of its networks.

    One network may be lucky on the few sessions chosen by; what is to be told apart are prices.
    """
    units, seeds = path.units[CHOOSE], path.best_seeds
    if units.n < 2:
        raise ValueError(
            f"the choosing sessions are {units.name} of {units.n_choices.sum()} choices: no spread can be "
            "known from one; choose by more sessions, or by one of at least 100 choices"
        )
    nll = path.nll(CHOOSE).mean(1)
    means = units.means(nll)
    best = int(np.argmin(means))
    errors = [units.resampled_means(own - nll[best], seed).std() for own in nll]
    n_latents = np.array([n[s] for n, s in zip(path.n_latents, seeds, strict=True)])
    return Choosing(np.exp(-means), means[best] - means, np.array(errors), n_latents, seeds, best)


def is_out_of_reach(path: "Path") -> bool:
    """Tell whether the dearest level so far is too bad to be chosen, and so are dearer ones.

    In every network the sessions chosen by are predicted worse than at its best level, by more than
    `TOO_BAD` standard errors of the paired difference.
    """
    if CHOOSE not in path.units or len(path.levels) < 2:
        return False
    units, nll = path.units[CHOOSE], np.stack([level.nll[CHOOSE] for level in path.levels])
    if units.n < 2:
        return False
    best = nll[np.argmin(units.means(nll), axis=0), np.arange(path.n_seeds)]
    worse = nll[-1] - best
    errors = np.array([units.resampled_means(own).std() for own in worse])
    return bool((units.means(worse) > TOO_BAD * errors).all())


def _simplest(path: "Path", choosing: Choosing) -> tuple[int, str]:
    """The dearest level that is within one standard error of the best."""
    near = -choosing.difference <= choosing.standard_error
    level = int(np.flatnonzero(near).max())
    units, best = path.units[CHOOSE], choosing.best
    what = f"its likelihood of the {units.name} chosen by{_averaged(path)}"
    if level == best:
        return level, f"{what} is the highest, and no dearer level is within one standard error of it"
    reason = (
        f"it is the dearest of those whose likelihood of the {units.name} chosen by is within one standard "
        f"error of the best level's (level {best}, price {path.levels[best].price:.3g}, "
        f"{choosing.likelihood[best]:.4f}): it is "
        f"{choosing.likelihood[best] - choosing.likelihood[level]:.4f} "
        f"below, {-choosing.difference[level]:.4f} ± {choosing.standard_error[level]:.4f} nats per choice in "
        f"paired differences ({units.resampled_by} drawn anew)"
    )
    return level, reason


def _of_size(choosing: Choosing, n_latents: int) -> tuple[int, str]:
    """The best level with so many latents."""
    fitting = np.flatnonzero(choosing.n_latents == n_latents)
    if not len(fitting):
        there = ", ".join(map(str, sorted(set(choosing.n_latents.tolist()))))
        raise ValueError(
            f"no level's network has {n_latents} latents; there are levels with {there}. Finer steps of the "
            "price may find one: levels=cl.PriceLadder(step=1.5, finest=1.2)"
        )
    level = int(fitting[np.argmax(choosing.difference[fitting])])
    reason = f"it is the best of the {len(fitting)} levels with {n_latents} latents by the sessions chosen by"
    return level, reason


def _averaged(path: "Path") -> str:
    """What a likelihood of several networks is, in words."""
    return f" (the mean of {path.n_seeds} networks)" if path.n_seeds > 1 else ""


def _in_words(path: "Path", choosing: Choosing, level: int, reason: str) -> str:
    own = path.levels[level]
    n, total = choosing.n_latents[level], own.bits.shape[1]
    text = (
        f"Level {level} of 0 to {len(path.levels) - 1} (price {own.price:.3g}), because {reason}. "
        f"It has {n} of {total} latents that count; its likelihood of the sessions chosen by"
        f"{_averaged(path)} is {choosing.likelihood[level]:.4f}."
    )
    if REPORT in path.units:
        units, nll = path.units[REPORT], own.nll[REPORT][choosing.seeds[level]]
        low, high = units.likelihood_interval(nll)
        text += (
            f" On {units.name} that were neither trained on nor chosen by it is "
            f"{np.exp(-units.means(nll)):.4f} (95 % interval {low:.4f} to {high:.4f})."
        )
    if level == choosing.best == 0:
        text += (
            " It is the cheapest level of the path: a lower price may predict better still "
            f"(levels=cl.PriceLadder(first={own.price / 3:.2g})), by more latents."
        )
    elif n and level == choosing.best == len(path.levels) - 1:
        text += " It is the dearest level of the path: a higher price may do as well with fewer latents."
    if not own.settled:
        text += " The level had not settled when it ended; more steps may change it."
    return text
