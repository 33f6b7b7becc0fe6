"""Known strategies, told by their wiring and by how their latents move.

A strategy has a graph: what its latents read of the previous choice and reward and of each other, and which
of them reach the choice. Several have the same graph; the moves of the latents tell them apart. Rules of the
learners: Sutton & Barto, "Reinforcement learning", 2018, ch. 2 and 13; forgetting: Ito & Doya, J. Neurosci.
2009; win-stay lose-shift and perseveration: Wilson & Collins, eLife 2019.
"""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np

from cogrnn_lab.analysis.flow.conditions import previous_choices_and_wins
from cogrnn_lab.analysis.flow.coordinates import unmixed
from cogrnn_lab.analysis.flow.graph import CHOICE, MEMORY, OBSERVATION, SUBJECT, Edge
from cogrnn_lab.analysis.flow.moves import Moves
from cogrnn_lab.analysis.flow.probing import Probed, evenly_spaced
from cogrnn_lab.data import Dataset

# What an input tells; an input of neither is known by its own name, and no strategy here reads it.
CHOSEN, REWARD, OUT = "previous choice", "previous reward", "choice"
FADING = "perseveration by a fading trace of choices"
LITTLE = 0.1  # part of a coordinate, beside the largest, up to which a latent is not told
FEW = 64  # different rewards up to which each is a group of trials of its own

Graph = frozenset[tuple[Any, Any]]


class Recognized(NamedTuple):
    """Name of the strategy, None where it is none of them, and a sentence about why."""

    name: str | None
    reason: str


class Strategy(NamedTuple):
    """Strategies of one graph, whose latents are 0 and 1; `told` names the one by moves, None where none."""

    title: str
    graph: Graph
    n_latents: int
    told: Callable[[Moves, tuple[int, ...]], tuple[str, str] | None]


def _graph(*edges: tuple[Any, Any]) -> Graph:
    return frozenset(edges)


def _learner(latent: int) -> tuple[tuple[Any, Any], ...]:
    return ((CHOSEN, latent), (REWARD, latent), (latent, latent), (latent, OUT))


_LAST_CHOICE = _graph((CHOSEN, 0), (0, OUT))
_TRACE = _LAST_CHOICE | {(0, 0)}
_CRITIC = ((REWARD, 0), (0, 0), (0, 1), (CHOSEN, 1), (REWARD, 1), (1, 1), (1, OUT))


def _perseverates(moves: Moves, latents: tuple[int, ...]) -> tuple[str, str] | None:
    way = moves.repeats(latents[0])
    if not way:
        return None
    does = "repeats" if way > 0 else "avoids"
    if moves.remembers(latents[0]):
        return FADING, f"{{0}} is a trace of choices and {does} them"
    return "perseveration on the last choice", f"{{0}} is the last choice and {does} it"


def _wins_stay(moves: Moves, latents: tuple[int, ...]) -> tuple[str, str] | None:
    if moves.remembers(latents[0]) or not moves.mirrors_wins(latents[0]):
        return None
    return "win-stay lose-shift", "{0} is the last choice after a win, and the other one after a loss"


def _learns_alone(moves: Moves, latents: tuple[int, ...]) -> tuple[str, str] | None:
    if (found := _wins_stay(moves, latents)) is not None:  # a memory that is drawn, and is next to nothing
        return found
    if moves.follows_policy_gradient(latents[0]):
        return (
            "policy gradient",
            "{0} is a preference, which the outcome moves the more the less likely the choice was",
        )
    found = moves.difference(latents[0])
    if found is None:
        return None
    rates = "separate rates for gains and losses" if found.separate else "one rate"
    said = f"{{0}} is the difference of two values, which learn from the outcome and fade by {rates}"
    name = f"forgetting Q-learning with {rates}"
    if found.traces:
        return f"{name} with {FADING}", f"{said}; it favors what was chosen even without a reward"
    return name, said


def _values(moves: Moves, latents: tuple[int, ...]) -> tuple[str, str] | None:
    found = [moves.value_of(latent) for latent in latents]
    if {one.alternative for one in found if one is not None} != {0, 1}:
        return None
    said = " and ".join(
        f"{{{i}}} is the value of {{class{one.alternative}}}"
        for i, one in enumerate(found)
        if one is not None
    )
    separate = all(one is not None and one.separate for one in found)
    suffix = " with separate rates for gains and losses" if separate else ""
    if all(one is not None and one.stays for one in found):
        return f"Q-learning{suffix}", f"{said}, each moves when it is chosen and stays when it is not"
    if all(one is not None and one.fades for one in found):
        same = " with one rate" if all(one is not None and one.one_rate for one in found) else ""
        return f"forgetting Q-learning{same}{suffix}", f"{said}, each fades when it is not chosen"
    return None


