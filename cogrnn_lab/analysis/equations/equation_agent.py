"""Equations as an agent: it plays, is fitted to subjects, and is compared with others."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from cogrnn_lab.analysis.equations.form import RATE, Form
from cogrnn_lab.analysis.equations.likelihood import logits, moved
from cogrnn_lab.analysis.equations.maximum import Fitted
from cogrnn_lab.analysis.equations.structure import FIXED, Structure, Units
from cogrnn_lab.tasks import Agent
from cogrnn_lab.tasks.parameters import Parameters, fraction, weight


class EquationAgent(Agent):
    """An agent that chooses by equations; `rates` (0 to 1) and `weights` (log odds) are its numbers.

    Which number stands where is fixed: `cl.fit_agent(equations.agent, dataset)` fits the numbers alone, of
    each subject. `cl.equations` makes it. A part that is None has no number.
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
        """The agent with these equations and numbers; amounts of reward are counted in `reward_unit`."""
        structure = fitted.structure
        if structure.form.n_inputs:
            raise ValueError("these equations also read other inputs, which an agent never sees.")
        order, n_rates = _order(structure)
        owner = np.append(np.argsort(order), FIXED)[structure.owner]  # FIXED is the last place
        numbers = fitted.free[order]
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
        """Latents before the first trial: 0.

        Raises `ValueError` for another number of arms than the equations have.
        """
        if n_arms != self.form.n_alternatives:
            raise ValueError(
                f"these equations are of {self.form.n_alternatives} alternatives; the task has {n_arms}."
            )
        return jnp.zeros((self.form.n_mechanisms, n_arms))

    def logits(self, state: Float[Array, "mechanism arm"]) -> Float[Array, " arm"]:
        """Sums of the latents of each arm, and its bias."""
        return logits(self.form, self._numbers(), state[..., None], jnp.zeros((0, 1)))[:, 0]

    def update(
        self, state: Float[Array, "mechanism arm"], choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> Float[Array, "mechanism arm"]:
        """Every latent moves to its target by its rate. Where rewards are 0 or 1, any above 0 is one."""
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
