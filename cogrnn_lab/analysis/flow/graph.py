"""Nodes and edges of a wiring."""

from typing import NamedTuple

OBSERVATION, SUBJECT, LATENT, CHOICE, SIGNALS = "observation", "subject", "latent", "choice", "signals"
MEMORY = "memory"


class Node(NamedTuple):
    """Node of a `Wiring`.

    Arguments:
        name: Name of the input, the latent, or what it is.
        kind: "observation", "subject", "latent", "choice" or "signals".
        bits: What a latent carries from trial to trial, in bits; NaN of others.
        index: Which input or latent it is, from 0; -1 where it is none.
    """

    name: str
    kind: str
    bits: float
    index: int


class Edge(NamedTuple):
    """Edge of a `Wiring`.

    Arguments:
        source: Name of the node where it begins.
        target: Name of the node where it ends, the same one for what a latent keeps.
        kind: "observation", "subject", "latent", "memory", "choice" or "signals".
        bits: What it tells, in bits per trial; NaN of equations.
        sign: "+", "-", "±" where it depends on the trial, "" where it is not known.
    """

    source: str
    target: str
    kind: str
    bits: float
    sign: str
