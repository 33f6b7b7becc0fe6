"""Agents and environments as compiled code takes them."""

from typing import Any

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.tasks.agents.parameter_fields import parameter_fields
from cogrnn_lab.tasks.agents.subject_parameters import with_parameters


def traced(player: Any) -> Any:
    """The agent or environment with its parameters as arrays, which compiled code takes as arguments.

    Sizes and flags stay what they are; a field that is declared `float` is a parameter even if it holds 1.
    """
    whole = {
        one.path: float(one.value)
        for one in parameter_fields(player)
        if one.declared_float and isinstance(one.value, int)
    }
    player = with_parameters(player, whole)
    return jax.tree.map(lambda x: np.asarray(x, np.float32) if eqx.is_inexact_array_like(x) else x, player)
