"""A network as a graph: what reads what, and how much it tells."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cogrnn_lab.analysis.choice_equations.result import Equations
from cogrnn_lab.analysis.flow.closing import check_has_bottlenecks
from cogrnn_lab.analysis.flow.equation_graph import equation_graph
from cogrnn_lab.analysis.flow.graph import CHOICE, LATENT, OBSERVATION, SIGNALS, SUBJECT, Edge, Node
from cogrnn_lab.analysis.flow.probing import Probed, probed
from cogrnn_lab.analysis.flow.strategies import Recognized, recognized_strategy
from cogrnn_lab.analysis.reading.bottlenecks import embedding_labels, input_labels, latent_labels
from cogrnn_lab.analysis.reading.contributions import LEAST_BITS
from cogrnn_lab.analysis.reading.information import (
    Spreads,
    bits_of_channels,
    bits_through,
    entering_channels,
)
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training.compatibility import as_network_knows

# Share of a change that goes one way where it has a sign.
ONE_WAY = 0.8
# Change of a reader, in units of its span, below which it does not listen to a channel.
LEAST_CHANGE = 0.01
UNHEARD = "0"


@dataclass(frozen=True)
class Wiring:
    """Graph of what reads what in a network, or of what moves what in equations.

    Fields:
        nodes: `Node`s: observations, subject, latents (those that tell most first), choice, signals.
        edges: `Edge`s between them by name, those that tell most first.
        closed: Names of inputs and latents that are left out: nothing reads them, or they tell 0.05 bits a
            trial or less.
        mechanism: Known strategy that is wired and updated alike, such as "Q-learning", by the latents or by
            linear mixes of them; None: none of them.
        reason: A sentence about why.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    closed: tuple[str, ...]
    mechanism: str | None
    reason: str

    def of_kind(self, kind: str) -> tuple[Node, ...]:
        """List the nodes of a kind.

        Arguments:
            kind: "observation", "subject", "latent", "choice" or "signals".
        """
        return tuple(node for node in self.nodes if node.kind == kind)

    @property
    def latents(self) -> tuple[Node, ...]:
        """Nodes of the latents that count."""
        return self.of_kind(LATENT)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each edge: source, target, kind, bits, sign."""
        return pd.DataFrame(
            [edge._asdict() for edge in self.edges], columns=["source", "target", "kind", "bits", "sign"]
        )

    @property
    def text(self) -> str:
        """The graph in words, a line for each node that something moves."""
        lines = []
        for node in self.nodes:
            into = [edge for edge in self.edges if edge.target == node.name]
            if into:
                parts = [f"{'itself' if e.source == node.name else e.source}{_said(e)}" for e in into]
                lines.append(f"{node.name} ← {', '.join(parts)}")
        return "\n".join([*lines, self.reason])


def wiring(model: Network | HoldsNetwork | Equations, dataset: Dataset) -> Wiring:
    """Draw up the graph of a network: observations, latents, choice, and what each edge tells.

    An edge has the bits per trial that its channel tells; a latent's edge to itself those of its own former
    value that its bottleneck lets through. What tells 0.05 bits or less is left out, also an open channel
    that carries a constant, and so are channels to which their reader does not listen: those that move it by
    less than 1 % of its span. A latent that moves the choice is turned so that it favors the last of two
    alternatives; the sign of an edge is "+", "-", or "±" where it depends on the trial.

    Arguments:
        model: A network with bottlenecks, or a `Run` or a `Discovery` that has one; or `Equations`, whose
            edges have no bits.
        dataset: Sessions of choices that fit it.

    Returns:
        A `Wiring`.

    Raises:
        ValueError: The network has no bottlenecks, or the data do not fit it or have no choices.

    Example:
        >>> import jax
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=3, n_trials=30)
        >>> graph = cl.wiring(cl.DisRNN(2, 2, 2, key=jax.random.key(0)), data)
        >>> [node.name for node in graph.nodes]
        ['previous choice', 'previous reward', 'latent 1', 'latent 2', 'choice']
    """
    if isinstance(model, Equations):
        return Wiring(*equation_graph(model, dataset))
    network: Any = network_of(model)
    check_has_bottlenecks(network, "wiring")
    known = as_network_knows(network, dataset)
    if not known.n_classes:
        raise ValueError("a wiring leads to the choice, but the data set has none, only numbers")
    entering = entering_channels(network, known)
    spreads = Spreads()
    bits = bits_of_channels(network, entering, spreads)
    answers = probed(network, known, entering["choice_latent"])
    drawn = _Drawn(network, known, bits, answers, spreads)
    edges = drawn.edges(entering["update_latent"])
    nodes = drawn.nodes(edges)
    found = _recognized(drawn, edges, known)
    present = {node.name for node in nodes}
    closed = tuple(name for name in (*drawn.inputs, *drawn.latents) if name not in present)
    return Wiring(nodes, edges, closed, found.name, found.reason)


class _Drawn(NamedTuple):
    """What the graph of a network is drawn from."""

    network: Any
    dataset: Dataset
    bits: dict[str, np.ndarray]
    answers: Probed
    spreads: Spreads

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(map(str, input_labels(self.network, self.dataset)))

    @property
    def latents(self) -> tuple[str, ...]:
        return latent_labels(self.network.n_latents)

    @property
    def counted(self) -> list[int]:
        """Latents that count, those that tell most first."""
        order = np.argsort(-self.bits["latent"], kind="stable")
        return [int(i) for i in order if self.bits["latent"][i] > LEAST_BITS]

    @property
    def turn(self) -> np.ndarray:
        """(latent,) -1 for latents that favor the first of two alternatives, else 1."""
        if self.dataset.n_classes != 2:
            return np.ones(self.answers.before.shape[1])
        return self.answers.turn(self.counted)

    def edges(self, before: np.ndarray) -> tuple[Edge, ...]:
        """All channels that tell something; `before` (trial, latent) the latents of the trial before."""
        found = []
        sigma = np.asarray(self.network.bottlenecks["latent"].sigma, float)
        for at in self.counted:
            memory = self._memory(at, before[:, at], float(sigma[at]))
            found += [*self._into(at), memory, *self._from(at)]
        if "neural" in self.bits:
            told = self.bits["neural"][self.network.n_latents :]
            found += [
                Edge(name, self._signals, SIGNALS, float(own), "")
                for name, own in zip(self.inputs, told, strict=True)
            ]
        if "choice_subject" in self.bits:
            names = embedding_labels(self.network.embedding_size)
            found += [
                Edge(name, CHOICE, SUBJECT, float(own), "")
                for name, own in zip(names, self.bits["choice_subject"], strict=True)
            ]
        heard = [edge for edge in found if edge.bits > LEAST_BITS and edge.sign != UNHEARD]
        return tuple(sorted(heard, key=lambda edge: -edge.bits))

    def _into(self, at: int) -> list[Edge]:
        """Edges to a latent from inputs, other latents and the subject's embedding."""
        name, turn, span = self.latents[at], self.turn, self.answers.span
        found = [
            Edge(source, name, OBSERVATION, float(self.bits["update_input"][i, at]),
                 _sign(turn[at] * self.answers.by_input[i, :, at] / span[at]))
            for i, source in enumerate(self.inputs)
        ]  # fmt: skip
        for other in self.counted:
            if other != at:
                slopes = turn[at] * turn[other] * self.answers.slopes[:, :, other, at]
                told = float(self.bits["update_latent"][other, at])
                found.append(
                    Edge(self.latents[other], name, LATENT, told, _sign(slopes * span[other] / span[at]))
                )
        if "update_subject" in self.bits:
            names = embedding_labels(self.network.embedding_size)
            found += [
                Edge(source, name, SUBJECT, float(self.bits["update_subject"][i, at]), "")
                for i, source in enumerate(names)
            ]
        return found

    def _memory(self, at: int, before: np.ndarray, sigma: float) -> Edge:
        """What a latent keeps of its own former value, however it is kept: by the gate or by a channel."""
        slopes = self.answers.slopes[:, :, at, at]
        kept = float(np.sqrt(np.mean(slopes**2)))
        return Edge(
            self.latents[at], self.latents[at], "memory", bits_through(self.spreads.of(before), sigma, kept),
            _sign(slopes),
        )  # fmt: skip

    def _from(self, at: int) -> list[Edge]:
        """Edges of a latent to the choice and to the signals."""
        name = self.latents[at]
        found = [Edge(name, CHOICE, CHOICE, float(self.bits["choice_latent"][at]), self._to_choice(at))]
        if "neural" in self.bits:
            found.append(Edge(name, self._signals, SIGNALS, float(self.bits["neural"][at]), ""))
        return found

    def _to_choice(self, at: int) -> str:
        """Sign of a latent in the log odds, in units of their spread; "" with more than two alternatives."""
        n_classes = self.dataset.n_classes or 0
        slopes = self.answers.readout[:, at, :n_classes] * self.answers.span[at]
        slopes = slopes - slopes.mean(1, keepdims=True)
        logits = self.answers.logits[:, :n_classes]
        spread = (logits - logits.mean(1, keepdims=True)).std(0).max(initial=1e-9)
        if n_classes == 2:
            return _sign(self.turn[at] * slopes[:, 1] / spread)
        return "" if np.abs(slopes).mean() / spread > LEAST_CHANGE else UNHEARD

    @property
    def _signals(self) -> str:
        names = getattr(self.network, "signal_names", None) or ()
        return str(names[0]) if len(names) == 1 else "signals"

    def nodes(self, edges: tuple[Edge, ...]) -> tuple[Node, ...]:
        """What has an edge, in the order in which it is drawn; latents that count in any case."""
        used = {edge.source for edge in edges} | {edge.target for edge in edges}
        found = [Node(n, OBSERVATION, float("nan"), i) for i, n in enumerate(self.inputs) if n in used]
        if "subject" in self.bits:
            names = embedding_labels(self.network.embedding_size)
            found += [
                Node(n, SUBJECT, float(self.bits["subject"][i]), i) for i, n in enumerate(names) if n in used
            ]
        found += [Node(self.latents[i], LATENT, float(self.bits["latent"][i]), i) for i in self.counted]
        found.append(Node(CHOICE, CHOICE, float("nan"), -1))
        if self._signals in used:
            found.append(Node(self._signals, SIGNALS, float("nan"), -1))
        return tuple(found)


def _recognized(drawn: _Drawn, edges: tuple[Edge, ...], dataset: Dataset) -> Recognized:
    names = {drawn.latents[i]: i for i in drawn.counted}
    return recognized_strategy(edges, names, drawn.inputs, drawn.answers, drawn.turn, dataset)


def _sign(changes: np.ndarray) -> str:
    """The sign of changes in units of the target's span, "±" where it is one here and the other there."""
    size = np.abs(changes).mean()
    if size < LEAST_CHANGE:
        return UNHEARD
    way = changes.mean() / size
    return "+" if way > ONE_WAY else "-" if way < -ONE_WAY else "±"


def _said(edge: Edge) -> str:
    sign = f" {edge.sign}" if edge.sign else ""
    return f"{sign} ({edge.bits:.2f} bits)" if np.isfinite(edge.bits) else sign
