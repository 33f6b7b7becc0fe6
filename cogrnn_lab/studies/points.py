"""Points of a study: all settings on which one run depends, and the network and training they stand for."""

import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

import jax

from cogrnn_lab.counts import is_number
from cogrnn_lab.data import Dataset
from cogrnn_lab.models.description import KINDS
from cogrnn_lab.schemas import MapOf, Plain
from cogrnn_lab.training import DEFAULT_RECIPE, Penalties, Phase, warm_up_then_penalized
from cogrnn_lab.training.penalties import NAMES

Point = dict[str, Any]
POINT = MapOf(Plain())  # what a file has of one
# What the data say of a network, and what the seed does.
BY_DATA = ("self", "key", "n_inputs", "n_outputs", "n_subjects", "n_signals", "subject_names")
RATE, PENALTY = "learning_rate", "penalty_"
TRAINING = {
    RATE if field.name == "rate" else field.name: getattr(DEFAULT_RECIPE, field.name)
    for field in fields(DEFAULT_RECIPE)
    if field.name != "penalties"
} | {"price": 1.0}


def network_settings(kind: type) -> dict[str, Any]:
    """Constructor arguments that a study may set, with their defaults (`inspect.Parameter.empty`)."""
    parameters = inspect.signature(kind.__init__).parameters.values()
    return {p.name: p.default for p in parameters if p.name not in BY_DATA and p.kind is not p.VAR_KEYWORD}


def kind_of(given: Any, own: Mapping[str, type] = {}) -> type:
    """Find the class of a network by its name, or take it as it is.

    Raises:
        ValueError: There is none of that name.
    """
    if isinstance(given, type):
        return given
    known = KINDS | dict(own)
    if given not in known:
        raise ValueError(
            f"network is {given!r}; expected a class, or the name of one: {', '.join(known)}"
            f"{_near(given, known)}"
        )
    return known[given]


def completed(given: Mapping[str, Any], kind: type) -> Point:
    """Give a point with every setting, those left out by their defaults, so that its name tells of all.

    Raises:
        ValueError: A setting is not known, one that the network needs is missing, or True stands for a
            number or a number for True.
    """
    sizes = network_settings(kind)
    known = [*sizes, *TRAINING, "network", "dataset", "seed", *(f"{PENALTY}{name}" for name in NAMES)]
    for name in given:
        own_penalty = name.startswith(PENALTY) and kind.__name__ not in KINDS
        if name not in known and name != "fold" and not own_penalty:
            raise ValueError(
                f"{name} is no setting of a study of {kind.__name__}{_near(name, known)}; known are "
                f"{', '.join([*sizes, *TRAINING])}, seed, dataset, network, and penalty_<name>"
            )
    lacking = [n for n, value in sizes.items() if value is inspect.Parameter.empty and n not in given]
    if lacking:
        raise ValueError(
            f"a {kind.__name__} needs {', '.join(lacking)}; give it in the space, as {lacking[0]}=[4]"
        )
    defaults = {"seed": 0, "fold": None} | TRAINING | sizes
    kinds = {p.name: p.annotation for p in inspect.signature(kind.__init__).parameters.values()}
    return defaults | {
        name: _as_one(name, value, defaults.get(name), kinds.get(name)) for name, value in given.items()
    }


def _as_one(name: str, value: Any, default: Any, annotation: Any) -> Any:
    """Write equal numbers in one way, so that 1 and 1.0 are one run: as floats where the setting is one."""
    if isinstance(value, bool) and _is_number_setting(name, default):
        raise ValueError(f"{name} is {value!r}, expected a number")
    if isinstance(default, bool) and is_number(value):
        raise ValueError(f"{name} is {value!r}, expected True or False")
    if not is_number(value):
        return value
    told = str(getattr(annotation, "__name__", annotation))
    is_real = isinstance(default, float) or name.startswith(PENALTY) or told.split(" |")[0] == "float"
    if is_real:
        return float(value)
    return int(value) if float(value).is_integer() else float(value)


def _is_number_setting(name: str, default: Any) -> bool:
    return (is_number(default) and not isinstance(default, bool)) or name.startswith(PENALTY)


