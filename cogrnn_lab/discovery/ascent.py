"""How a penalty path makes its levels: a warm-up, then one price after the other until nothing varies."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cogrnn_lab.discovery.choice import is_out_of_reach
from cogrnn_lab.discovery.judge import CHOOSE, Judge
from cogrnn_lab.discovery.level import Level
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.discovery.schedule import GivenPrices, PriceLadder, Settling, WarmUp
from cogrnn_lab.discovery.together import Standing, Together
from cogrnn_lab.training import Penalties, Phase, Report

# A network without bottlenecks tells nothing any more where its centered logits vary by less than this.
FLAT_LOGITS = 0.05


@dataclass(frozen=True)
class PathReport:
    """State of a penalty path after a check of a level.

    Fields:
        level: Number of the level from 0; -1 for the warm-up.
        price: Its penalty, in multiples of the base penalties.
        steps: How many steps it has taken.
        loss: (seed,) in nats per choice: the penalized loss on the same training sessions; in a warm-up the
            loss of the choosing sessions.
        finished: The whole `Level` where it has ended, else None. A level that closed too much is done again
            at a lower price, under the same number.
        likelihood: {sessions: (seed,)} of a level that has ended: "train", "choose" and "report", as far as
            they were given.
    """

    level: int
    price: float
    steps: int
    loss: np.ndarray
    finished: Level | None = None
    likelihood: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Ascent:
    """Maker of the next level from the one before."""

    together: Together
    judge: Judge
    ladder: PriceLadder | GivenPrices
    base: Penalties
    names: tuple[str, ...]
    warm_up: WarmUp
    settling: Settling
    callbacks: tuple[Callable[[PathReport], None], ...]

    @property
    def kind(self) -> type:
        """The networks' class."""
        return type(self.together.models[0])

    def path(self, warm_up: Level, levels: tuple[Level, ...], settings: dict[str, Any]) -> Path:
        """The path so far, finished or not."""
        units = {name: pairing.units for name, pairing in self.judge.pairings.items()}
        next_price = self.ladder.price_after(levels[-1].price, settings["factor"]) if levels else 0.0
        ended = bool(levels) and (next_price is None or _tells_nothing(levels[-1]))
        return Path(warm_up, levels, units, self.names, settings, ended)

    def warmed_up(self) -> Level:
        """Train without noise and penalties for as long as the choosing sessions gain by it."""
        how, together = self.warm_up, self.together
        together.begin(Phase(how.most, noise=0.0, learning_rate=how.learning_rate, name="warm-up"))
        if CHOOSE not in self.judge.parts:
            reports = [together.advance(how.unwatched)] if how.unwatched else []
            return self._level(0.0, Penalties(), reports, True, -1)
        best = together.standing
        best_loss = self.judge.choosing_loss(best.models)
        reports, since = [], np.zeros(len(best_loss), int)
        for taken in range(how.check_every, how.most + 1, how.check_every):
            reports.append(together.advance(how.check_every))
            now = together.standing
            loss = self.judge.choosing_loss(now.models)
            better = loss < best_loss - how.tolerance
            best, best_loss = _better(best, now, better), np.where(better, loss, best_loss)
            since = np.where(better, 0, since + 1)
            self._tell(PathReport(-1, 0.0, taken, loss))
            if (since >= how.patience).all():
                break
        together.stand(best._replace(step=now.step, first_loss=now.first_loss))
        return self._level(0.0, Penalties(), reports, True, -1)

    def higher(self, path: Path) -> Path:
        """The path with one level more, or with a finer step where this one would have closed too much."""
        below = path.levels[-1] if path.levels else path.warm_up
        factor = path.settings["factor"]
        price = self.ladder.price_after(below.price, factor) if path.levels else self.ladder.first
        if price is None:
            return replace(path, finished=True)
        self.together.stand(below.standing)
        how = self.settling
        most = min(how.most, max(how.beyond, how.check_every)) if is_out_of_reach(path) else how.most
        level = self._settled(price, len(path.levels), most)
        finer = self.ladder.finer(factor)
        costs = self.judge.training_loss(level) - self.judge.training_loss(below)
        lost = below.n_latents - level.n_latents
        if path.levels and finer and self.ladder.closes_too_much(lost, costs):
            return replace(path, settings=path.settings | {"factor": finer})
        settings = path.settings | {"factor": self.ladder.step}
        return self.path(path.warm_up, (*path.levels, level), settings)

    def _settled(self, price: float, number: int, most: int) -> Level:
        """Train at this price until the penalized loss has settled, or for the most steps."""
        how, together = self.settling, self.together
        penalties = self.base.replace(**{name: price * self.base.as_dict()[name] for name in self.names})
        together.begin(Phase(most, penalties, learning_rate=how.learning_rate, name=f"price {price:.3g}"))
        reports, losses, is_settled = [], [], False
        for taken in range(how.check_every, most + 1, how.check_every):
            reports.append(together.advance(how.check_every))
            losses.append(together.penalized_losses())
            self._tell(PathReport(number, price, taken, losses[-1]))
            is_settled = bool(how.settled(losses).all())
            if is_settled:
                break
        for share in (3, 10) if how.cooling else ():
            together.set_learning_rate(how.learning_rate / share)
            reports.append(together.advance(how.cooling))
        return self._level(price, penalties, reports, is_settled, number)

    def _level(
        self, price: float, penalties: Penalties, reports: list[list[Report]], settled: bool, number: int
    ) -> Level:
        standing = self.together.standing
        findings = self.judge(standing.models)
        level = Level(
            price=price,
            penalties=penalties,
            models=standing.models,
            reports=tuple(zip(*reports, strict=True)) if reports else ((),) * len(standing.models),
            settled=settled,
            penalized_loss=self.together.penalized_losses(),
            first_loss=standing.first_loss,
            openness=findings.openness,
            bits=findings.bits,
            share=findings.share,
            logit_spread=findings.logit_spread,
            nll=findings.nll,
        )
        likelihood = {
            name: np.exp(-pairing.units.means(level.nll[name]))
            for name, pairing in self.judge.pairings.items()
        }
        self._tell(PathReport(number, price, level.n_steps, level.penalized_loss, level, likelihood))
        return level

    def _tell(self, report: PathReport) -> None:
        for callback in self.callbacks:
            callback(report)


def _better(best: Standing, now: Standing, better: np.ndarray) -> Standing:
    pairs = zip(best.models, now.models, better, strict=True)
    chosen = tuple(new if is_better else old for old, new, is_better in pairs)
    return Standing(chosen, now.step, now.first_loss)


def _tells_nothing(level: Level) -> bool:
    """Tell whether every network's choices are the same on every trial."""
    if np.isinf(level.bits).any():
        return bool((level.logit_spread < FLAT_LOGITS).all())
    return bool((level.n_latents == 0).all())
