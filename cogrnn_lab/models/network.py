"""Base class of the networks: defined by one trial of one session, run along many sessions at once."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.models.fast_path import is_own, way_of
from cogrnn_lab.models.names import named
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.side_by_side import by_sessions
from cogrnn_lab.models.trial_shapes import check_one_trial
from cogrnn_lab.random_numbers import FEW_ROUNDS, KeyOrSeed, as_key, standard_normals


class Network(eqx.Module):
    """Base class of recurrent networks; training, analysis and the lab take any of them.

    The state is one vector of numbers. A network of your own needs the fields `n_inputs` and `n_outputs` and
    three functions, written for one session, as in the example.

    A subclass of any network may override `initial_state`, `next_state`, `readout`, `step`, `costs` or
    `__call__`: it is trained and scored as it says, step by step. To be as fast as the networks here it
    defines `rollout_with_draws`, too. A penalty of its own is a term of `penalty_terms` or `costs`, whose
    weight is given by the same name: `cl.Penalties(my_term=0.1)`.

    Example:
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

    n_inputs: eqx.AbstractVar[int]
    n_outputs: eqx.AbstractVar[int]

    # Names of the inputs and alternatives that it was trained on; None before. See `with_names`.
    input_names: tuple[str, ...] | None = eqx.field(static=True, init=False, default=None)
    class_names: tuple[str, ...] | None = eqx.field(static=True, init=False, default=None)
    signal_names: tuple[str, ...] | None = eqx.field(static=True, init=False, default=None)

    # Methods of a class's fast path, methods that it stands in for, and parts that it knows; see `way_of`.
    fast_path: ClassVar[tuple[str, ...]] = ("rollout_with_draws",)
    fast_path_of: ClassVar[tuple[str, ...]] = ("initial_state", "next_state", "readout", "step", "costs")
    fast_path_parts: ClassVar[tuple[type, ...]] = ()

    # Documented names of arrays of weights, and where they are: for `freeze` and `cl.with_weights`.
    part_names: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def initial_state(self, subject: Any = None) -> Float[Array, " latent"]:
        """Give the state before the first trial of a session.

        Arguments:
            subject: Index or embedding of the subject, for networks that know subjects.

        Returns:
            State (latent,).
        """

    @abstractmethod
    def next_state(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " latent"]:
        """Compute the state after a trial.

        Arguments:
            state: State (latent,) before it.
            inputs: Inputs (input,) of the trial.
            subject: Index or embedding of the subject, for networks that know subjects.
            key: Random key or seed, for networks that are noisy; None for no noise.
            noise: Scale of the noise.

        Returns:
            State (latent,) after the trial.
        """

    @abstractmethod
    def readout(self, state: Float[Array, " latent"], *, subject: Any = None) -> Float[Array, " output"]:
        """Compute the outputs in a state: logits of the alternatives, or means.

        Arguments:
            state: State (latent,).
            subject: Index or embedding of the subject, for networks that know subjects.

        Returns:
            Outputs (output,).
        """

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the bottleneck groups, which are also the names of their penalties; by default none."""
        return ()

    @property
    def penalty_names(self) -> tuple[str, ...]:
        """Names of all penalties that the network has: of its bottleneck groups, weights and activity."""
        costs = jax.eval_shape(lambda: self.costs(self.initial_state(jnp.zeros((), jnp.int32))))
        return (*self.groups, *jax.eval_shape(self.penalty_terms), *costs)

    @property
    def n_latents(self) -> int:
        """Length of the state vector."""
        return jax.eval_shape(self.initial_state, jnp.zeros((), jnp.int32)).shape[-1]

    def with_names(
        self,
        *,
        input_names: Sequence[str] | EllipsisType | None = ...,
        class_names: Sequence[str] | EllipsisType | None = ...,
        signal_names: Sequence[str] | EllipsisType | None = ...,
    ) -> Any:
        """Name inputs, alternatives and predicted signals, by which other data are matched to the network.

        Training does so by itself, with the names of the training data.

        Arguments:
            input_names: Different names, one for each input; None to forget them. What is left out stays.
            class_names: Different names, one for each alternative, in the order of the outputs; None to
                forget them.
            signal_names: Different names of the numbers that it predicts (`Dataset.signal_names`), in the
                order of the outputs; None to forget them.

        Returns:
            A copy of the network.

        Raises:
            ValueError: There are more or fewer names than inputs or signals, or more than outputs, or two are
                the same.
        """
        return named(self, input_names=input_names, class_names=class_names, signal_names=signal_names)

    def l2(self) -> Float[Array, ""]:
        """Sum the squared weights that the penalty `l2` is on, unweighted; by default 0.

        Returns:
            The sum.
        """
        return jnp.zeros(())

    def penalty_terms(self) -> dict[str, Float[Array, ""]]:
        """Compute the penalties on the weights, by name and unweighted; by default `l2`.

        Returns:
            {name: number}.
        """
        return {"l2": self.l2()}

    def costs(self, state: Float[Array, " latent"]) -> dict[str, Float[Array, ""]]:
        """Compute the penalties on the state after a trial, by name and unweighted; by default none.

        Arguments:
            state: State (latent,) after the trial.

        Returns:
            {name: number}.
        """
        return {}

    def step(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
    ) -> tuple[Float[Array, " latent"], Float[Array, " output"], dict[str, Float[Array, ""]]]:
        """Compute one trial.

        Arguments:
            state: State (latent,) before the trial.
            inputs: Inputs (input,) of the trial.
            subject: Index or embedding of the subject, for networks that know subjects.
            key: Random key or seed, for networks that are noisy; None for no noise.
            noise: Scale of the noise.

        Returns:
            New state (latent,), outputs (output,), and {bottleneck group: information in nats}.
        """
        # A network of the user's own may have its size as a field that is traced.
        if isinstance(self.n_inputs, int) and jnp.shape(inputs) != (self.n_inputs,):
            check_one_trial(self, state, inputs)
        new = self.next_state(state, inputs, subject=subject, key=key, noise=noise)
        return new, self.readout(new, subject=subject), {}

    def __call__(
        self,
        inputs: Float[Array, "time input"],
        *,
        subject: Any = None,
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
    ) -> Rollout:
        """Run the network along one session.

        Arguments:
            inputs: Inputs (time, input).
            subject: Index or embedding of the subject, for networks that know subjects.
            key: Random key or seed, for networks that are noisy; None for no noise.
            noise: Scale of the noise.

        Returns:
            A `Rollout` without the session axis.

        Raises:
            ValueError: The inputs are not (time, `n_inputs`).
        """
        check_one_session(self, inputs)
        inputs = jnp.asarray(inputs)
        subject = None if subject is None else jnp.asarray(subject)[None]
        run = self.rollout if is_own(type(self), "rollout", Network) else self._run
        many = run(inputs[None], subject=subject, key=key, noise=noise)
        return jax.tree.map(lambda leaf: leaf[0], many)

    def rollout(
        self,
        inputs: Float[Array, "session time input"],
        *,
        subject: Int[Array, "session *time"] | None = None,
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """Run the network along many sessions at once; `cl.rollout` also checks the inputs.

        Arguments:
            inputs: Inputs (session, time, input).
            subject: Indices (session,) or (session, time), for networks that know subjects.
            key: Random key or seed, for networks that are noisy; None for no noise.
            noise: Scale of the noise.
            begins: True (session, time) where another session begins inside a row, at the initial state.

        Returns:
            A `Rollout`.

        Raises:
            ValueError: A subclass overrides `__call__`, and a row holds several sessions.
        """
        if way_of(self) != "call":
            return self._run(inputs, subject=subject, key=key, noise=noise, begins=begins)
        if begins is not None:
            raise ValueError(
                f"{type(self).__name__} overrides __call__, which runs one session from its first trial, and "
                "here a row holds several sessions (begins=); override initial_state, next_state, readout or "
                "step, or give each session a row"
            )
        keys = None if key is None else jax.random.split(as_key(key), inputs.shape[0])
        axes = (0, None if subject is None else 0, None if keys is None else 0)
        return jax.vmap(lambda x, whose, own_key: self(x, subject=whose, key=own_key, noise=noise), axes)(
            inputs, subject, keys
        )

    def _run(self, inputs, *, subject=None, key=None, noise: float | Array = 1.0, begins=None) -> Rollout:
        """Sessions side by side: the class's fast path where it serves this network, else step by step."""
        self.check_subject(subject)
        key = None if key is None else as_key(key)
        is_fast = way_of(self, within_call=True) == "fast"

        def draw(n_rows: int) -> Any:
            if key is None:
                return None
            n_trials = inputs.shape[1]
            if is_fast:
                return self.draw_noise(key, (n_trials,), (n_rows,), noise)
            return jax.random.split(key, (n_trials, n_rows))

        def own_sessions(whole, given, chance):
            (model, noise), (inputs, subject, begins) = whole, given
            run = model.rollout_with_draws if is_fast else model._step_by_step
            return run(inputs, chance, noise, subject=subject, begins=begins)

        return by_sessions(own_sessions, (self, jnp.asarray(noise)), (inputs, subject, begins), draw)

    def _step_by_step(self, inputs, keys, noise, *, subject, begins) -> Rollout:
        """`step`, vmapped over sessions and scanned over trials, with keys (trial, session) or None."""
        n_rows, n_trials, _ = inputs.shape
        subject = None if subject is None else jnp.broadcast_to(subject.T, (n_trials, n_rows))
        first = None if subject is None else subject[0]
        start = jax.vmap(self.initial_state, axis_size=n_rows)(first)

        def one(state, x):
            inputs, subject, key, begins = x
            if begins is not None:
                state = jnp.where(begins, self.initial_state(subject), state)
            new, outputs, information = self.step(state, inputs, subject=subject, key=key, noise=noise)
            return new, Rollout(outputs, new, information, self.costs(new))

        xs = (jnp.swapaxes(inputs, 0, 1), subject, keys, None if begins is None else begins.T)
        _, along = jax.lax.scan(lambda states, x: jax.vmap(one)(states, x), start, xs)
        return jax.tree.map(lambda leaf: jnp.swapaxes(leaf, 0, 1), along)

    def check_subject(self, subject: Any) -> None:
        """Refuse sessions whose subject the network has to know and doesn't; by default none.

        Arguments:
            subject: Indices of the subjects, or None.
        """

    def noise_shapes(self) -> dict[str, tuple[int, ...]]:
        """Give the shapes of the standard normal draws of one trial, by use; by default none.

        Returns:
            {use: shape}.
        """
        return {}

    def draw_noise(self, key: KeyOrSeed, before=(), after=(), noise: float | Array = 1.0) -> dict[str, Array]:
        """Draw the standard normal numbers of one trial, or of many.

        They are zeros, at no cost, where `noise` is 0: a warm-up without noise should not pay for random
        numbers.

        Arguments:
            key: Random key, or a seed.
            before: Axes in front of each shape of `noise_shapes`, such as trials.
            after: Axes behind it, such as sessions.
            noise: Scale of the noise, of which only whether it is 0 counts.

        Returns:
            {use: draws (*before, *shape, *after)}.
        """
        shapes = {use: (*before, *shape, *after) for use, shape in self.noise_shapes().items()}
        if not shapes:
            return {}
        return jax.lax.cond(
            jnp.asarray(noise) > 0,
            lambda: standard_normals(as_key(key), shapes, FEW_ROUNDS),
            lambda: {use: jnp.zeros(shape, jnp.float32) for use, shape in shapes.items()},
        )

    def transition(
        self,
        states: Float[Array, "point latent"],
        inputs: Float[Array, "point input"],
        *,
        subject: Any = None,
    ) -> Float[Array, "point latent"]:
        """Compute noiseless states after one trial, for many states and inputs at once.

        Arguments:
            states: States (point, latent) before the trial.
            inputs: Inputs (point, input).
            subject: Index or embedding of one subject for all points.

        Returns:
            States (point, latent) after the trial.
        """
        return jax.vmap(lambda state, x: self.step(state, x, subject=subject, key=None, noise=0.0)[0])(
            states, inputs
        )

    def readouts(
        self, states: Float[Array, "point latent"], *, subject: Any = None
    ) -> Float[Array, "point output"]:
        """Compute noiseless outputs for many states at once.

        Arguments:
            states: States (point, latent).
            subject: Index or embedding of one subject for all points.

        Returns:
            Outputs (point, output).
        """
        return jax.vmap(lambda state: self.readout(state, subject=subject))(states)


