"""From a discovery to equations: the networks that searches begin from, and where there are none, why."""

from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.analysis import TERMS, Equations, EquationsBySubject, Term, equations, load_equations
from cogrnn_lab.analysis.choice_equations.equations import joined
from cogrnn_lab.analysis.choice_equations.parts.trials import recorded
from cogrnn_lab.discovery.choice import ChosenLevel
from cogrnn_lab.discovery.course.finished import Finished, key_of, key_of_parts
from cogrnn_lab.discovery.course.progress import EQUATIONS, DiscoveryProgress, Watcher
from cogrnn_lab.discovery.judge import CHOOSE
from cogrnn_lab.discovery.parts import Parts
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.models import Network
from cogrnn_lab.schemas import LARGEST, Flag, ListOf, Maybe, Number, Record, Text, Whole

# Latents that equations are read from at most.
MOST_LATENTS = 4
# Networks of the chosen level that searches begin from.
MOST_SEEDS = 2
# What `searched_to_json` writes.
SEARCHED = Record(
    {},
    {
        "n_latents": ListOf(Whole()),
        "n_starts": Whole(),
        "terms": ListOf(Text()),
        "choose_every": Maybe(Whole()),
        "level": Number(),
        "seed": Whole(most=LARGEST),
        "rivals": Flag(),
        "n_threads": Whole(),
    },
    closed=True,
)


def starting_networks(path: Path, level: ChosenLevel) -> dict[str, Network]:
    """Networks by name that searches for equations begin from.

    Those of the chosen level with the lowest penalized loss, then for each other number of latents the level
    that predicts the choosing sessions best.
    """
    chosen = path.levels[level]
    order = [level.seed, *(int(s) for s in np.argsort(chosen.penalized_loss) if s != level.seed)]
    wanted = [(int(level), seed) for seed in order[:MOST_SEEDS]]
    counts = [int(own.n_latents[own.best_seed]) for own in path.levels]
    loss = [path.units[CHOOSE].means(own.nll[CHOOSE][own.best_seed]) for own in path.levels]
    for n in range(1, MOST_LATENTS + 1):
        if n != int(chosen.n_latents[level.seed]) and n in counts:
            best = min((i for i, count in enumerate(counts) if count == n), key=lambda i: loss[i])
            wanted.append((best, path.levels[best].best_seed))
    return {
        f"the {type(model).__name__} of level {i}, seed {seed} ({n} latent{'s' if n != 1 else ''})": model
        for i, seed in wanted
        for model, n in [(path.levels[i].models[seed], int(path.levels[i].n_latents[seed]))]
    }


def explained(
    path: Path,
    level: ChosenLevel,
    parts: Parts,
    settings: Mapping[str, Any],
    finished: Finished,
    watch: Watcher | None = None,
) -> tuple[Equations | None, str]:
    """Equations that explain the choices trained on and chosen by, or None and a sentence that says why.

    Reported sessions have no say in them.
    """
    try:
        recorded(parts.train)
    except ValueError as error:
        return None, f"There are no equations: {error}"
    networks = starting_networks(path, level)
    weights = [np.asarray(a) for a in jax.tree.leaves(eqx.filter(list(networks.values()), eqx.is_array))]
    told = [f"{name}={_text(value)}" for name, value in sorted(settings.items())]
    file = finished.file("equations", key_of(key_of_parts(parts), *networks, *weights, *told))
    if any(term not in TERMS for term in settings.get("terms", ())):
        file = None  # a term of the user's own may do another thing under the same name by then
    tell = watch or (lambda progress: None)
    if file is not None and file.exists():
        found = load_equations(file)
        tell(_told(found))
        return found, ""
    if watch is not None:
        watch(DiscoveryProgress(EQUATIONS, f"searching from {len(networks)} networks and random starts"))
        settings = {"report": lambda text: watch(DiscoveryProgress(EQUATIONS, text)), **settings}
    found = equations(networks, parts.train, choose=parts.choose, **settings)
    if file is not None:
        found.save(file)
    tell(_told(found))
    return found, ""


def _told(found: Equations) -> DiscoveryProgress:
    return DiscoveryProgress(EQUATIONS, found.text.partition("\n")[0], is_done=True, equations=found)


def of_subjects(found: Equations, parts: Parts) -> EquationsBySubject | None:
    """The numbers of each subject by what is trained on and chosen by; None where nothing can differ."""
    seen = joined(parts.train, parts.choose)
    if found.complexity == 0 or len(seen.subjects) < 2:
        return None
    return found.by_subject(seen)


def searched_to_json(search: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a search as JSON takes them: terms by their names, and not where it was reported to."""
    kept = {name: value for name, value in search.items() if name != "report"}
    plain = {"n_latents": lambda sizes: [int(n) for n in sizes], "terms": lambda own: [t.name for t in own]}
    kept = {name: plain[name](value) if name in plain else value for name, value in kept.items()}
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in kept.items()}


def searched_from_json(kept: Mapping[str, Any] | None, terms: Sequence[Term]) -> dict[str, Any] | None:
    """Settings that `searched_to_json` has made, with these terms and those of the package by name."""
    if kept is None:
        return None
    found = {name: tuple(value) if name == "n_latents" else value for name, value in kept.items()}
    if "terms" not in kept:
        return found
    known = {term.name: term for term in (*TERMS, *terms)}
    missing = [name for name in kept["terms"] if name not in known]
    if missing:
        raise ValueError(
            f"equations were searched with a term {missing[0]!r} of your own; give it: "
            "cl.load_discovery(folder, terms=(*cl.TERMS, yours))"
        )
    return {**found, "terms": tuple(known[name] for name in kept["terms"])}


def _text(value: Any) -> str:
    """A setting as text, the same in every process: terms by their names."""
    if isinstance(value, (list, tuple)):
        return str([getattr(one, "name", one) for one in value])
    return str(value)
