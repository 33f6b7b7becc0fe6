"""What a network gives for a sequence of trials, and the one function that asks it for many sessions."""

from typing import NamedTuple, Protocol, runtime_checkable

import jax
from jaxtyping import Array, Float, Int, PRNGKeyArray


class Rollout(NamedTuple):
    """Outputs, states and information of a network along its trials.

    `outputs` (session, time, output): logits or means · `states` (session, time, latent) after each step ·
    `information` {bottleneck group: (session, time)}: unweighted Kullback-Leibler divergence in nats.
    For one session (a model called by itself) the session axis is absent.
    """

    outputs: Float[Array, "*session time output"]
    states: Float[Array, "*session time latent"]
    information: dict[str, Float[Array, "*session time"]]


@runtime_checkable
class SequenceModel(Protocol):
    """What training, analysis and the lab ask of a network."""

    @property
    def n_inputs(self) -> int: ...

    @property
    def n_outputs(self) -> int: ...

    @property
    def groups(self) -> tuple[str, ...]: ...

    def initial_state(self, subject=None) -> Array: ...

    def step(
        self, state, inputs, *, subject=None, key=None, noise: float | Array = 1.0
    ) -> tuple[Array, Array, dict[str, Array]]: ...

    def rollout(self, inputs, *, subject=None, key=None, noise: float | Array = 1.0) -> Rollout: ...

    def l2(self) -> Array: ...


def rollout(
    model: SequenceModel,
    inputs: Float[Array, "session time input"],
    *,
    subject: Int[Array, " session"] | None = None,
    key: PRNGKeyArray | None = None,
    noise: float | Array = 1.0,
) -> Rollout:
    """Run `model` along many sessions at once.

    Arguments: `inputs` (session, time, input); `subject` (session,) indices for networks that know subjects;
    `key` for the bottlenecks' noise, None for none; `noise` scales it.

    Returns a `Rollout` with the session axis first. Equal to calling the model for each session, but computed
    in the layout that is fast (noise is drawn for all sessions together, so it differs from that of single
    calls).
    """
    if inputs.ndim != 3 or inputs.shape[-1] != model.n_inputs:
        raise ValueError(
            f"inputs have shape {tuple(inputs.shape)}, expected (session, time, {model.n_inputs}): "
            f"this model was made with n_inputs={model.n_inputs}. For one session call the model itself."
        )
    return model.rollout(inputs, subject=subject, key=key, noise=noise)


def single_session(
    model: SequenceModel, inputs: Array, *, subject=None, key=None, noise: float | Array = 1.0
) -> Rollout:
    """`rollout` for one session (time, input), without the session axis in the result."""
    subject = None if subject is None else jax.numpy.asarray(subject)[None]
    many = rollout(model, inputs[None], subject=subject, key=key, noise=noise)
    return jax.tree.map(lambda leaf: leaf[0], many)
