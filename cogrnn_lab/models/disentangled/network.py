"""The forward pass of the disentangled RNNs: a definition for one trial, and a fast path over sessions.

Miller, Eckstein, Botvinick & Kurth-Nelson, "Cognitive model discovery via disentangled RNNs", NeurIPS 2023.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.latent_core import LatentCore
from cogrnn_lab.models.disentangled.latent_recurrence import UpdateWeights, gated_update, latent_recurrence
from cogrnn_lab.models.disentangled.neural_readout import NeuralReadout
from cogrnn_lab.models.disentangled.residual_mlp import ResidualMLP
from cogrnn_lab.models.disentangled.subject_context import SubjectContext
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.side_by_side import by_sessions
from cogrnn_lab.random_numbers import FEW_ROUNDS, standard_normals

# Standard normal draws of one trial by where they go (of many trials: then trials come first, sessions last).
Draws = dict[str, Array]


class DisentangledNetwork(Network):
    """What the disentangled RNNs share; the parts `subjects` and `neural` are None where a kind has none.

    Each latent has an update network that reads, through bottlenecks of its own, the subject's embedding, the
    inputs and all previous latents, and moves the latent by a gated step; a bottleneck lies on every new
    latent; the choice network reads the embedding and the latents through one bottleneck each.
    """

    core: eqx.AbstractVar[LatentCore]
    subjects: eqx.AbstractVar[SubjectContext | None]
    neural: eqx.AbstractVar[NeuralReadout | None]

    update_input = property(lambda self: self.core.update_input)
    update_latent = property(lambda self: self.core.update_latent)
    update_net = property(lambda self: self.core.update_net)
    latent = property(lambda self: self.core.latent)
    choice_latent = property(lambda self: self.core.choice_latent)
    choice_net = property(lambda self: self.core.choice_net)
    start = property(lambda self: self.core.start)
    n_inputs = property(lambda self: self.core.n_inputs)
    n_outputs = property(lambda self: self.core.n_outputs)
    n_latents = property(lambda self: self.core.n_latents)
    update_width = property(lambda self: self.core.update_width)
    update_depth = property(lambda self: self.core.update_depth)
    choice_width = property(lambda self: self.core.choice_width)
    choice_depth = property(lambda self: self.core.choice_depth)
    activation = property(lambda self: self.core.activation)
    max_latent = property(lambda self: self.core.max_latent)

    @property
    def bottlenecks(self) -> dict[str, Bottleneck]:
        """All bottlenecks by group."""
        groups = {
            "latent": self.latent,
            "update_input": self.update_input,
            "update_latent": self.update_latent,
            "choice_latent": self.choice_latent,
        }
        if self.subjects is not None:
            groups |= {
                name: getattr(self.subjects, name) for name in ("subject", "update_subject", "choice_subject")
            }
        if self.neural is not None:
            groups["neural"] = self.neural.bottleneck
        return groups

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the bottleneck groups, which are also the names of their penalties."""
        return tuple(self.bottlenecks)

    def initial_state(self, subject: Any = None) -> Float[Array, " latent"]:
        """Latents before the first trial (learned, the same for every subject)."""
        return self.start

    def l2(self) -> Float[Array, ""]:
        """Sum of squared hidden-layer weights of all networks, unweighted."""
        networks = [self.update_net, self.choice_net]
        networks += [] if self.neural is None else [self.neural.network]
        return sum((network.l2() for network in networks), jnp.zeros(()))

    # --- one trial: the definition ----------------------------------------------------------------

    def next_state(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " latent"]:
        """Latents after one trial."""
        return self.step(state, inputs, subject=subject, key=key, noise=noise)[0]

    def readout(self, state: Float[Array, " latent"], *, subject: Any = None) -> Float[Array, " output"]:
        """Logits of the alternatives, noiseless."""
        return self.readouts(state[None], subject=subject)[0]

    def step(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> tuple[Float[Array, " latent"], Float[Array, " output"], dict[str, Float[Array, ""]]]:
        """One trial: the plain definition, which the fast `rollout` is tested against.

        Returns the new latents (latent,), the outputs (output,) and the information of each group in nats (0
        where `key` is None or `noise` is 0).
        """
        draws = None if key is None else self.draw_noise(key, noise=noise)
        return self.step_with_draws(state, inputs, draws, noise, subject=subject)

    def step_with_draws(
        self, state, inputs, draws: Draws | None, noise: float | Array = 1.0, *, subject: Any = None
    ):
        """`step` with the standard normal draws given (None: noiseless)."""
        eps = dict.fromkeys(self._noise_shapes()) if draws is None else draws
        information, context = {}, jnp.zeros(0)
        if self.subjects is not None:
            embedding = self.subjects.of(subject)
            context = self.subjects.subject(embedding, eps["subject"], noise)
            information["subject"] = self.subjects.subject.information(embedding)

        sources = jnp.concatenate([context, inputs, state])
        channels = self._update_channels()
        seen = jnp.broadcast_to(sources[:, None], (sources.size, self.n_latents))
        update_eps = None if draws is None else draws["update"].T
        out = eqx.filter_vmap(lambda network, x: network(x))(
            self.update_net, channels(seen, update_eps, noise).T
        )
        updated = gated_update(state, out[:, 0], out[:, 1], self.max_latent)
        new = self.latent(updated, eps["latent"], noise)

        read = jnp.concatenate([context, new])
        outputs = self.choice_net(self._choice_channels()(read, eps["choice"], noise))
        information |= self._split(channels.information(seen), "update", context.size)
        information |= self._split(self._choice_channels().information(read), "choice", context.size)
        information["latent"] = self.latent.information(updated)
        if self.neural is not None:
            observed = jnp.concatenate([new, inputs])
            outputs = jnp.concatenate([outputs, self.neural(observed, eps["neural"], noise)])
            information["neural"] = self.neural.bottleneck.information(observed)

        is_noisy = 0.0 if draws is None else jnp.asarray(noise) > 0
        return new, outputs, {group: information[group].sum() * is_noisy for group in self.groups}

    def _split(self, nats: Array, reader: str, n_context: int) -> dict[str, Array]:
        """Information of a reader's channels by group; the rows are embedding, inputs, latents."""
        ends = (n_context, nats.shape[0] - self.n_latents)
        subject, given, latent = nats[: ends[0]], nats[ends[0] : ends[1]], nats[ends[1] :]
        return {f"{reader}_subject": subject, f"{reader}_input": given, f"{reader}_latent": latent}

    # --- many sessions at once --------------------------------------------------------------------

    def draw_noise(self, key: PRNGKeyArray, before=(), after=(), noise: float | Array = 1.0) -> Draws:
        """Standard normal draws for every noisy channel, with axes `before` in front and `after` behind.

        Zeros, at no cost, where `noise` is 0: a warm-up without noise should not pay for random numbers.
        """
        shapes = {use: (*before, *channels, *after) for use, channels in self._noise_shapes().items()}
        return jax.lax.cond(
            jnp.asarray(noise) > 0,
            lambda: standard_normals(key, shapes, FEW_ROUNDS),
            lambda: {use: jnp.zeros(shape, jnp.float32) for use, shape in shapes.items()},
        )

    def rollout(
        self,
        inputs: Float[Array, "session time input"],
        *,
        subject: Int[Array, "session *time"] | None = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """Many sessions at once; see `cogrnn_lab.rollout`."""

        def draw(n_rows: int) -> Draws | None:
            return None if key is None else self.draw_noise(key, inputs.shape[1:2], (n_rows,), noise)

        def own_sessions(whole, given, draws):
            (model, noise), (inputs, subject, begins) = whole, given
            return model.rollout_with_draws(inputs, draws, noise, subject=subject, begins=begins)

        return by_sessions(own_sessions, (self, jnp.asarray(noise)), (inputs, subject, begins), draw)

    def rollout_with_draws(
        self,
        inputs: Float[Array, "session time input"],
        draws: Draws | None,
        noise: float | Array = 1.0,
        *,
        subject: Int[Array, "session *time"] | None = None,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """`rollout` with the standard normal draws given: trials first, sessions last (None: noiseless)."""
        n_rows, n_trials, _ = inputs.shape
        eps = dict.fromkeys(self._noise_shapes()) if draws is None else draws
        x = jnp.transpose(inputs, (1, 2, 0))
        embedding = context = None
        if self.subjects is not None:
            embedding = self._embedding_columns(self.subjects, subject, n_rows, n_trials)
            context = _through(self.subjects.subject, embedding, eps["subject"], noise)
        start = jnp.broadcast_to(self.start[:, None], (self.n_latents, n_rows))
        jitter = None if draws is None else (noise * self.latent.sigma)[None, :, None] * eps["latent"]
        states = latent_recurrence(
            self._update_weights(noise),
            _joined(context, x),
            eps["update"],
            jitter,
            start,
            None if begins is None else begins.T,
            self.activation,
            self.max_latent,
        )
        outputs = _columns(
            self.choice_net, self._choice_channels(), _joined(context, states), eps["choice"], noise
        )
        if self.neural is not None:
            observed = jnp.concatenate([states, x], axis=1)
            activity = _columns(self.neural.network, self.neural.bottleneck, observed, eps["neural"], noise)
            outputs = jnp.concatenate([outputs, activity], axis=-1)
        if jitter is None:
            information = {group: jnp.zeros((n_rows, n_trials)) for group in self.groups}
        else:
            before = jnp.concatenate([start[None], states[:-1]])
            if begins is not None:
                before = jnp.where(begins.T[:, None], start[None], before)
            entering = self._entering(embedding, context, x, before, states)
            information = self._information(entering | {"latent": states - jitter}, noise)
        return Rollout(outputs, jnp.transpose(states, (2, 0, 1)), information)

    def entering(
        self,
        inputs: Float[Array, "session time input"],
        states: Float[Array, "session time latent"],
        *,
        subject: Int[Array, "session *time"] | None = None,
    ) -> dict[str, Float[Array, "session time source"]]:
        """What enters the bottlenecks of each group along a noiseless rollout that gave these states."""
        x, along = (jnp.transpose(array, (1, 2, 0)) for array in (inputs, states))
        start = jnp.broadcast_to(self.start[None, :, None], (1, *along.shape[1:]))
        embedding = None
        if self.subjects is not None:
            embedding = self._embedding_columns(self.subjects, subject, inputs.shape[0], inputs.shape[1])
        values = self._entering(embedding, embedding, x, jnp.concatenate([start, along[:-1]]), along)
        return {group: jnp.transpose(values[group], (2, 0, 1)) for group in self.groups}

    def transition(
        self,
        states: Float[Array, "point latent"],
        inputs: Float[Array, "point input"],
        *,
        subject: Any = None,
    ) -> Float[Array, "point latent"]:
        """Noiseless latents after one trial, for many states and inputs at once."""
        columns = latent_recurrence(
            self._update_weights(0.0),
            _joined(self._context_columns(subject, states.shape[0]), inputs.T[None]),
            None,
            None,
            states.T,
            None,
            self.activation,
            self.max_latent,
        )
        return columns[0].T

    def readouts(
        self, states: Float[Array, "point latent"], *, subject: Any = None
    ) -> Float[Array, "point output"]:
        """Noiseless outputs of the choice network for many states at once."""
        read = _joined(self._context_columns(subject, states.shape[0]), states.T[None])
        return _columns(self.choice_net, self._choice_channels(), read, None, 0.0)[:, 0]

    def _noise_shapes(self) -> dict[str, tuple[int, ...]]:
        """Channels that draw noise, by use; those of the update networks are (latent, source)."""
        n_context = 0 if self.subjects is None else self.subjects.embedding_size
        n_sources = n_context + self.n_inputs + self.n_latents
        shapes = {
            "update": (self.n_latents, n_sources),
            "latent": (self.n_latents,),
            "choice": (n_context + self.n_latents,),
        }
        if self.subjects is not None:
            shapes["subject"] = (n_context,)
        if self.neural is not None:
            shapes["neural"] = (self.n_latents + self.n_inputs,)
        return shapes

    def _update_channels(self) -> Bottleneck:
        """All bottlenecks before the update networks as one, (embedding and input and latent, latent)."""
        parts = [] if self.subjects is None else [self.subjects.update_subject]
        return Bottleneck.stacked([*parts, self.update_input, self.update_latent])

    def _choice_channels(self) -> Bottleneck:
        """All bottlenecks before the choice network as one, (embedding and latent,)."""
        parts = [] if self.subjects is None else [self.subjects.choice_subject]
        return Bottleneck.stacked([*parts, self.choice_latent])

    def _update_weights(self, noise: float | Array) -> UpdateWeights:
        """Update networks with the bottlenecks' multipliers and widths folded into their first layer."""
        network, channels = self.update_net, self._update_channels()
        return UpdateWeights(
            shared=network.in_weight * channels.gain.T[:, None, :],
            noise=network.in_weight * (noise * channels.sigma.T[:, None, :]),
            in_bias=network.in_bias,
            hidden=tuple(jnp.unstack(network.hidden_weight, axis=1)),
            hidden_bias=tuple(jnp.unstack(network.hidden_bias, axis=1)),
            out=network.out_weight,
            out_bias=network.out_bias,
        )

    def _embedding_columns(
        self, subjects: SubjectContext, subject, n_rows: int, n_trials: int
    ) -> Float[Array, "time embedding session"]:
        if subject is None:
            raise ValueError(
                "a network that knows subjects was run without saying whose sessions these are; pass "
                "subject=, an index for each session"
            )
        along = jnp.broadcast_to(jnp.asarray(subject).T, (n_trials, n_rows))
        return jnp.swapaxes(subjects.of(along), 1, 2)

    def _context_columns(self, subject: Any, n_points: int) -> Float[Array, "1 embedding point"] | None:
        if self.subjects is None:
            return None
        embedding = self.subjects.of(subject)
        return jnp.broadcast_to(embedding[None, :, None], (1, embedding.size, n_points))

    def _entering(
        self, embedding, context, x, before, states
    ) -> dict[str, Float[Array, "time source session"]]:
        values = {"latent": states, "update_input": x, "update_latent": before, "choice_latent": states}
        values |= {"subject": embedding, "update_subject": context, "choice_subject": context}
        if self.neural is not None:
            values["neural"] = jnp.concatenate([states, x], axis=1)
        return values

    def _information(self, entering, noise) -> dict[str, Float[Array, "session time"]]:
        """Nats of each group from sums of squares: the channels of a source differ only in their weights."""
        is_noisy = (jnp.asarray(noise) > 0).astype(jnp.float32)
        nats = {}
        for group, bottleneck in self.bottlenecks.items():
            squared_gain = bottleneck.gain**2
            weight = squared_gain.reshape(squared_gain.shape[0], -1).sum(1)[None, :, None]
            information = 0.5 * (weight * entering[group] ** 2).sum(1) + bottleneck.resting_information.sum()
            nats[group] = information.T * is_noisy
        return nats


def _joined(context: Array | None, values: Array) -> Array:
    """Both along the axis of sources (time, source, session)."""
    return values if context is None else jnp.concatenate([context, values], axis=1)


def _through(bottleneck: Bottleneck, values: Array, eps: Array | None, noise: float | Array) -> Array:
    """(time, source, session) through one bottleneck per source."""
    passed = bottleneck.gain[None, :, None] * values
    return passed if eps is None else passed + (noise * bottleneck.sigma)[None, :, None] * eps


def _columns(
    network: ResidualMLP, bottleneck: Bottleneck, values, eps, noise
) -> Float[Array, "session time output"]:
    """A network that does not recur, over all trials of all sessions at once, one trial a column."""
    n_trials, n_sources, n_rows = values.shape
    seen = _through(bottleneck, values, eps, noise)
    columns = jnp.swapaxes(seen, 0, 1).reshape(n_sources, n_trials * n_rows)
    outputs = network.apply_columns(columns)
    return jnp.transpose(outputs.reshape(-1, n_trials, n_rows), (2, 1, 0))
