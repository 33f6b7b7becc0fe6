"""Equations as an agent: it plays, is fitted to subjects, and is compared with others."""

from typing import Any, cast

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from cogrnn_lab.analysis.choice_equations.fitting.likelihood import logits, moved
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.parts.form import RATE, Form
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Structure, Units
from cogrnn_lab.tasks import Agent
from cogrnn_lab.tasks.parameters import Parameters, fraction, weight


class EquationAgent(Agent):
    """Agent that chooses by the equations of `cl.equations`, with their structure fixed.

    `cl.fit_agent(equations.agent, dataset)` fits rates and weights to each subject.

    Arguments:
        rates: (rate,) free rates from 0 to 1 by which latents move towards their targets; None for none.
        weights: (weight,) free targets, biases and weights of terms in log odds; None for none.
        form: Sizes and terms of the equations.
        owner: (unit,) index of the free parameter of each place in the equations, rates first; -1 if fixed.
        sign: (unit,) 1 or -1, by which the free parameter is multiplied there.
        fixed: (unit,) values of the fixed places.
        sides: Whether alternatives have parameters of their own.
        reward_unit: Reward that counts as an amount of 1.

    Example:
        >>> import cogrnn_lab as cl
        >>> task = cl.DriftingBandit(drift=0.1)
        >>> data = cl.simulate(cl.WinStayLoseShift(0.2), task, n_sessions=4, n_trials=100, seed=1)
        >>> agent = cl.equations(None, data, n_latents=(1,), n_starts=1, terms=()).agent
        >>> cl.simulate(agent, task, n_sessions=2, n_trials=5, seed=1).n_sessions
        2
    """

    rates: Parameters | None = fraction(None, "It is a rate by which a latent moves to its target")
    weights: Parameters | None = weight(None)
    form: Form = eqx.field(static=True, kw_only=True)
    owner: tuple[int, ...] = eqx.field(static=True, kw_only=True)
    sign: tuple[float, ...] = eqx.field(static=True, kw_only=True)
    fixed: tuple[float, ...] = eqx.field(static=True, kw_only=True)
    sides: bool = eqx.field(static=True, kw_only=True)
    reward_unit: float = eqx.field(static=True, kw_only=True)

    @classmethod
    def of(cls, fitted: Fitted, reward_unit: float) -> "EquationAgent":
        """Make the agent with the structure and values of fitted equations.

        Arguments:
            fitted: Equations after a fit.
            reward_unit: Reward that counts as an amount of 1.

        Returns:
            An `EquationAgent`.

        Raises:
            ValueError: The equations read inputs that an agent does not have.
        """
        structure = fitted.structure
        if structure.form.n_inputs:
            raise ValueError("these equations also read other inputs, which an agent never sees.")
        order, n_rates = _order(structure)
        owner = np.append(np.argsort(order), FIXED)[structure.owner]  # FIXED is the last place
        numbers = cast("Any", fitted.free[order])  # arrays of NumPy are parameters, too
        return cls(
            rates=numbers[:n_rates] if n_rates else None,
            weights=numbers[n_rates:] if n_rates < len(numbers) else None,
            form=structure.form,
            owner=tuple(owner.tolist()),
            sign=tuple(structure.sign.tolist()),
            fixed=tuple(structure.fixed.tolist()),
            sides=any(e.alternative >= 0 for e in structure.units.entries if e.kind == RATE),
            reward_unit=reward_unit,
        )

    @property
    def _structure(self) -> Structure:
        units = Units.by_side(self.form) if self.sides else Units.mirrored(self.form)
        return Structure(units, np.array(self.owner), np.array(self.sign), np.array(self.fixed))

    def _numbers(self) -> dict[str, Array]:
        structure = self._structure
        given = [jnp.asarray(part) for part in (self.rates, self.weights) if part is not None]
        free = jnp.concatenate(given) if given else jnp.zeros(0)
        directions = structure.units.directions
        fixed, tied = structure.fixed @ directions, structure.jacobian.T @ directions
        return self.form.split(jnp.asarray(fixed, jnp.float32) + free @ jnp.asarray(tied, jnp.float32))

    def initial_state(self, n_arms: int) -> Float[Array, "mechanism arm"]:
        """Make the latents before the first trial, which are 0.

        Arguments:
            n_arms: Number of arms.

        Returns:
            (mechanism, arm) zeros.

        Raises:
            ValueError: The equations have another number of alternatives.
        """
        if n_arms != self.form.n_alternatives:
            raise ValueError(
                f"these equations are of {self.form.n_alternatives} alternatives; the task has {n_arms}."
            )
        return jnp.zeros((self.form.n_mechanisms, n_arms))

    def logits(self, state: Float[Array, "mechanism arm"]) -> Float[Array, " arm"]:
        """Add up the latents of each arm and its bias.

        Arguments:
            state: (mechanism, arm) latents.

        Returns:
            (arm,) logits.
        """
        return logits(self.form, self._numbers(), state[..., None], jnp.zeros((0, 1)))[:, 0]

    def update(
        self, state: Float[Array, "mechanism arm"], choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> Float[Array, "mechanism arm"]:
        """Move every latent towards its target by its rate.

        Arguments:
            state: (mechanism, arm) latents.
            choice: The arm that was chosen.
            reward: Its reward; any above 0 is a reward where the equations know only 0 and 1.

        Returns:
            (mechanism, arm) latents after the trial.
        """
        other = (jnp.arange(state.shape[1]) != choice).astype(jnp.int32)
        relation = other if self.form.has_amounts else 2 * other + (reward > 0)
        amount = jnp.atleast_1d(reward / self.reward_unit)
        new = moved(
            self.form, self._numbers(), state[..., None], relation[:, None], amount, jnp.zeros((0, 1))
        )
        return new[..., 0]


def _order(structure: Structure) -> tuple[np.ndarray, int]:
    """Free numbers with the rates first, and how many rates there are."""
    is_rate = structure.units.kinds[structure.representatives] == RATE
    return np.argsort(~is_rate, kind="stable"), int(is_rate.sum())