def _actor_critic(moves: Moves, latents: tuple[int, ...]) -> tuple[str, str] | None:
    if not moves.is_actor_critic(*latents):
        return None
    return (
        "an actor-critic",
        "{0} expects the reward, whatever was chosen, and {1} favors what paid more than expected",
    )


STRATEGIES = (
    Strategy("perseveration on the last choice", _LAST_CHOICE, 1, _perseverates),
    Strategy("perseveration by a trace of choices", _TRACE, 1, _perseverates),
    Strategy("win-stay lose-shift", _graph((CHOSEN, 0), (REWARD, 0), (0, OUT)), 1, _wins_stay),
    Strategy("policy gradient, or forgetting by one rate", _graph(*_learner(0)), 1, _learns_alone),
    Strategy("Q-learning, forgetting or not", _graph(*_learner(0), *_learner(1)), 2, _values),
    Strategy("an actor-critic", _graph(*_CRITIC), 2, _actor_critic),
)


def recognized_strategy(
    edges: Sequence[Edge],
    latents: dict[str, int],
    inputs: Sequence[str],
    answers: Probed,
    turn: np.ndarray,
    dataset: Dataset,
) -> Recognized:
    """Find the strategy whose wiring and moves a network has.

    Arguments:
        edges: Of the wiring.
        latents: Index of each latent that counts, by name.
        inputs: Names of the inputs.
        answers: How the network moves.
        turn: (latent,) sign by which each is turned to favor the last alternative.
        dataset: Sessions, as the network knows them.
    """
    if dataset.n_classes != 2:
        n = dataset.n_classes or 0
        return Recognized(None, f"Strategies are recognized between two alternatives; these data have {n}.")
    if answers.outcomes is None:
        return Recognized(
            None,
            "Strategies are recognized where each alternative was chosen both with and without reward; these "
            "data do not tell that.",
        )
    if not latents:
        return Recognized(None, "No latent carries anything that varies from trial to trial.")
    if any(edge.kind == SUBJECT for edge in edges):
        # The rules of the mean subject stand for those of all, which differ in numbers.
        edges = [edge for edge in edges if edge.kind != SUBJECT]
    graph = _roles_graph(edges, latents, dict(zip(inputs, input_roles(dataset), strict=True)))
    names = {index: name for name, index in latents.items()}
    classes = {f"class{i}": str(name) for i, name in enumerate(dataset.class_names or ("0", "1"))}
    moves = Moves.of(answers, turn)
    found = _recognized(graph, list(latents.values()), moves, names, classes)
    # coordinates are made of how it moves after choices and rewards: another input would be left out of them
    if found.name is None and len(latents) > 1 and not _odd_inputs(graph):
        other = _in_other_coordinates(answers, names, classes)
        return found if other is None else other
    return found


def _recognized(
    graph: Graph, latents: list[int], moves: Moves, names: dict[int, str], classes: dict[str, str]
) -> Recognized:
    beside, rest = _beside(graph, moves, latents)
    known, said = _told(_within(graph, rest), rest, moves, names, classes)
    if known is None:
        return Recognized(None, said)
    if beside is not None:
        which, latent = beside
        return Recognized(f"{known} with {which}", f"{said}; {names[latent]} adds {which}.")
    return Recognized(known, f"{said}.")


def _in_other_coordinates(
    answers: Probed, names: dict[int, str], classes: dict[str, str]
) -> Recognized | None:
    """The strategy of a network that keeps mixes of its quantities; None where it is none of them."""
    latents = list(names)
    found = unmixed(answers, latents)
    if found is None:
        return None
    own = {
        i: _of_latents(share, [names[latent] for latent in latents]) for i, share in enumerate(found.shares)
    }
    places = list(own)
    told = _recognized(_graph_of(found.moves), places, found.moves, own, classes)
    return None if told.name is None else told


def _of_latents(shares: np.ndarray, names: list[str]) -> str:
    """What a coordinate is called: the latents that are more than a little of it, the largest first."""
    told = [names[i] for i in np.argsort(-shares) if shares[i] > LITTLE]
    return told[0] if len(told) == 1 else f"a mix of {', '.join(told[:-1])} and {told[-1]}"


def _graph_of(moves: Moves) -> Graph:
    """The wiring of coordinates that do not move each other, and all reach the choice."""
    graph: set[tuple[Any, Any]] = set()
    for i in range(moves.before.shape[1]):
        reads = {CHOSEN: moves.hears_choices(i), REWARD: moves.hears_rewards(i), i: moves.remembers(i)}
        graph |= {(source, i) for source, is_read in reads.items() if is_read} | {(i, OUT)}
    return frozenset(graph)


