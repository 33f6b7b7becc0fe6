"""Equations as a graph: what moves what."""

from typing import NamedTuple

import numpy as np

from cogrnn_lab.analysis.choice_equations.parts.form import DRIVE
from cogrnn_lab.analysis.choice_equations.parts.terms import OTHER as NEXT_LATENT
from cogrnn_lab.analysis.choice_equations.parts.terms import PROBABILITY, PROBABILITY_OTHER, PROBABILITY_OWN
from cogrnn_lab.analysis.choice_equations.result import Equations
from cogrnn_lab.analysis.choice_equations.words.mechanisms import (
    CRITIC,
    NOTHING,
    OTHER,
    VALUE,
    Mechanism,
    Quantity,
    mechanisms,
)
from cogrnn_lab.analysis.choice_equations.words.naming import labels_of, titles
from cogrnn_lab.analysis.flow.graph import CHOICE, LATENT, MEMORY, OBSERVATION, Edge, Node
from cogrnn_lab.analysis.flow.strategies import CHOSEN, REWARD, input_roles
from cogrnn_lab.data import Dataset

UNKNOWN = float("nan")
NONE_KNOWN = "none of the classical models"


class EquationGraph(NamedTuple):
    """The fields of a `Wiring`."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    closed: tuple[str, ...]
    mechanism: str | None
    reason: str


def equation_graph(equations: Equations, dataset: Dataset) -> EquationGraph:
    """What moves what in equations; the mechanism is the one that they themselves tell.

    With two alternatives the values of both are nodes, as in a network; else one node stands for all.
    """
    structure, free = equations.fitted.structure, equations.fitted.free
    found = tuple(one for one in mechanisms(structure, free) if one.what != NOTHING)
    labels = labels_of(dataset, equations.data)
    called = titles(found, free)
    named = {(one.index, one.side): _names(one, called[one.index], labels.alternatives) for one in found}
    inputs = _inputs_by_role(dataset)
    edges: list[Edge] = []
    for one in found:
        for name in named[one.index, one.side]:
            edges += _into(one, name, found, named, inputs)
            if (
                one.what != CRITIC
            ):  # the same of all alternatives, so that their difference knows nothing of it
                edges.append(Edge(name, CHOICE, CHOICE, UNKNOWN, ""))
    drives = structure.form.split(equations.fitted.vector)[DRIVE]
    edges += [
        Edge(name, CHOICE, OBSERVATION, UNKNOWN, "")
        for i, name in enumerate(equations.data.input_names)
        if np.any(drives[:, i] != 0)
    ]
    edges = list(dict.fromkeys(edges))
    sources = {edge.source for edge in edges}
    observed = list(dict.fromkeys([*dataset.input_names, *sum(inputs.values(), ())]))
    nodes = [Node(n, OBSERVATION, UNKNOWN, i) for i, n in enumerate(observed) if n in sources]
    latent_names = list(dict.fromkeys(name for names in named.values() for name in names))
    nodes += [Node(name, LATENT, UNKNOWN, i) for i, name in enumerate(latent_names)]
    nodes.append(Node(CHOICE, CHOICE, UNKNOWN, -1))
    closed = tuple(name for name in dataset.input_names if name not in sources)
    known = None if equations.mechanism == NONE_KNOWN else equations.mechanism
    reason = (
        f"The equations are those of {known}."
        if known
        else "The equations are none of the strategies that are known here."
    )
    return EquationGraph(tuple(nodes), tuple(edges), closed, known, reason)


def _names(one: Mechanism, title: str, alternatives: tuple[str, ...]) -> tuple[str, ...]:
    if one.side >= 0:
        return (f"{title} of {alternatives[one.side]}",)
    if one.what in (VALUE, OTHER) and len(alternatives) == 2:
        return tuple(f"{title} of {name}" for name in alternatives)
    return (title,)


def _into(
    one: Mechanism,
    name: str,
    found: tuple[Mechanism, ...],
    named: dict[tuple[int, int], tuple[str, ...]],
    inputs: dict[str, tuple[str, ...]],
) -> list[Edge]:
    rows = [one.rates, one.targets, *((one.slopes,) if one.slopes else ()), *one.further.values()]
    edges = []
    if any(_differs(row, len(row) // 2) for row in rows):
        edges += [Edge(source, name, OBSERVATION, UNKNOWN, "±") for source in inputs[CHOSEN]]
    pays = any(not own.is_fixed(0.0) for own in one.slopes) or (
        not one.slopes and any(_differs(row, 1) for row in rows)
    )
    if pays:
        edges += [Edge(source, name, OBSERVATION, UNKNOWN, _reward_sign(one)) for source in inputs[REWARD]]
    if any(not rate.is_fixed(1.0) for rate in one.rates):
        edges.append(Edge(name, name, MEMORY, UNKNOWN, "+"))
    for other in _read_by_terms(one, found):
        edges += [
            Edge(source, name, LATENT, UNKNOWN, "")
            for source in named[other.index, other.side]
            if source != name
        ]
    return edges


def _differs(row: tuple[Quantity, ...], apart: int) -> bool:
    """Whether numbers so far apart in a row of relations are not the same: rewards are 1 apart in pairs."""
    pairs = range(len(row) // 2) if apart > 1 or len(row) == 2 else range(0, len(row), 2)
    return any(not row[i].same(row[i + apart]) for i in pairs)


def _reward_sign(one: Mechanism) -> str:
    if one.slopes:
        ways = {np.sign(own.value) for own in one.slopes if own.value}
    else:
        pairs = zip(one.targets[::2], one.targets[1::2], strict=True)
        ways = {np.sign(won.value - lost.value) for lost, won in pairs} - {0.0}
    return "±" if len(ways) > 1 else "+" if ways == {1.0} else "-" if ways == {-1.0} else ""


def _read_by_terms(one: Mechanism, found: tuple[Mechanism, ...]) -> list[Mechanism]:
    """Latents of which the further terms of an update know: the next one, or by the probability all."""
    indices = sorted({other.index for other in found})
    following = indices[(indices.index(one.index) + 1) % len(indices)]
    read = []
    for term in one.further:
        if term == PROBABILITY_OWN.name or term == PROBABILITY.name:
            read += [other for other in found if other.what != CRITIC]
        elif term == NEXT_LATENT.name:
            read += [other for other in found if other.index == following]
        elif term == PROBABILITY_OTHER.name:
            read += [other for other in found if other.what != CRITIC or other.index == following]
        else:
            read += list(found)  # a term of the user's own, of which nothing is known
    return read


def _inputs_by_role(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    roles = dict(zip(dataset.input_names, input_roles(dataset), strict=True))
    return {
        role: tuple(name for name, own in roles.items() if role in own) or (role,)
        for role in (CHOSEN, REWARD)
    }