def check_one_session(model: Network, inputs: Any) -> None:
    """Refuse inputs that are not (time, input) of this network."""
    _check_array(inputs)
    if inputs.ndim != 2 or inputs.shape[-1] != model.n_inputs:
        many = " Many sessions go through cl.rollout(model, inputs)." if inputs.ndim == 3 else ""
        raise ValueError(
            f"inputs have shape {tuple(inputs.shape)}, expected (time, {model.n_inputs}): one session, and "
            f"this model was made with n_inputs={model.n_inputs}.{many}"
        )


def _check_array(inputs: Any) -> None:
    if not (hasattr(inputs, "ndim") and hasattr(inputs, "shape")):
        whole = "; along a whole data set cl.latents(model, dataset) gives states and outputs"
        raise TypeError(
            f"inputs are a {type(inputs).__name__}, expected an array (session, time, input), such as "
            f"dataset.inputs{whole if hasattr(inputs, 'inputs') else ''}"
        )


def check_inputs(model: Network, inputs: Any) -> None:
    """Refuse inputs that are not (session, time, input) of this network."""
    _check_array(inputs)
    if inputs.ndim != 3 or inputs.shape[-1] != model.n_inputs:
        raise ValueError(
            f"inputs have shape {tuple(inputs.shape)}, expected (session, time, {model.n_inputs}): "
            f"this model was made with n_inputs={model.n_inputs}. For one session call the model itself."
        )
