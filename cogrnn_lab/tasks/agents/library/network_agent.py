"""A trained network that plays a task itself."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.argument_kinds import Numbers
from cogrnn_lab.data.previous_trial import n_outcome_inputs, outcome_inputs
from cogrnn_lab.models.network_at_hand import network_of
from cogrnn_lab.tasks.agents.agent import Agent


def _player(model: Any) -> Any:
    """Give what plays: anything that has the steps of a network, or the network of a run."""
    if all(callable(getattr(model, name, None)) for name in ("initial_state", "step")):
        return model
    return network_of(model)


class NetworkState(NamedTuple):
    """The network after it was shown the trial before."""

    latents: PyTree[Any]
    logits: Float[Array, " arm"]


def _as_numbers(values: Numbers) -> tuple[float, ...]:
    return tuple(np.ravel(np.asarray(values, float)).tolist())


class NetworkAgent(Agent):
    """Agent that chooses by the outputs of a network, run without noise.

    The network gets each previous choice and reward.

    Arguments:
        model: A network of this package, or the `Run` that trained it, with the inputs that `simulate` makes,
            such as a `DisRNN`.
        subject: Name or index of the subject whose behavior a multisubject network shows.
        other_inputs: Constant values of the inputs after these, such as 0 for "previous trial missed".

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> network = cl.GRU(2, 2, n_hidden=3, key=jax.random.key(0))
        >>> cl.simulate(cl.NetworkAgent(network), cl.DriftingBandit(), n_sessions=2, n_trials=20).n_trials
        20
    """

    model: Any = eqx.field(converter=_player)
    subject: int | str | None = eqx.field(static=True, default=None)
    other_inputs: tuple[float, ...] = eqx.field(static=True, default=(), converter=_as_numbers)

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """Names of the alternatives that the network was trained on; None where it knows none."""
        return getattr(self.model, "class_names", None)

    def initial_state(self, n_arms: int) -> NetworkState:
        """Make the state of the network at the first trial of a session, whose inputs are zeros.

        Arguments:
            n_arms: Number of alternatives.

        Raises:
            ValueError: Where the network has other inputs, or fewer outputs than arms.
        """
        self._check_sizes(n_arms)
        inputs = jnp.zeros(n_outcome_inputs(n_arms))
        return self._shown(self.model.initial_state(self.subject), inputs, n_arms)

    def logits(self, state: NetworkState) -> Float[Array, " arm"]:
        """The outputs for the present trial."""
        return state.logits

    def update(self, state: NetworkState, choice: Int[Array, ""], reward: Float[Array, ""]) -> NetworkState:
        """The network is shown the choice and the reward."""
        n_arms = state.logits.size
        return self._shown(state.latents, outcome_inputs(choice, reward, n_arms), n_arms)

    def _shown(self, latents: PyTree[Any], inputs: Float[Array, " outcome"], n_arms: int) -> NetworkState:
        inputs = jnp.concatenate([inputs, jnp.asarray(self.other_inputs, jnp.float32)])
        latents, outputs, _ = self.model.step(latents, inputs, subject=self.subject, key=None, noise=0.0)
        return NetworkState(latents, outputs[:n_arms])

    def _check_sizes(self, n_arms: int) -> None:
        own = n_outcome_inputs(n_arms)
        given = own + len(self.other_inputs)
        if self.model.n_inputs != given:
            raise ValueError(
                f"the network has {self.model.n_inputs} inputs; a task with {n_arms} arms gives {own} "
                f"(previous choice and reward) and other_inputs {len(self.other_inputs)}. Values for the "
                "rest, held throughout, go to other_inputs, such as (0.0,) for a network fitted to data with "
                "missed trials."
            )
        if self.model.n_outputs < n_arms:
            raise ValueError(f"the network has {self.model.n_outputs} outputs; the task has {n_arms} arms.")
