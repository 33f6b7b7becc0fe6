"""What every network here is: one trial of one session by definition, many sessions at once in practice."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.side_by_side import by_sessions


class Network(eqx.Module):
    """Base class of recurrent networks; training, analysis and the lab take any of them.

    The state is one vector of numbers. A network of your own needs the fields `n_inputs` and `n_outputs` and
    three functions, written for one session:

    >>> import equinox as eqx
    >>> import jax
    >>> import jax.numpy as jnp
    >>> import cogrnn_lab as cl
    >>> class LeakySum(cl.Network):
    ...     weights: jax.Array
    ...     n_inputs: int = eqx.field(static=True)
    ...     n_outputs: int = eqx.field(static=True)
    ...
    ...     def initial_state(self, subject=None):
    ...         return jnp.zeros(self.n_outputs)
    ...
    ...     def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
    ...         return 0.9 * state + self.weights @ inputs
    ...
    ...     def readout(self, state, *, subject=None):
    ...         return state
    >>> cl.rollout(LeakySum(jnp.eye(2), 2, 2), jnp.ones((3, 5, 2))).outputs.shape
    (3, 5, 2)
    """

    if TYPE_CHECKING:  # each class has its own fields or properties

        @property
        def n_inputs(self) -> int: ...

        @property
        def n_outputs(self) -> int: ...

    @abstractmethod
    def initial_state(self, subject: Any = None) -> Float[Array, " latent"]:
        """State before the first trial of a session."""

    @abstractmethod
    def next_state(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " latent"]:
        """State after a trial with these inputs; `key` for a network with noise of its own, None for none."""

    @abstractmethod
    def readout(self, state: Float[Array, " latent"], *, subject: Any = None) -> Float[Array, " output"]:
        """Outputs in a state: logits of the alternatives, or means."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the bottleneck groups, which are also the names of their penalties; by default none."""
        return ()

    @property
    def penalty_names(self) -> tuple[str, ...]:
        """Names of all penalties that the network has: of its bottleneck groups, weights and activity."""
        return (*self.groups, *jax.eval_shape(self.penalty_terms))

    @property
    def n_latents(self) -> int:
        """Length of the state vector."""
        return jax.eval_shape(self.initial_state, jnp.zeros((), jnp.int32)).shape[-1]

    def l2(self) -> Float[Array, ""]:
        """Sum of the squared weights that the penalty `l2` is on, unweighted; by default 0."""
        return jnp.zeros(())

    def penalty_terms(self) -> dict[str, Float[Array, ""]]:
        """What is priced about the weights, unweighted, by the name of its penalty; by default `l2`."""
        return {"l2": self.l2()}

    def step(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> tuple[Float[Array, " latent"], Float[Array, " output"], dict[str, Float[Array, ""]]]:
        """One trial: the new state, the outputs, and the information of each bottleneck group in nats."""
        new = self.next_state(state, inputs, subject=subject, key=key, noise=noise)
        return new, self.readout(new, subject=subject), {}

    def __call__(
        self,
        inputs: Float[Array, "time input"],
        *,
        subject: Any = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> Rollout:
        """Outputs (time, output), states (time, latent) and information {group: (time,)} of one session."""
        subject = None if subject is None else jnp.asarray(subject)[None]
        many = rollout(self, inputs[None], subject=subject, key=key, noise=noise)
        return jax.tree.map(lambda leaf: leaf[0], many)

    def rollout(
        self,
        inputs: Float[Array, "session time input"],
        *,
        subject: Int[Array, "session *time"] | None = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """Many sessions at once; see `cogrnn_lab.rollout`. By default `step`, vmapped and scanned."""

        def split(n_rows: int) -> Array | None:
            return None if key is None else jax.random.split(key, (inputs.shape[1], n_rows))

        def own_sessions(whole, given, keys):
            (model, noise), (inputs, subject, begins) = whole, given
            return model._plain_rollout(inputs, subject, keys, noise, begins)

        return by_sessions(own_sessions, (self, jnp.asarray(noise)), (inputs, subject, begins), split)

    def _plain_rollout(self, inputs, subject, keys, noise, begins) -> Rollout:
        n_rows, n_trials, _ = inputs.shape
        subject = None if subject is None else jnp.broadcast_to(subject.T, (n_trials, n_rows))
        first = None if subject is None else subject[0]
        start = jax.vmap(self.initial_state, axis_size=n_rows)(first)

        def one(state, x):
            inputs, subject, key, begins = x
            if begins is not None:
                state = jnp.where(begins, self.initial_state(subject), state)
            new, outputs, information = self.step(state, inputs, subject=subject, key=key, noise=noise)
            return new, Rollout(outputs, new, information)

        xs = (jnp.swapaxes(inputs, 0, 1), subject, keys, None if begins is None else begins.T)
        _, along = jax.lax.scan(lambda states, x: jax.vmap(one)(states, x), start, xs)
        return jax.tree.map(lambda leaf: jnp.swapaxes(leaf, 0, 1), along)

    def transition(
        self,
        states: Float[Array, "point latent"],
        inputs: Float[Array, "point input"],
        *,
        subject: Any = None,
    ) -> Float[Array, "point latent"]:
        """Noiseless states after one trial, for many states and inputs at once."""
        return jax.vmap(lambda state, x: self.next_state(state, x, subject=subject, key=None, noise=0.0))(
            states, inputs
        )

    def readouts(
        self, states: Float[Array, "point latent"], *, subject: Any = None
    ) -> Float[Array, "point output"]:
        """Noiseless outputs for many states at once."""
        return jax.vmap(lambda state: self.readout(state, subject=subject))(states)


def rollout(
    model: Network,
    inputs: Float[Array | np.ndarray, "session time input"],
    *,
    subject: Int[Array | np.ndarray, "session *time"] | None = None,
    key: PRNGKeyArray | None = None,
    noise: float | Array = 1.0,
    begins: Bool[Array | np.ndarray, "session time"] | None = None,
) -> Rollout:
    """Run `model` along many sessions at once.

    Arguments: `inputs` (session, time, input); `subject` (session,) or (session, time) indices, for networks
    that know subjects; `key` for the bottlenecks' noise, None for none; `noise` scales it; `begins` (session,
    time) True where another session begins inside a row, which starts from the initial state.

    Returns a `Rollout` with the session axis first. Equal to calling the model for each session, but computed
    in the layout that is fast (noise is drawn for all sessions together, so it differs from that of single
    calls).
    """
    if inputs.ndim != 3 or inputs.shape[-1] != model.n_inputs:
        raise ValueError(
            f"inputs have shape {tuple(inputs.shape)}, expected (session, time, {model.n_inputs}): "
            f"this model was made with n_inputs={model.n_inputs}. For one session call the model itself."
        )
    subject = None if subject is None else jnp.asarray(subject)
    begins = None if begins is None else jnp.asarray(begins)
    return model.rollout(jnp.asarray(inputs), subject=subject, key=key, noise=noise, begins=begins)