def _told(
    graph: Graph, latents: list[int], moves: Moves, names: dict[int, str], classes: dict[str, str]
) -> tuple[str | None, str]:
    alike = []
    for strategy in STRATEGIES:
        for order in permutations(latents) if len(latents) == strategy.n_latents else ():
            place = {latent: i for i, latent in enumerate(order)}
            if _renamed(graph, place) != strategy.graph:
                continue
            alike.append(strategy.title)
            found = strategy.told(moves, order)
            if found is not None:
                return found[0], found[1].format(*(names[i] for i in order), **classes)
    if alike:
        return None, f"Wired as {alike[0]}, but its latents move otherwise."
    return None, _unlike(graph, latents, names)


def _odd_inputs(graph: Graph) -> list[str]:
    """Inputs that no strategy reads."""
    return sorted({str(a) for a, _ in graph if isinstance(a, str) and a not in (CHOSEN, REWARD)})


def _unlike(graph: Graph, latents: list[int], names: dict[int, str]) -> str:
    odd = _odd_inputs(graph)
    if odd:
        return f"No strategy that is known here reads {', '.join(odd)}."
    if len(latents) > 2:
        return f"No strategy that is known here has {len(latents)} latents wired like these."
    crossed = [f"{names[a]} moves {names[b]}" for a, b in sorted(graph, key=str) if _is_crossed(a, b)]
    why = f": {', '.join(crossed)}" if crossed else ""
    return f"No strategy that is known here is wired like this{why}."


def _is_crossed(source: Any, target: Any) -> bool:
    return not isinstance(source, str) and not isinstance(target, str) and source != target


def _beside(graph: Graph, moves: Moves, latents: list[int]) -> tuple[tuple[str, int] | None, list[int]]:
    """A latent of the last choice, or a trace of choices, beside others: its name and index, and the rest."""
    if len(latents) < 2:
        return None, latents
    for latent in latents:
        own = _renamed(_within(graph, [latent]), {latent: 0})
        alone = not any(latent in edge and _is_crossed(*edge) for edge in graph)
        if alone and own in (_LAST_CHOICE, _TRACE):
            found = _perseverates(moves, (latent,))
            if found is not None:
                return (found[0], latent), [other for other in latents if other != latent]
    return None, latents


def _within(graph: Graph, latents: list[int]) -> Graph:
    """Edges of these latents."""
    return frozenset(e for e in graph if all(isinstance(end, str) or end in latents for end in e))


def _renamed(graph: Graph, place: dict[int, int]) -> Graph:
    return frozenset((place.get(a, a), place.get(b, b)) for a, b in graph)


def _roles_graph(edges: Sequence[Edge], latents: dict[str, int], roles: dict[str, frozenset[str]]) -> Graph:
    """The wiring with inputs by what they tell, and latents by their index."""
    graph: set[tuple[Any, Any]] = set()
    for edge in edges:
        if edge.kind == OBSERVATION:
            graph |= {(role, latents[edge.target]) for role in roles[edge.source]}
        elif edge.kind == CHOICE:
            graph.add((latents[edge.source], OUT))
        elif edge.kind == MEMORY or edge.target in latents:
            graph.add((latents[edge.source], latents[edge.target]))
    return frozenset(graph)


def input_roles(dataset: Dataset) -> list[frozenset[str]]:
    """What each input tells: the previous choice, the previous reward, both; else its own name."""
    choice, _ = previous_choices_and_wins(dataset)
    reward = np.zeros(choice.shape)
    reward[:, 1:] = np.nan_to_num(np.asarray(dataset.rewards, float))[:, :-1]
    here = dataset.valid & (choice >= 0)
    choice, reward = evenly_spaced(choice[here]), evenly_spaced(reward[here])
    both = np.unique(np.stack([choice, reward]), axis=1, return_inverse=True)[1].ravel()
    found = []
    for name, column in zip(dataset.input_names, np.moveaxis(np.asarray(dataset.inputs), -1, 0), strict=True):
        own = evenly_spaced(column[here]).astype(float)
        if _is_told_by(own, choice):
            found.append(frozenset({CHOSEN}))
        elif _is_told_by(own, reward):
            found.append(frozenset({REWARD}))
        elif _is_told_by(own, both):
            found.append(frozenset({CHOSEN, REWARD}))
        else:
            found.append(frozenset({str(name)}))
    return found


def _is_told_by(values: np.ndarray, by: np.ndarray) -> bool:
    """Whether values are the same on all trials on which `by` is; of a rich one, a straight line of it."""
    kinds, group = np.unique(by, return_inverse=True)
    if len(kinds) > FEW:
        return bool(values.std() > 0 and abs(np.corrcoef(values, by)[0, 1]) > 0.999)
    low, high = np.full(len(kinds), np.inf), np.full(len(kinds), -np.inf)
    np.minimum.at(low, group, values)
    np.maximum.at(high, group, values)
    return bool((high - low < 1e-6).all())
