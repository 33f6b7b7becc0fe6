"""The penalty path of a network, in one call: a warm-up, then level after level of the price."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path as FilePath
from typing import Any

import equinox as eqx
import jax

from cogrnn_lab.atomic_files import delete, told_if_impossible
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.ascent import Ascent, PathReport
from cogrnn_lab.discovery.judge import CHOOSE, REPORT, TRAIN, Judge, check_apart
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.discovery.schedule import GivenPrices, PriceLadder, Settling, WarmUp
from cogrnn_lab.discovery.together import Together
from cogrnn_lab.fingerprints import digest, fingerprint
from cogrnn_lab.models import Network
from cogrnn_lab.models.description import describe_model, started_anew
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.models.own_step import check_readout
from cogrnn_lab.random_numbers import as_seed
from cogrnn_lab.schemas import FileError
from cogrnn_lab.training import DEFAULT_PENALTIES, Penalties
from cogrnn_lab.training.archive import offered, previous_of
from cogrnn_lab.training.compatibility import check_model_fits, check_same_task

# Trials of a training step, about: so many sessions as have them.
TRIALS_PER_STEP = 4000
FEWEST_SESSIONS = 16


def penalty_path(
    model: Network | HoldsNetwork,
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
    """Train a network at every penalty on information, each level beginning where the one before ended.

    A warm-up without noise and penalties; then the penalties of `base`, times a price that grows in geometric
    steps until nothing varies any more. Nothing is compiled anew on the way. All seeds train together.

    Arguments:
        model: An untrained network, or a `Run` that has one. Those of other seeds are made anew with its
            arguments.
        train: Sessions trained on.
        choose: Sessions by which the warm-up ends and a level is chosen.
        report: Sessions that neither saw.
        levels: A `PriceLadder`, or prices of your own, ascending, in multiples of `base`.
        seeds: How many networks; network i has the seed `seed` + i.
        base: The penalties at price 1.
        groups: Names of the penalties that grow; by default all bottleneck groups, or `l2` of a network that
            has none. The others stay as they are in `base`.
        warm_up: When the warm-up ends.
        settling: When a level ends.
        batch_size: Sessions a step; by default as many as have about 4,000 trials, and at least 16.
        seed: Of the first network.
        checkpoint: A file that is written after each level. Where it exists, the path goes on from there, to
            the bit as if it had not been interrupted.
        callbacks: Functions called with a `PathReport` after every check of a level.

    Returns:
        A `Path`.

    Raises:
        ValueError: Where a choice is in two of the data sets, the data don't fit the network or have no
            choices, the base has no weight for a penalty that is to grow, or the checkpoint is of another
            path.
    """
    model = network_of(model)
    _check_kinds(base, warm_up, settling, callbacks)
    parts = _checked_parts(model, train, choose, report)
    check_readout(model)  # rules are compared in states that no trial has made; told before the training
    seeds, seed = checked_count(seeds, "seeds", of="networks"), as_seed(seed)
    models = _of_seeds(model, seeds, seed)
    names = _checked_groups(model, groups)
    _checked_base(base, names)
    ladder = _ladder(model, levels, int(train.mask[..., 0].sum()))
    if batch_size is None:
        batch_size = max(FEWEST_SESSIONS, round(TRIALS_PER_STEP / float(train.lengths.mean())))
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
        "weights": digest(*jax.tree.leaves(eqx.filter(model, eqx.is_array))),
        "data": {name: fingerprint(part) for name, part in parts.items()},
    }
    together = Together(models, train, seed=seed, batch_size=batch_size)
    ascent = Ascent(together, Judge(parts), ladder, base, names, warm_up, settling, tuple(callbacks))
    try:
        return _climb(ascent, settings, None if checkpoint is None else FilePath(checkpoint))
    finally:
        together.close()


def _of_seeds(model: Network, seeds: int, seed: int) -> list[Network]:
    """The network, and as many more that are made anew."""
    others: list[Any] = [started_anew(model, jax.random.key(seed + i)) for i in range(1, seeds)]
    return [model, *others]


def _ladder(
    model: Network, levels: PriceLadder | Sequence[float] | None, n_choices: int
) -> PriceLadder | GivenPrices:
    """The prices that were asked for, or those that fit network and data."""
    if levels is None:
        levels = PriceLadder() if model.groups else PriceLadder.for_weights()
    if isinstance(levels, PriceLadder):
        return levels.for_data(n_choices)
    if isinstance(levels, str) or not hasattr(levels, "__iter__"):
        raise ValueError(
            f"levels are {levels!r}, expected prices above 0 such as (0.1, 0.3, 1.0), or a cl.PriceLadder"
        )
    return GivenPrices(tuple(levels))


def _check_kinds(base: Any, warm_up: Any, settling: Any, callbacks: Any) -> None:
    """Refuse a number where an object of settings is meant, and one function in the place of several."""
    meant = {
        "base": (base, Penalties, "cl.Penalties(latent=1e-3)"),
        "warm_up": (warm_up, WarmUp, "cl.WarmUp(most=500)"),
        "settling": (settling, Settling, "cl.Settling(most=500)"),
    }
    for name, (given, kind, example) in meant.items():
        if not isinstance(given, kind):
            raise ValueError(f"{name} is {given!r}, expected such as {example}")
    if callable(callbacks):
        raise ValueError("callbacks is one function, expected several: callbacks=[function]")


def _climb(ascent: "Ascent", settings: dict[str, Any], checkpoint: FilePath | None) -> Path:
    """Level after level, from the checkpoint where there is one."""
    path = _begun(checkpoint, settings, ascent.kind)
    if path is None:
        path = ascent.path(ascent.warmed_up(), (), settings | {"factor": ascent.ladder.step})
        _keep(path, checkpoint)
    while not path.finished:
        path = ascent.higher(path)
        _keep(path, checkpoint)
    return path


def _keep(path: Path, checkpoint: FilePath | None) -> None:
    if checkpoint is not None:
        with told_if_impossible(checkpoint, "the path", "it goes on, and the next level tries again"):
            path.save(checkpoint, keep_previous=True)
            if path.finished:
                delete([previous_of(checkpoint)])


def _begun(checkpoint: FilePath | None, settings: dict[str, Any], kind: type) -> Path | None:
    """Load what an earlier call has left in the checkpoint, if it is the same path."""
    if checkpoint is None or not checkpoint.exists():
        return None
    try:
        path = Path.load(checkpoint, kind=kind)
    except FileError as error:
        tell = lambda before: f"{len(Path.load(before, kind=kind).levels)} levels"  # noqa: E731
        raise FileError(f"{error}{offered(checkpoint, tell)}") from error
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


def _checked_base(base: Penalties, names: tuple[str, ...]) -> None:
    """Refuse a base in which nothing can grow, or which does not know a penalty of a network of one's own."""
    without = [name for name in names if name not in base]
    if without or not any(base[name] for name in names):
        without = without or list(names)
        raise ValueError(
            f"the base has no weight for {', '.join(without)}, so that no price makes it grow; give its "
            f"weight at price 1, as base=cl.Penalties({without[0]}=1e-3)"
        )
