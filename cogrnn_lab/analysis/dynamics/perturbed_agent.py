"""A network that plays while something is done to it."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from cogrnn_lab.analysis.dynamics.perturbed_trials import Change, Moment, Planned, perturbed_trial
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import n_outcome_inputs, outcome_inputs
from cogrnn_lab.models import Network
from cogrnn_lab.tasks import Agent
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters
from cogrnn_lab.training.known_subjects import subjects_as_known


class PlayedState(NamedTuple):
    """The network after it was shown the trial before, and the number of the coming trial."""

    latents: Float[Array, " latent"]
    logits: Float[Array, " arm"]
    trial: Int[Array, ""]


class PerturbedAgent(Agent):
    """A network that plays, run without noise, under a perturbation of its own in each session.

    The arrays of a session have the trial first.
    """

    model: Any
    change: Change
    is_on: Any
    current: Any
    clamp: Any
    seen: Any
    subject: Any
    reads: bool = eqx.field(static=True)
    other_inputs: tuple[float, ...] = eqx.field(static=True)

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """Names of the alternatives that the network was trained on; None where it knows none."""
        return getattr(self.model, "class_names", None)

    def initial_state(self, n_arms: int) -> PlayedState:
        """The network at the first trial of a session, whose inputs are zeros."""
        first = self.model.initial_state(self.subject)
        return self._shown(first, jnp.zeros(n_outcome_inputs(n_arms)), jnp.zeros((), jnp.int32), n_arms)

    def logits(self, state: PlayedState) -> Float[Array, " arm"]:
        """The outputs for the present trial."""
        return state.logits

    def update(self, state: PlayedState, choice: Int[Array, ""], reward: Float[Array, ""]) -> PlayedState:
        """The network is shown the choice and the reward."""
        n_arms = state.logits.size
        return self._shown(state.latents, outcome_inputs(choice, reward, n_arms), state.trial + 1, n_arms)

    def _shown(self, latents: Array, inputs: Array, trial: Array, n_arms: int) -> PlayedState:
        x = jnp.concatenate([inputs, jnp.asarray(self.other_inputs, jnp.float32)])
        at = jnp.minimum(trial, self.is_on.shape[0] - 1)  # after the last choice nobody asks

        def now(values: Any) -> Any:
            return None if values is None else values[at]

        moment = Moment(now(self.is_on), now(self.current), now(self.clamp), now(self.seen))
        factors = tuple(moving[at] for moving in self.change.scales.moving)
        how = {"subject": self.subject, "key": None, "noise": 0.0}
        new, outputs = perturbed_trial(
            self.model, self.change, latents, x, factors, moment, self.reads, **how
        )
        return PlayedState(new, outputs[:n_arms], trial)


def perturbed_players(
    model: Network, dataset: Dataset, plan: Planned, other_inputs: tuple[float, ...]
) -> SubjectParameters:
    """The network as an agent, with what is done to it in each session of a data set."""
    own: dict[str, np.ndarray] = {}
    for name, values in plan.moments._asdict().items():
        if values is not None:
            own[name] = np.broadcast_to(values, (dataset.n_sessions, *values.shape[1:]))
    if getattr(model, "n_subjects", None) is not None:
        own["subject"] = np.asarray(subjects_as_known(model, dataset, "data set").subject, np.int32)
    parts = {name: 0 if name in own else None for name in (*Moment._fields, "subject")}
    reads = plan.change.moves_states(model, plan.moments)
    agent = PerturbedAgent(model=model, change=plan.change, reads=reads, other_inputs=other_inputs, **parts)
    return SubjectParameters(agent, own)
