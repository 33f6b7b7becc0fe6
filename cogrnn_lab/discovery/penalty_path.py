"""The penalty path of a network, in one call: a warm-up, then level after level of the price."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path as FilePath
from typing import Any

import jax
import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.judge import CHOOSE, REPORT, TRAIN, Judge, check_apart
from cogrnn_lab.discovery.level import Level
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.discovery.schedule import GivenPrices, PriceLadder, Settling, WarmUp
from cogrnn_lab.discovery.together import Standing, Together
from cogrnn_lab.models import Network
from cogrnn_lab.models.description import describe_model, started_anew
from cogrnn_lab.training import DEFAULT_PENALTIES, Penalties, Phase, Report
from cogrnn_lab.training.compatibility import check_model_fits, check_same_task

# Trials of a training step, about: so many sessions as have them.
TRIALS_PER_STEP = 8000
FEWEST_SESSIONS = 16

# A network without bottlenecks tells nothing any more where its centered logits vary by less than this.
FLAT_LOGITS = 0.05


@dataclass(frozen=True)
class PathReport:
    """Where a penalty path is, after a check of a level.

    `level` from 0 (-1: the warm-up), its `price` and the `steps` it has taken; (seed,) `loss`: the penalized
    loss on the same training sessions in nats per choice, in a warm-up the loss of the choosing sessions;
    `finished`, the whole `Level` where it has ended, else None.
    """

    level: int
    price: float
    steps: int
    loss: np.ndarray
    finished: Level | None = None


def penalty_path(
    model: Network,
    train: Dataset,
    choose: Dataset | None = None,
    report: Dataset | None = None,
    *,
    levels: PriceLadder | Sequence[float] | None = None,
    seeds: int = 1,
    base: Penalties = DEFAULT_PENALTIES,
    groups: Sequence[str] | None = None,
    warm_up: WarmUp = WarmUp(),  # noqa: B008 (frozen)
    settling: Settling = Settling(),  # noqa: B008
    batch_size: int | None = None,
    seed: int = 0,
    checkpoint: str | FilePath | None = None,
    callbacks: Sequence[Callable[[PathReport], None]] = (),
) -> Path:
    """Train a network at every price of information, each level beginning where the cheaper one ended.

    A warm-up without noise and penalties; then the penalties of `base`, times a price that grows in geometric
    steps until nothing varies any more. Nothing is compiled anew on the way. All seeds train together.

    **Arguments:**

    - `model`: an untrained network. Other seeds are made anew with its arguments.
    - `train`: the sessions trained on.
    - `choose`: sessions by which the warm-up ends and a level is chosen; `report`: sessions that neither saw.
    - `levels`: a `PriceLadder`, or prices of your own, ascending, in multiples of `base`.
    - `seeds`: how many networks; network i has the seed `seed` + i.
    - `groups`: the penalties that grow, by name; all bottleneck groups by default, `l2` of a network that has
        none. The others stay as they are in `base`.
    - `warm_up`, `settling`: when they end.
    - `batch_size`: sessions a step; by default as many as have about 8,000 trials, at least 16.
    - `checkpoint`: a file that is written after each level; where it exists, the path goes on from there, to
        the bit as if it had not been interrupted.
    - `callbacks`: functions called with a `PathReport` after every check of a level.

    **Returns:** a `Path`.

    **Raises:** `ValueError` where a choice is in two of the data sets, the data don't fit the network or have
    no choices, or the checkpoint is of another path.
    """
    parts = _checked_parts(model, train, choose, report)
    if isinstance(seeds, bool) or int(seeds) != seeds or seeds < 1:
        raise ValueError(f"seeds is {seeds!r}, expected how many networks to train, at least 1")
    names = _checked_groups(model, groups)
    ladder = _ladder(model, levels, int(train.mask[..., 0].sum()))
    if batch_size is None:
        batch_size = max(FEWEST_SESSIONS, round(TRIALS_PER_STEP / float(train.lengths.mean())))
    models = [model, *(started_anew(model, jax.random.key(seed + i)) for i in range(1, seeds))]
    settings = {
        "seed": seed,
        "seeds": seeds,
        "batch_size": batch_size,
        "base": base.as_dict(),
        "groups": list(names),
        "levels": {key: _plain(value) for key, value in asdict(ladder).items()},
        "warm_up": asdict(warm_up),
        "settling": asdict(settling),
        "model": describe_model(model),
        "data": {name: fingerprint(part) for name, part in parts.items()},
    }
    ascent = _Ascent(
        together=Together(models, train, seed=seed, batch_size=batch_size),
        judge=Judge(parts),
        ladder=ladder,
        base=base,
        names=names,
        warm_up=warm_up,
        settling=settling,
        callbacks=tuple(callbacks),
    )
    try:
        return _climb(ascent, settings, None if checkpoint is None else FilePath(checkpoint))
    finally:
        ascent.together.close()


def _ladder(
    model: Network, levels: PriceLadder | Sequence[float] | None, n_choices: int
) -> PriceLadder | GivenPrices:
    """The prices that were asked for, or those that fit network and data."""
    if levels is None:
        levels = PriceLadder() if model.groups else PriceLadder.for_weights()
    return levels.for_data(n_choices) if isinstance(levels, PriceLadder) else GivenPrices(tuple(levels))


def _climb(ascent: "_Ascent", settings: dict[str, Any], checkpoint: FilePath | None) -> Path:
    """Level after level, from the checkpoint where there is one."""
    path = _begun(checkpoint, settings, ascent.kind)
    if path is None:
        path = ascent.path(ascent.warmed_up(), (), settings | {"factor": ascent.ladder.step})
        _keep(path, checkpoint)
    while not path.finished:
        path = ascent.higher(path)
        _keep(path, checkpoint)
    return path


@dataclass(frozen=True)
class _Ascent:
    """What makes the next level from the one before."""

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
        level = self._settled(price, len(path.levels))
        finer = self.ladder.finer(factor)
        costs = self.judge.training_loss(level) - self.judge.training_loss(below)
        lost = below.n_latents - level.n_latents
        if path.levels and finer and self.ladder.closes_too_much(lost, costs):
            return replace(path, settings=path.settings | {"factor": finer})
        settings = path.settings | {"factor": self.ladder.step}
        return self.path(path.warm_up, (*path.levels, level), settings)

    def _settled(self, price: float, number: int) -> Level:
        """Train at this price until the penalized loss has settled."""
        how, together = self.settling, self.together
        penalties = self.base.replace(**{name: price * self.base.as_dict()[name] for name in self.names})
        together.begin(Phase(how.most, penalties, learning_rate=how.learning_rate, name=f"price {price:.3g}"))
        reports, losses, is_settled = [], [], False
        for taken in range(how.check_every, how.most + 1, how.check_every):
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
        self._tell(PathReport(number, price, level.n_steps, level.penalized_loss, level))
        return level

    def _tell(self, report: PathReport) -> None:
        for callback in self.callbacks:
            callback(report)


def _better(best: Standing, now: Standing, better: np.ndarray) -> Standing:
    pairs = zip(best.models, now.models, better, strict=True)
    chosen = tuple(new if is_better else old for old, new, is_better in pairs)
    return Standing(chosen, now.step, now.first_loss)


def _tells_nothing(level: Level) -> bool:
    """Whether every network's choices are the same on every trial."""
    if np.isinf(level.bits).any():
        return bool((level.logit_spread < FLAT_LOGITS).all())
    return bool((level.n_latents == 0).all())


