"""Agents and environments as compiled code takes them."""

import dataclasses
import operator
from typing import Any

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.tasks.agents.agent import Agent


def traced(player: Any) -> Any:
    """The agent or environment with its parameters as arrays, which compiled code takes as arguments.

    Sizes and flags stay what they are; a field that is declared `float` is a parameter even if it holds 1.
    """
    for field in dataclasses.fields(player):
        value = getattr(player, field.name)
        if isinstance(value, Agent):
            player = eqx.tree_at(operator.attrgetter(field.name), player, traced(value))
        elif field.type in (float, "float") and isinstance(value, int):
            player = eqx.tree_at(operator.attrgetter(field.name), player, float(value))
    return jax.tree.map(lambda x: np.asarray(x, np.float32) if eqx.is_inexact_array_like(x) else x, player)
