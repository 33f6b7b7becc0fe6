"""The disentangled RNN: a recurrent network whose every channel pays for the information it passes.

Miller, Eckstein, Botvinick & Kurth-Nelson, "Cognitive model discovery via disentangled RNNs", NeurIPS 2023.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.models.activation import activation_function
from cogrnn_lab.models.bottleneck import Bottleneck
from cogrnn_lab.models.latent_recurrence import UpdateWeights, gated_update, latent_recurrence
from cogrnn_lab.models.noise import standard_normal
from cogrnn_lab.models.residual_mlp import ResidualMLP
from cogrnn_lab.models.rollout import Rollout, single_session


class NoiseDraws(NamedTuple):
    """Standard normal draws of one trial (or of many: then trials come first and sessions last)."""

    sources: Any  # (latent, input + latent): each update network's own, on its inputs, then on the latents
    latent: Any  # (latent,)
    choice_latent: Any  # (latent,)


class DisRNN(eqx.Module):
    """Disentangled RNN for one session of trials; callers vmap it, or use `rollout`, which is faster.

    Each latent has an update network that reads the inputs and all previous latents through bottlenecks of
    its own and moves the latent by a gated step; a bottleneck on every new latent; and a choice network that
    reads the latents through one bottleneck each.

    Arguments: `n_inputs`; `n_outputs` (alternatives); `n_latents`; `update_width` and `update_depth` (units
    and residual layers of the update networks); `choice_width` and `choice_depth`; `activation` by name;
    `max_latent` (updates keep the latents within ± this); `key`.

    Information groups: `latent`, `update_input`, `update_latent`, `choice_latent`.
    """

    update_input: Bottleneck  # (input, latent): the channel of each input to each latent's update network
    update_latent: (
        Bottleneck  # (latent, latent): from previous latent (first axis) to update network (second)
    )
    update_network: ResidualMLP  # stacked over latents
    latent: Bottleneck
    choice_latent: Bottleneck
    choice_network: ResidualMLP
    start: Float[Array, " latent"]
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_latents: int = eqx.field(static=True)
    update_width: int = eqx.field(static=True)
    update_depth: int = eqx.field(static=True)
    choice_width: int = eqx.field(static=True)
    choice_depth: int = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    max_latent: float = eqx.field(static=True)

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        n_latents: int = 5,
        *,
        update_width: int = 8,
        update_depth: int = 4,
        choice_width: int = 4,
        choice_depth: int = 2,
        activation: str = "leaky_relu",
        max_latent: float = 2.0,
        key: PRNGKeyArray,
    ):
        _check_sizes(n_inputs=n_inputs, n_outputs=n_outputs, n_latents=n_latents)
        _check_sizes(update_width=update_width, choice_width=choice_width)
        _check_sizes(smallest=0, update_depth=update_depth, choice_depth=choice_depth)
        if not max_latent > 0:
            raise ValueError(f"max_latent is {max_latent}, expected a positive number")
        activation_function(activation)
        parts = _starting_parts(
            (n_inputs, n_outputs, n_latents),
            (update_width, update_depth),
            (choice_width, choice_depth),
            activation,
            key,
        )
        for name, part in parts.items():
            setattr(self, name, part)
        self.n_inputs, self.n_outputs, self.n_latents = n_inputs, n_outputs, n_latents
        self.update_width, self.update_depth = update_width, update_depth
        self.choice_width, self.choice_depth = choice_width, choice_depth
        self.activation, self.max_latent = activation, float(max_latent)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the bottleneck groups, which are also the names of their penalties."""
        return ("latent", "update_input", "update_latent", "choice_latent")

    def initial_state(self, subject: Array | None = None) -> Float[Array, " latent"]:
        """Latents before the first trial (learned)."""
        return self.start

    def l2(self) -> Float[Array, ""]:
        """Unweighted sum of squared hidden-layer weights of all update networks and the choice network."""
        return self.update_network.l2() + self.choice_network.l2()

    def step(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Array | None = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> tuple[Float[Array, " latent"], Float[Array, " output"], dict[str, Float[Array, ""]]]:
        """One trial: the plain definition, which the fast `rollout` is tested against.

        Returns the new latents (latent,), the outputs (output,) and the information of each group in nats (0
        where `key` is None or `noise` is 0).
        """
        draws = None if key is None else self.draw_noise(key, noise=noise)
        return self.step_with_draws(state, inputs, draws, noise)

    def step_with_draws(self, state, inputs, draws: NoiseDraws | None, noise: float | Array = 1.0):
        """`step` with the standard normal draws given (None: noiseless)."""
        eps = NoiseDraws(None, None, None) if draws is None else draws
        per_network_inputs = jnp.broadcast_to(inputs[:, None], self.update_input.shape)
        per_network_latents = jnp.broadcast_to(state[:, None], self.update_latent.shape)
        input_eps = None if eps.sources is None else eps.sources[:, : self.n_inputs].T
        latent_eps = None if eps.sources is None else eps.sources[:, self.n_inputs :].T
        sources = jnp.concatenate(
            [
                self.update_input(per_network_inputs, input_eps, noise),
                self.update_latent(per_network_latents, latent_eps, noise),
            ]
        )
        out = eqx.filter_vmap(lambda network, x: network(x))(self.update_network, sources.T)
        updated = gated_update(state, out[:, 0], out[:, 1], self.max_latent)
        new_state = self.latent(updated, eps.latent, noise)
        outputs = self.choice_network(self.choice_latent(new_state, eps.choice_latent, noise))
        information = {
            "latent": self.latent.information(updated).sum(),
            "update_input": self.update_input.information(per_network_inputs).sum(),
            "update_latent": self.update_latent.information(per_network_latents).sum(),
            "choice_latent": self.choice_latent.information(new_state).sum(),
        }
        is_noisy = 0.0 if draws is None else jnp.asarray(noise) > 0
        return new_state, outputs, {group: nats * is_noisy for group, nats in information.items()}

    def __call__(
        self,
        inputs: Float[Array, "time input"],
        *,
        subject: Array | None = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> Rollout:
        """Outputs (time, output), states (time, latent) and information {group: (time,)} of one session."""
        return single_session(self, inputs, key=key, noise=noise)

    def draw_noise(self, key: PRNGKeyArray, before=(), after=(), noise: float | Array = 1.0) -> NoiseDraws:
        """Standard normal draws for every noisy channel, with axes `before` in front and `after` behind.

        Zeros, at no cost, where `noise` is 0: a warm-up without noise should not pay for random numbers.
        """
        n = self.n_latents
        channels = ((n, self.n_inputs + n), (n,), (n,))
        shapes = [(*before, *channel, *after) for channel in channels]

        def draw():
            keys = jax.random.split(key, len(shapes))
            return NoiseDraws(*(standard_normal(k, shape) for k, shape in zip(keys, shapes, strict=True)))

        return jax.lax.cond(jnp.asarray(noise) > 0, draw, lambda: NoiseDraws(*map(jnp.zeros, shapes)))

    def rollout(
        self,
        inputs: Float[Array, "session time input"],
        *,
        subject: Array | None = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> Rollout:
        """Many sessions at once; see `cogrnn_lab.rollout`."""
        n_sessions, n_trials, _ = inputs.shape
        draws = None if key is None else self.draw_noise(key, (n_trials,), (n_sessions,), noise)
        return self.rollout_with_draws(inputs, draws, noise)

    def rollout_with_draws(self, inputs, draws: NoiseDraws | None, noise: float | Array = 1.0) -> Rollout:
        """`rollout` with the standard normal draws given: trials first, sessions last (None: noiseless)."""
        n_sessions, n_trials, _ = inputs.shape
        x = jnp.transpose(inputs, (1, 2, 0))
        start = jnp.broadcast_to(self.start[:, None], (self.n_latents, n_sessions))
        width = (noise * self.latent.sigma)[None, :, None]
        jitter = None if draws is None else width * draws.latent
        states = latent_recurrence(
            self._update_weights(noise),
            x,
            None if draws is None else draws.sources,
            jitter,
            start,
            self.activation,
            self.max_latent,
        )
        outputs = self._outputs(states, None if draws is None else draws.choice_latent, noise)
        if jitter is None:
            information = {group: jnp.zeros((n_sessions, n_trials)) for group in self.groups}
        else:
            previous = jnp.concatenate([start[None], states[:-1]])
            is_noisy = (jnp.asarray(noise) > 0).astype(states.dtype)
            information = self._information(x, previous, states - jitter, states)
            information = {group: nats.T * is_noisy for group, nats in information.items()}
        return Rollout(outputs, jnp.transpose(states, (2, 0, 1)), information)

    def transition(
        self,
        states: Float[Array, "point latent"],
        inputs: Float[Array, "point input"],
        *,
        subject: Array | None = None,
    ) -> Float[Array, "point latent"]:
        """Noiseless latents after one trial, for many states and inputs at once."""
        columns = latent_recurrence(
            self._update_weights(0.0), inputs.T[None], None, None, states.T, self.activation, self.max_latent
        )
        return columns[0].T

    def choice_outputs(
        self, states: Float[Array, "point latent"], *, subject: Array | None = None
    ) -> Float[Array, "point output"]:
        """Noiseless outputs of the choice network for many states at once."""
        return self._outputs(states.T[None], None, 0.0)[:, 0]

    def _update_weights(self, noise: float | Array) -> UpdateWeights:
        """Update networks with the bottlenecks' multipliers and widths folded into their first layer."""
        network = self.update_network
        gain = jnp.concatenate([self.update_input.gain, self.update_latent.gain]).T[:, None, :]
        sigma = jnp.concatenate([self.update_input.sigma, self.update_latent.sigma]).T[:, None, :]
        return UpdateWeights(
            shared=network.in_weight * gain,
            noise=network.in_weight * (noise * sigma),
            in_bias=network.in_bias,
            hidden=jnp.swapaxes(network.hidden_weight, 0, 1),
            hidden_bias=jnp.swapaxes(network.hidden_bias, 0, 1),
            out=network.out_weight,
            out_bias=network.out_bias,
        )

    def _outputs(self, states, eps, noise) -> Float[Array, "session time output"]:
        """The choice network over all trials of all sessions at once, one trial a column."""
        n_trials, n_latents, n_sessions = states.shape
        gain = self.choice_latent.gain[None, :, None]
        width = noise * self.choice_latent.sigma[None, :, None]
        seen = gain * states if eps is None else gain * states + width * eps
        columns = jnp.swapaxes(seen, 0, 1).reshape(n_latents, n_trials * n_sessions)
        outputs = self.choice_network.apply_columns(columns)
        return jnp.transpose(outputs.reshape(self.n_outputs, n_trials, n_sessions), (2, 1, 0))

    def _information(self, x, previous, updated, states) -> dict[str, Float[Array, "time session"]]:
        """Nats of each group from sums of squares: the channels of a group differ only in their weights."""

        def nats(bottleneck: Bottleneck, values):
            squared_gain = bottleneck.gain**2
            weight = squared_gain.reshape(squared_gain.shape[0], -1).sum(1)[None, :, None]
            return 0.5 * (weight * values**2).sum(1) + bottleneck.resting_information.sum()

        return {
            "latent": nats(self.latent, updated),
            "update_input": nats(self.update_input, x),
            "update_latent": nats(self.update_latent, previous),
            "choice_latent": nats(self.choice_latent, states),
        }


@eqx.filter_jit
def _starting_parts(sizes, update_sizes, choice_sizes, activation: str, key: PRNGKeyArray) -> dict[str, Any]:
    """The parts of a new network, compiled as one: drawn one by one they cost seconds in a fresh process."""
    n_inputs, n_outputs, n_latents = sizes
    spread_key, update_key, choice_key, start_key = jax.random.split(key, 4)
    shapes = ((n_inputs, n_latents), (n_latents, n_latents), (n_latents,), (n_latents,))
    update_input, update_latent, latent, choice_latent = Bottleneck.several(
        shapes, multiplier=(True, True, False, True), key=spread_key
    )
    return {
        "update_input": update_input,
        "update_latent": update_latent,
        "latent": latent,
        "choice_latent": choice_latent,
        "update_network": ResidualMLP.stacked(
            n_latents, n_inputs + n_latents, 2, *update_sizes, activation=activation, key=update_key
        ),
        "choice_network": ResidualMLP(
            n_latents, n_outputs, *choice_sizes, activation=activation, key=choice_key
        ),
        "start": jax.random.uniform(start_key, (n_latents,), minval=-0.1, maxval=0.1),
    }


def _check_sizes(smallest: int = 1, **sizes: int) -> None:
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < smallest:
            raise ValueError(f"{name} is {size!r}, expected a whole number of at least {smallest}")