def _keep(path: Path, checkpoint: FilePath | None) -> None:
    if checkpoint is not None:
        path.save(checkpoint)


def _begun(checkpoint: FilePath | None, settings: dict[str, Any], kind: type) -> Path | None:
    """What an earlier call has left in the checkpoint, if it is the same path."""
    if checkpoint is None or not checkpoint.exists():
        return None
    path = Path.load(checkpoint, kind=kind)
    differing = [name for name, value in settings.items() if path.settings.get(name) != _plain(value)]
    if differing:
        raise ValueError(
            f"{str(checkpoint)!r} holds a path with another {', '.join(differing)}; give the same "
            "arguments to go on with it, or another file for a new path"
        )
    return path


def _plain(value: Any) -> Any:
    """As JSON gives it back."""
    if isinstance(value, dict):
        return {key: _plain(own) for key, own in value.items()}
    return [_plain(own) for own in value] if isinstance(value, list | tuple) else value


def fingerprint(dataset: Dataset) -> str:
    """A short text that differs between data sets of different trials."""
    digest = hashlib.sha256()
    for array in (dataset.inputs, dataset.targets, dataset.mask, dataset.valid, dataset.subject):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _checked_parts(
    model: Network, train: Dataset, choose: Dataset | None, report: Dataset | None
) -> dict[str, Dataset]:
    given = {TRAIN: train, CHOOSE: choose, REPORT: report}
    parts = {name: part for name, part in given.items() if part is not None}
    for name, part in parts.items():
        if not isinstance(part, Dataset):
            raise TypeError(f"{name} is a {type(part).__name__}, expected a cogrnn_lab.Dataset")
        if not part.n_classes:
            raise ValueError(f"levels are judged by the likelihood of choices, but {name} has none")
        check_model_fits(model, part, f"data set {name}")
        check_same_task(train, part)
        if getattr(model, "n_subjects", None) is not None and part.subject_names != train.subject_names:
            raise ValueError(
                f"{name} counts subjects in another way than train ({part.subject_names[:3]} ... and "
                f"{train.subject_names[:3]} ...); split one data set, so that an index means one subject"
            )
    check_apart(parts)
    return parts


def _checked_groups(model: Network, groups: Sequence[str] | None) -> tuple[str, ...]:
    if groups is None:
        return model.groups or ("l2",)
    known = model.penalty_names
    chosen = (groups,) if isinstance(groups, str) else tuple(groups)
    if not chosen or not set(chosen) <= set(known):
        raise ValueError(f"groups are {chosen}, expected some of the network's penalties: {', '.join(known)}")
    return chosen
