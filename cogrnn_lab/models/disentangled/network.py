"""The forward pass of the disentangled RNNs: a definition for one trial, and a fast path over sessions.

Miller, Eckstein, Botvinick & Kurth-Nelson, "Cognitive model discovery via disentangled RNNs", NeurIPS 2023.
"""

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.columns import (
    context_columns,
    embedding_columns,
    group_information,
    joined,
    read_columns,
    through,
)
from cogrnn_lab.models.disentangled.latent_core import LatentCore
from cogrnn_lab.models.disentangled.latent_recurrence import UpdateWeights, gated_update, latent_recurrence
from cogrnn_lab.models.disentangled.neural_readout import NeuralReadout
from cogrnn_lab.models.disentangled.residual_mlp import ResidualMLP
from cogrnn_lab.models.disentangled.subject_context import SubjectContext, check_subjects
from cogrnn_lab.models.fast_path import is_own, way_of
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.trial_shapes import check_one_state, check_one_trial
from cogrnn_lab.random_numbers import KeyOrSeed

# Standard normal draws of one trial by where they go (of many trials: then trials come first, sessions last).
Draws = dict[str, Array]


class DisentangledNetwork(Network):
    """Base class of the disentangled RNNs; the parts `subjects` and `neural` are None where a kind has none.

    Each latent has an update network that reads, through bottlenecks of its own, the subject's embedding, the
    inputs and all previous latents, and moves the latent by a gated step; a bottleneck lies on every new
    latent; the choice network reads the embedding and the latents through one bottleneck each.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> isinstance(cl.DisRNN(2, 2, key=jax.random.key(0)), cl.DisentangledNetwork)
        True
    """

    core: eqx.AbstractVar[LatentCore]
    subjects: eqx.AbstractVar[SubjectContext | None]
    neural: eqx.AbstractVar[NeuralReadout | None]

    fast_path_of: ClassVar[tuple[str, ...]] = (
        *Network.fast_path_of,
        *("step_with_draws", "readouts", "bottlenecks", "groups"),
    )
    fast_path_parts: ClassVar[tuple[type, ...]] = (ResidualMLP, NeuralReadout)

    update_input = property(lambda self: self.core.update_input)
    update_latent = property(lambda self: self.core.update_latent)
    update_net = property(lambda self: self.core.update_net)
    latent = property(lambda self: self.core.latent)
    choice_latent = property(lambda self: self.core.choice_latent)
    choice_net = property(lambda self: self.core.choice_net)
    start = property(lambda self: self.core.start)
    n_inputs = property(lambda self: self.core.sizes.n_inputs)  # pyright: ignore
    n_outputs = property(lambda self: self.core.sizes.n_outputs)  # pyright: ignore
    n_latents = property(lambda self: self.core.sizes.n_latents)
    update_width = property(lambda self: self.core.sizes.update_width)
    update_depth = property(lambda self: self.core.sizes.update_depth)
    choice_width = property(lambda self: self.core.sizes.choice_width)
    choice_depth = property(lambda self: self.core.sizes.choice_depth)
    activation = property(lambda self: self.core.sizes.activation)
    max_latent = property(lambda self: self.core.sizes.max_latent)

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
        """Give the latents (latent,) before the first trial (learned, the same for every subject)."""
        return self.start

    def l2(self) -> Float[Array, ""]:
        """Sum the squared hidden-layer weights of all networks, unweighted."""
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
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " latent"]:
        """Compute the latents (latent,) after one trial; `subject` is None for the mean embedding."""
        if self._overrides("step") and not self._overrides("next_state"):
            return self.step(state, inputs, subject=subject, key=key, noise=noise)[0]
        check_one_trial(self, state, inputs)
        draws = None if key is None else self.draw_noise(key, noise=noise)
        return self.step_with_draws(state, inputs, draws, noise, subject=subject)[0]

    def readout(self, state: Float[Array, " latent"], *, subject: Any = None) -> Float[Array, " output"]:
        """Compute the logits of the alternatives without noise.

        Arguments:
            state: Latents (latent,).
            subject: Index or embedding of the subject, None for the mean embedding.

        Returns:
            Logits (output,).
        """
        if self._overrides("readouts") and not self._overrides("readout"):
            return self.readouts(state[None], subject=subject)[0]
        check_one_state(self, state)
        return self._logits(state, subject)

    def step(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
    ) -> tuple[Float[Array, " latent"], Float[Array, " output"], dict[str, Float[Array, ""]]]:
        """Compute one trial: the plain definition, against which the fast `rollout` is tested.

        Where a subclass overrides `next_state` or `readout`, the latents and the logits are those; the
        information stays that of the network's own bottlenecks.

        Arguments:
            state: Latents (latent,) before the trial.
            inputs: Inputs (input,) of the trial.
            subject: Index or embedding of the subject, None for the mean embedding.
            key: Random key of the noise; None for no noise.
            noise: Scale of the noise.

        Returns:
            New latents (latent,), outputs (output,), and {group: information in nats}, 0 without noise.

        Raises:
            ValueError: A `readout` of a subclass does not give the logits of the alternatives.
        """
        check_one_trial(self, state, inputs)
        draws = None if key is None else self.draw_noise(key, noise=noise)
        own = None
        if self._overrides("next_state"):
            own = self.next_state(state, inputs, subject=subject, key=key, noise=noise)
        new, outputs, information = self.step_with_draws(
            state, inputs, draws, noise, subject=subject, new=own
        )
        if self._overrides("readout") or self._overrides("readouts"):
            logits = self.readout(new, subject=subject)
            if logits.shape != (self.n_outputs,):
                raise ValueError(
                    f"readout of {type(self).__name__} gives shape {logits.shape}, expected "
                    f"({self.n_outputs},): the logits of the alternatives"
                )
            outputs = jnp.concatenate([logits, outputs[self.n_outputs :]])
        return new, outputs, information

    def step_with_draws(
        self,
        state,
        inputs,
        draws: Draws | None,
        noise: float | Array = 1.0,
        *,
        subject: Any = None,
        new: Array | None = None,
    ) -> tuple[Array, Array, dict[str, Array]]:
        """Compute `step` with given standard normal draws.

        Arguments:
            state: Latents (latent,) before the trial.
            inputs: Inputs (input,) of the trial.
            draws: Draws by use, as `noise_shapes` has them; None for no noise.
            noise: Scale of the noise.
            subject: Index or embedding of the subject, None for the mean embedding.
            new: Latents (latent,) to take as the new ones; None for those of the update networks.

        Returns:
            New latents (latent,), outputs (output,), and {group: information in nats}.
        """
        eps = dict.fromkeys(self.noise_shapes()) if draws is None else draws
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
        latents: Array = self.latent(updated, eps["latent"], noise) if new is None else new

        read = jnp.concatenate([context, latents])
        outputs = self.choice_net(self._choice_channels()(read, eps["choice"], noise))
        information |= self._split(channels.information(seen), "update", context.size)
        information |= self._split(self._choice_channels().information(read), "choice", context.size)
        information["latent"] = self.latent.information(updated)
        if self.neural is not None:
            observed = jnp.concatenate([latents, inputs])
            outputs = jnp.concatenate([outputs, self.neural(observed, eps["neural"], noise)])
            information["neural"] = self.neural.bottleneck.information(observed)

        is_noisy = 0.0 if draws is None else jnp.asarray(noise) > 0
        return latents, outputs, {group: information[group].sum() * is_noisy for group in self.groups}

    def _split(self, nats: Array, reader: str, n_context: int) -> dict[str, Array]:
        """Information of a reader's channels by group; the rows are embedding, inputs, latents."""
        ends = (n_context, nats.shape[0] - self.n_latents)
        subject, given, latent = nats[: ends[0]], nats[ends[0] : ends[1]], nats[ends[1] :]
        return {f"{reader}_subject": subject, f"{reader}_input": given, f"{reader}_latent": latent}

    # --- many sessions at once --------------------------------------------------------------------

    def rollout_with_draws(
        self,
        inputs: Float[Array, "session time input"],
        draws: Draws | None,
        noise: float | Array = 1.0,
        *,
        subject: Int[Array, "session *time"] | None = None,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """Compute `rollout` with given standard normal draws.

        Arguments:
            inputs: Inputs (session, time, input).
            draws: Draws by use, times first and sessions last; None for no noise.
            noise: Scale of the noise.
            subject: Indices (session,) or (session, time) of the subjects.
            begins: True (session, time) where another session begins inside a row.

        Returns:
            A `Rollout`.
        """
        n_rows, n_trials, _ = inputs.shape
        eps = dict.fromkeys(self.noise_shapes()) if draws is None else draws
        x = jnp.transpose(inputs, (1, 2, 0))
        embedding = context = None
        if self.subjects is not None:
            embedding = embedding_columns(self.subjects, subject, n_rows, n_trials)
            context = through(self.subjects.subject, embedding, eps["subject"], noise)
        start = jnp.broadcast_to(self.start[:, None], (self.n_latents, n_rows))
        jitter = None if draws is None else (noise * self.latent.sigma)[None, :, None] * eps["latent"]
        states = latent_recurrence(
            UpdateWeights.folded(self.update_net, self._update_channels(), noise),
            joined(context, x),
            eps["update"],
            jitter,
            start,
            None if begins is None else begins.T,
            self.activation,
            self.max_latent,
        )
        outputs = read_columns(
            self.choice_net, self._choice_channels(), joined(context, states), eps["choice"], noise
        )
        if self.neural is not None:
            observed = jnp.concatenate([states, x], axis=1)
            activity = read_columns(
                self.neural.network, self.neural.bottleneck, observed, eps["neural"], noise
            )
            outputs = jnp.concatenate([outputs, activity], axis=-1)
        if jitter is None:
            information = {group: jnp.zeros((n_rows, n_trials)) for group in self.groups}
        else:
            before = jnp.concatenate([start[None], states[:-1]])
            if begins is not None:
                before = jnp.where(begins.T[:, None], start[None], before)
            entering = self._entering(embedding, context, x, before, states)
            information = group_information(self.bottlenecks, entering | {"latent": states - jitter}, noise)
        return Rollout(outputs, jnp.transpose(states, (2, 0, 1)), information)

    def entering(
        self,
        inputs: Float[Array, "session time input"],
        states: Float[Array, "session time latent"],
        *,
        subject: Int[Array, "session *time"] | None = None,
    ) -> dict[str, Float[Array, "session time source"]]:
        """Collect what enters the bottlenecks of each group along a noiseless rollout.

        Arguments:
            inputs: Inputs (session, time, input).
            states: Latents (session, time, latent) of the rollout.
            subject: Indices (session,) or (session, time) of the subjects.

        Returns:
            {group: values (session, time, source)}.
        """
        x, along = (jnp.transpose(array, (1, 2, 0)) for array in (inputs, states))
        first = None if subject is None else jnp.asarray(subject).reshape(inputs.shape[0], -1)[:, 0]
        start = jax.vmap(self.initial_state, axis_size=inputs.shape[0])(first).T[None]
        embedding = None
        if self.subjects is not None:
            embedding = embedding_columns(self.subjects, subject, inputs.shape[0], inputs.shape[1])
        values = self._entering(embedding, embedding, x, jnp.concatenate([start, along[:-1]]), along)
        return {group: jnp.transpose(values[group], (2, 0, 1)) for group in self.groups}

    def transition(
        self,
        states: Float[Array, "point latent"],
        inputs: Float[Array, "point input"],
        *,
        subject: Any = None,
    ) -> Float[Array, "point latent"]:
        """Compute noiseless latents after one trial for many latents and inputs at once.

        Arguments:
            states: Latents (point, latent) before the trial.
            inputs: Inputs (point, input).
            subject: Index or embedding of one subject for all points, None for the mean embedding.

        Returns:
            Latents (point, latent) after the trial.
        """
        if way_of(self, within_call=True) != "fast":
            return super().transition(states, inputs, subject=subject)
        columns = latent_recurrence(
            UpdateWeights.folded(self.update_net, self._update_channels(), 0.0),
            joined(context_columns(self.subjects, subject, states.shape[0]), inputs.T[None]),
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
        """Compute noiseless outputs of the choice network for many latents at once.

        Arguments:
            states: Latents (point, latent).
            subject: Index or embedding of one subject for all points, None for the mean embedding.

        Returns:
            Logits (point, output).
        """
        if self._overrides("readout"):
            return super().readouts(states, subject=subject)
        if way_of(self, within_call=True) != "fast":
            return jax.vmap(lambda state: self._logits(state, subject))(states)
        read = joined(context_columns(self.subjects, subject, states.shape[0]), states.T[None])
        return read_columns(self.choice_net, self._choice_channels(), read, None, 0.0)[:, 0]

    def check_subject(self, subject: Any) -> None:
        """Refuse sessions without a subject, or of an unknown one.

        Arguments:
            subject: Indices of the subjects, or None.

        Raises:
            ValueError: The network knows subjects and none is given, or an index is out of range.
        """
        if self.subjects is None:
            return
        if subject is None:
            raise ValueError(
                "a network that knows subjects was run without saying whose sessions these are; pass "
                "subject=, an index for each session"
            )
        check_subjects(subject, self.subjects.n_subjects)

    def _overrides(self, name: str) -> bool:
        return is_own(type(self), name, DisentangledNetwork)

    def noise_shapes(self) -> dict[str, tuple[int, ...]]:
        """Give the shapes of one trial's draws, by use; those of the update networks are (latent, source)."""
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

    def _logits(self, state: Float[Array, " latent"], subject: Any) -> Float[Array, " output"]:
        context = jnp.zeros(0) if self.subjects is None else self.subjects.of(subject)
        return self.choice_net(self._choice_channels()(jnp.concatenate([context, state]), None, 0.0))

    def _update_channels(self) -> Bottleneck:
        """All bottlenecks before the update networks as one, (embedding and input and latent, latent)."""
        parts = [] if self.subjects is None else [self.subjects.update_subject]
        return Bottleneck.stacked([*parts, self.update_input, self.update_latent])

    def _choice_channels(self) -> Bottleneck:
        """All bottlenecks before the choice network as one, (embedding and latent,)."""
        parts = [] if self.subjects is None else [self.subjects.choice_subject]
        return Bottleneck.stacked([*parts, self.choice_latent])

    def _entering(
        self, embedding, context, x, before, states
    ) -> dict[str, Float[Array, "time source session"]]:
        values = {"latent": states, "update_input": x, "update_latent": before, "choice_latent": states}
        values |= {"subject": embedding, "update_subject": context, "choice_subject": context}
        if self.neural is not None:
            values["neural"] = jnp.concatenate([states, x], axis=1)
        return values