def name_of(point: Point) -> str:
    """A short name that differs where a setting does."""
    text = json.dumps(point, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def untrained(point: Point, kind: type, dataset: Dataset) -> Any:
    """Make the network of a point for these data."""
    accepted = inspect.signature(kind.__init__).parameters
    n_signals = dataset.n_targets - (1 if dataset.n_classes else 0)
    by_data: dict[str, Any] = {
        "n_inputs": dataset.n_inputs,
        "n_outputs": (dataset.n_classes or 0) + (0 if "n_signals" in accepted else n_signals),
        "n_subjects": len(dataset.subject_names),
        "n_signals": n_signals,
    }
    arguments = {name: value for name, value in by_data.items() if name in accepted}
    arguments |= {name: point[name] for name in network_settings(kind) if name in point}
    return kind(**arguments, key=jax.random.key(point["seed"]))


def phases(point: Point, model: Any, base: Penalties) -> Sequence[Phase]:
    """Give the phases of a point: its penalties are `price` times those of the base, or those of its own.

    Raises:
        ValueError: The network does not have a penalty that the point gives.
    """
    own = {name[len(PENALTY) :]: value for name, value in point.items() if name.startswith(PENALTY)}
    strangers = [name for name in own if name not in model.penalty_names]
    if strangers:
        raise ValueError(
            f"penalty_{strangers[0]} would have no effect: a {type(model).__name__} has only "
            f"{', '.join(model.penalty_names)}"
        )
    weights = {name: base[name] for name in model.penalty_names if name in base} | own
    penalties = point["price"] * Penalties(**weights)
    warm_up, steps = point["warm_up"], point["steps"]
    if model.groups:
        rates = {"warm_up_rate": point["warm_up_rate"], "rate": point[RATE]}
        return warm_up_then_penalized(warm_up, steps, penalties, point["noise"], **rates)
    return (Phase(warm_up + steps, penalties, point["noise"], point[RATE], "training"),)


def complete_space(space: Mapping[str, Any], network: Any, work: Any) -> dict[str, Any]:
    """Give a space with its networks (by name), its data sets, and its folds.

    Arguments:
        space: The space; a class in it is noted in `work.networks`.
        network: Networks where it has none.
        work: What all runs have in common.

    Raises:
        ValueError: It has folds, or a network or a data set that is not known.
    """
    if "fold" in space:
        raise ValueError("fold is no setting: Study(..., folds=4) trains every setting in each of 4 folds")
    found = {"network": [network], "dataset": list(work.data)} | dict(space)
    if not isinstance(found["network"], list):
        raise ValueError("network has a range; expected classes of networks, or their names, in a list")
    found["network"] = [_named(given, work.networks) for given in found["network"]]
    unknown = [name for name in found["dataset"] if name not in work.data]
    if unknown:
        raise ValueError(
            f"there is no data set {unknown[0]!r}; there are {', '.join(work.data)}"
            f"{_near(unknown[0], work.data)}"
        )
    return found if work.folds is None else found | {"fold": list(range(work.folds))}


def check_points(points: Sequence[Point], work: Any) -> None:
    """Refuse what no run of the study could do, as far as it shows before the first is trained.

    Raises:
        ValueError: A data set can't be split as it is to be, or a penalty has no effect.
    """
    parts: dict[tuple[Any, Any], Any] = {}
    seen: set[str] = set()
    for point in points:
        of = point["dataset"], point["fold"]
        if of not in parts:
            parts[of] = work.parts(point)
        told = repr({k: v for k, v in point.items() if k not in ("seed", "fold", "price", "steps")})
        if any(name.startswith(PENALTY) for name in point) and told not in seen:
            phases(point, untrained(point, kind_of(point["network"], work.networks), parts[of][0]), work.base)
        seen.add(told)


def _named(network: Any, own: dict[str, type]) -> str:
    """The name of a network; a class of the user's own is noted by its whole name."""
    kind = kind_of(network, own)
    if KINDS.get(kind.__name__) is kind:
        return kind.__name__
    name = f"{kind.__module__}.{kind.__qualname__}"
    own[name] = kind
    return name


def _near(name: Any, known: Any) -> str:
    by_letters = {str(one).lower(): one for one in known}  # GRU may be meant by Gru
    near = [by_letters[one] for one in get_close_matches(str(name).lower(), list(by_letters), 1)]
    return f" (did you mean {near[0]}?)" if near else ""
