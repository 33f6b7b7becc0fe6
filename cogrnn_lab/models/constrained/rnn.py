"""The biologically constrained recurrent network: rate units with Dale's law and given connections.

Song, Yang & Wang, "Training excitatory-inhibitory recurrent neural networks for cognitive tasks", PLoS Comput
Biol 2016; as in PsychRNN: Ehrlich, Stone, Brandfonbrener, Atanasov & Murray, eNeuro 2021.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.counts import checked_counts
from cogrnn_lab.models.activation import Activation, activation_function, activation_name
from cogrnn_lab.models.constrained.initializers import GlorotNormal, Initializer, SpectralRadius
from cogrnn_lab.models.constrained.matrix import ConstrainedMatrix
from cogrnn_lab.models.constrained.partly_fixed import PartlyFixed
from cogrnn_lab.models.constrained.parts import checked_populations, checked_tau, make_parts
from cogrnn_lab.models.constrained.recurrence import leaky_cell
from cogrnn_lab.models.constrained.started import Started
from cogrnn_lab.models.fast_path import way_of
from cogrnn_lab.models.gated.recurrent_core import read_columns
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.recurrence import recurrence, with_ones
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.trial_shapes import check_one_state, check_one_trial
from cogrnn_lab.random_numbers import KeyOrSeed, as_key

# Weights (to, from), or how they start.
Weights = Initializer | np.ndarray | Array

GLOROT_NORMAL, SPECTRAL_RADIUS = GlorotNormal(), SpectralRadius()


class ConstrainedRNN(Network):
    """Leaky rate units whose weights obey Dale's law and given connections, whatever trains them.

    s ← (1 - α) s + α (w_rec f(s) + w_in x + b_rec) + sqrt(2 α) · recurrent_noise · eps with α = dt / tau, and
    outputs w_out f(s) + b_out. `w_in`, `w_rec` and `w_out` are the effective weights, (to, from), which all
    arguments and properties mean. By Dale's law, all outgoing weights of a unit have one sign, inputs are
    excitatory, and the outputs read excitatory units only.

    Arguments:
        n_inputs: Number of inputs.
        n_outputs: Number of outputs.
        n_units: Number of units.
        dt: Duration of a step (ms).
        tau: Time constant (ms) above `dt`, one for all units, or one for each (unit,).
        dale_ratio: Fraction of units, the first ones, that are excitatory, the others inhibitory; None
            without Dale's law.
        signs: Sign of each unit (unit,) in place of `dale_ratio`: 1 excitatory, -1 inhibitory, 0 free.
        populations: {name: number of units} in their order, for reading and drawing the weights.
        autapses: Whether units may connect to themselves.
        activation: f by name ("relu", "softplus", "tanh", "retanh", "power_law", or one that you registered
            with `cl.register_activation`), or a function, such as `jax.nn.elu`.
        recurrent_noise: Noise of every unit, scaled by the `noise` of a run.
        input_noise: Noise of every input, sqrt(2 / α) · input_noise · eps with α of the mean tau, scaled by
            the `noise` of a run.
        input_mask: True (unit, input) where there is a connection.
        recurrent_mask: True (unit, unit) where there is a connection.
        output_mask: True (output, unit) where there is a connection.
        w_in: Effective weights (unit, input), or one of `cl.initializers`; by default Glorot normal.
        w_rec: Effective weights (unit, unit), or an initializer; by default normal with spectral radius 1.1.
        w_out: Effective weights (output, unit), or an initializer; by default Glorot normal.
        b_rec: Biases (unit,) of the units, or one number.
        b_out: Biases (output,) of the outputs, or one number.
        start: State (unit,) before the first step; None for 0.1 + 0.01 · normal.
        fixed: {"w_in", "w_rec", "w_out", "b_rec", "b_out" or "start": True, or a mask that is True at the
            entries that no training changes}.
        key: Random key of the start values, or a seed.

    Raises:
        ValueError: Sizes, masks, signs, weights or time constants contradict each other.

    Source:
        Song, Yang & Wang, PLoS Comput Biol 2016; as in PsychRNN: Ehrlich, Stone, Brandfonbrener, Atanasov &
        Murray, eNeuro 2021.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> model = cl.ConstrainedRNN(2, 1, 10, dale_ratio=0.8, key=jax.random.key(0))
        >>> bool((model.w_rec[:, 8:] <= 0).all())
        True
        >>> cl.rollout(model, jnp.zeros((3, 5, 2))).outputs.shape
        (3, 5, 1)
    """

    input_matrix: ConstrainedMatrix
    recurrent_matrix: ConstrainedMatrix
    output_matrix: ConstrainedMatrix
    recurrent_bias: PartlyFixed
    output_bias: PartlyFixed
    start_state: PartlyFixed
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_units: int = eqx.field(static=True)
    dt: float = eqx.field(static=True)
    tau: float | tuple[float, ...] = eqx.field(static=True)
    dale_ratio: float | None = eqx.field(static=True)
    populations: tuple[tuple[str, int], ...] = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    recurrent_noise: float = eqx.field(static=True)
    input_noise: float = eqx.field(static=True)
    started: Started = eqx.field(static=True)

    fast_path_of: ClassVar[tuple[str, ...]] = (*Network.fast_path_of, "next_state_with_draws", "rates")

    part_names: ClassVar[Mapping[str, str]] = {
        "w_in": "input_matrix.weights.free",
        "w_rec": "recurrent_matrix.weights.free",
        "w_out": "output_matrix.weights.free",
        "b_rec": "recurrent_bias.free",
        "b_out": "output_bias.free",
        "start": "start_state.free",
    }

    # Arguments that are all in arrays once the network is made: a saved file does not repeat them.
    only_values: ClassVar[tuple[str, ...]] = (
        *("signs", "autapses", "input_mask", "recurrent_mask", "output_mask"),
        *("w_in", "w_rec", "w_out", "b_rec", "b_out", "start", "fixed"),
    )

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        n_units: int,
        *,
        dt: float = 10.0,
        tau: float | Sequence[float] | np.ndarray = 100.0,
        dale_ratio: float | None = None,
        signs: Any = None,
        populations: Mapping[str, int] | Sequence[Sequence[Any]] | None = None,
        autapses: bool = True,
        activation: str | Activation = "relu",
        recurrent_noise: float = 0.0,
        input_noise: float = 0.0,
        input_mask: Any = None,
        recurrent_mask: Any = None,
        output_mask: Any = None,
        w_in: Weights = GLOROT_NORMAL,
        w_rec: Weights = SPECTRAL_RADIUS,
        w_out: Weights = GLOROT_NORMAL,
        b_rec: Any = 0.0,
        b_out: Any = 0.0,
        start: Any = None,
        fixed: Mapping[str, Any] | None = None,
        key: KeyOrSeed | None = None,
    ):
        n_inputs, n_outputs, n_units = checked_counts(n_inputs=n_inputs, n_outputs=n_outputs, n_units=n_units)
        activation = activation_name(activation)
        for name, noise in (("recurrent_noise", recurrent_noise), ("input_noise", input_noise)):
            if not (np.isfinite(noise) and noise >= 0):
                raise ValueError(f"{name} is {noise!r}, expected a number of at least 0")
        vectors = {"b_rec": b_rec, "b_out": b_out, "start": start}
        matrices = {"w_in": w_in, "w_rec": w_rec, "w_out": w_out}
        masks = {"input_mask": input_mask, "recurrent_mask": recurrent_mask, "output_mask": output_mask}
        given = {"signs": signs, "autapses": autapses, "fixed": fixed}
        self.started = Started(matrices | vectors | masks | given)
        parts = make_parts(
            (n_inputs, n_outputs, n_units),
            dale_ratio=dale_ratio,
            signs=signs,
            autapses=autapses,
            masks={"w_in": input_mask, "w_rec": recurrent_mask, "w_out": output_mask},
            weights=matrices,
            vectors=vectors,
            fixed={} if fixed is None else dict(fixed),
            key=as_key(key, "a ConstrainedRNN"),
        )
        self.input_matrix, self.recurrent_matrix, self.output_matrix = (
            parts[name] for name in ("w_in", "w_rec", "w_out")
        )
        self.recurrent_bias, self.output_bias = parts["b_rec"], parts["b_out"]
        self.start_state = parts["start"]
        self.n_inputs, self.n_outputs, self.n_units = n_inputs, n_outputs, n_units
        self.dt, self.tau = float(dt), checked_tau(tau, dt, n_units)
        self.dale_ratio = None if dale_ratio is None else float(dale_ratio)
        self.populations = checked_populations(populations, n_units, dale_ratio)
        self.activation = activation
        self.recurrent_noise, self.input_noise = float(recurrent_noise), float(input_noise)

    @property
    def w_in(self) -> Float[Array, "unit input"]:
        """Effective weights from the inputs."""
        return self.input_matrix.effective

    @property
    def w_rec(self) -> Float[Array, "unit unit"]:
        """Effective recurrent weights (to, from)."""
        return self.recurrent_matrix.effective

    @property
    def w_out(self) -> Float[Array, "output unit"]:
        """Effective weights to the outputs."""
        return self.output_matrix.effective

    @property
    def b_rec(self) -> Float[Array, " unit"]:
        """Biases of the units."""
        return self.recurrent_bias.value

    @property
    def b_out(self) -> Float[Array, " output"]:
        """Biases of the outputs."""
        return self.output_bias.value

    @property
    def alpha(self) -> Float[Array, " unit"]:
        """dt / tau of every unit."""
        return jnp.broadcast_to(self.dt / jnp.asarray(self.tau, self.b_rec.dtype), (self.n_units,))

    @property
    def n_latents(self) -> int:
        """Length of the state vector."""
        return self.n_units

    def rates(self, states: Float[Array, "*more unit"]) -> Float[Array, "*more unit"]:
        """Compute firing rates f(s).

        Arguments:
            states: States (..., unit).

        Returns:
            Rates (..., unit).
        """
        return activation_function(self.activation)(states)

    def initial_state(self, subject: Any = None) -> Float[Array, " unit"]:
        """Give the state before the first step.

        Arguments:
            subject: Not used.

        Returns:
            State (unit,).
        """
        return self.start_state.value

    def next_state(
        self,
        state: Float[Array, " unit"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " unit"]:
        """Compute the state one step of `dt` later.

        Arguments:
            state: State (unit,).
            inputs: Inputs (input,).
            subject: Not used.
            key: Random key of the noise; None for no noise.
            noise: Scale of the noise.

        Returns:
            State (unit,).
        """
        check_one_trial(self, state, inputs)
        draws = {} if key is None else self.draw_noise(key, noise=noise)
        return self.next_state_with_draws(state, inputs, draws, noise)

    def next_state_with_draws(self, state, inputs, draws: dict[str, Array], noise: float | Array = 1.0):
        """Compute `next_state` with given standard normal draws: the plain definition.

        Arguments:
            state: State (unit,).
            inputs: Inputs (input,).
            draws: Draws by use, as `noise_shapes` has them; empty for no noise.
            noise: Scale of the noise.

        Returns:
            State (unit,).
        """
        if "input" in draws:
            inputs = inputs + noise * self._input_spread() * draws["input"]
        current = self.w_rec @ self.rates(state) + self.w_in @ inputs + self.b_rec
        new = (1.0 - self.alpha) * state + self.alpha * current
        return new + noise * self._spread() * draws["recurrent"] if "recurrent" in draws else new

    def readout(self, state: Float[Array, " unit"], *, subject: Any = None) -> Float[Array, " output"]:
        """Compute the outputs in a state.

        Arguments:
            state: State (unit,).
            subject: Not used.

        Returns:
            Outputs (output,).
        """
        check_one_state(self, state)
        return self.w_out @ self.rates(state) + self.b_out

    def l2(self) -> Float[Array, ""]:
        """Sum the squared effective recurrent weights."""
        return jnp.sum(self.w_rec**2)

    def penalty_terms(self) -> dict[str, Float[Array, ""]]:
        """Compute `l2`, and means of |W| and W² of the effective weights of each layer."""
        layers = {"input": self.w_in, "recurrent": self.w_rec, "output": self.w_out}
        terms = {"l2": self.l2()}
        terms |= {f"l1_{name}": jnp.abs(weights).mean() for name, weights in layers.items()}
        return terms | {f"l2_{name}": jnp.square(weights).mean() for name, weights in layers.items()}

    def costs(self, state: Float[Array, " unit"]) -> dict[str, Float[Array, ""]]:
        """Compute `rates`, the mean squared firing rate.

        Arguments:
            state: State (unit,).

        Returns:
            {"rates": number}.
        """
        return {"rates": jnp.mean(self.rates(state) ** 2)}

    def noise_shapes(self) -> dict[str, tuple[int, ...]]:
        """Give one draw for each unit, and one for each input."""
        shapes: dict[str, tuple[int, ...]] = (
            {"recurrent": (self.n_units,)} if self.recurrent_noise > 0 else {}
        )
        return shapes | ({"input": (self.n_inputs,)} if self.input_noise > 0 else {})

    def rollout_with_draws(
        self,
        inputs: Float[Array, "session time input"],
        draws: dict[str, Array] | None,
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
            subject: Not used.
            begins: True (session, time) where another session begins inside a row.

        Returns:
            A `Rollout`.
        """
        draws = {} if draws is None else draws
        seen = with_ones(inputs)
        if "input" in draws:
            seen = seen.at[:, :-1].add(noise * self._input_spread() * draws["input"])
        jitter = None
        if "recurrent" in draws:
            jitter = noise * self._spread()[None, :, None] * draws["recurrent"]
        states = recurrence(
            leaky_cell(self.activation),
            self._cell_weights(),
            seen,
            jnp.broadcast_to(self.start_state.value[:, None], (self.n_units, inputs.shape[0])),
            None if begins is None else begins.T,
            jitter,
        )
        rates = self.rates(states)
        outputs = read_columns(self.w_out, self.b_out, rates)
        costs = {"rates": jnp.mean(rates**2, axis=1).T}
        return Rollout(outputs, jnp.transpose(states, (2, 0, 1)), {}, costs)

    def transition(
        self,
        states: Float[Array, "point unit"],
        inputs: Float[Array, "point input"],
        *,
        subject: Any = None,
    ) -> Float[Array, "point unit"]:
        """Compute noiseless states one step later, for many states and inputs at once.

        Arguments:
            states: States (point, unit).
            inputs: Inputs (point, input).
            subject: Not used.

        Returns:
            States (point, unit).
        """
        if way_of(self, within_call=True) != "fast":
            return super().transition(states, inputs, subject=subject)
        seen = with_ones(inputs[:, None])[0]
        return leaky_cell(self.activation).step(self._cell_weights(), states.T, seen)[0].T

    def without_constraints(self) -> "ConstrainedRNN":
        """Make a network that computes the same from its effective weights, any of which may then be changed.

        Returns:
            A copy without signs, missing connections and fixed entries.
        """
        matrices = [
            ConstrainedMatrix(
                PartlyFixed.unfixed(matrix.effective),
                jnp.ones_like(matrix.connected),
                jnp.zeros_like(matrix.sign),
            )
            for matrix in (self.input_matrix, self.recurrent_matrix, self.output_matrix)
        ]
        vectors = [PartlyFixed.unfixed(part) for part in (self.b_rec, self.b_out, self.initial_state())]
        return eqx.tree_at(_parts, self, [*matrices, *vectors])

    def without_output_of(self, silent: Bool[Array, " unit"]) -> "ConstrainedRNN":
        """Silence units: they send nothing to units and outputs.

        Arguments:
            silent: True (unit,) for the units to silence.

        Returns:
            A copy of the network.
        """
        connected = [
            matrix.connected & ~silent[None] for matrix in (self.recurrent_matrix, self.output_matrix)
        ]
        where = lambda m: [m.recurrent_matrix.connected, m.output_matrix.connected]  # noqa: E731
        return eqx.tree_at(where, self, connected)

    def _cell_weights(self) -> tuple[Float[Array, "unit source"], Float[Array, "unit 1"]]:
        """All that a step multiplies, with α in it; and how much of the state is kept."""
        alpha = self.alpha[:, None]
        matrix = jnp.concatenate([self.w_rec, self.w_in, self.b_rec[:, None]], axis=1)
        return alpha * matrix, 1.0 - alpha

    def _spread(self) -> Float[Array, " unit"]:
        """Standard deviation of what noise adds to the state in one step."""
        return jnp.sqrt(2.0 * self.alpha) * self.recurrent_noise

    def _input_spread(self) -> float:
        """Standard deviation of what noise adds to the inputs in one step."""
        return float(np.sqrt(2.0 * np.mean(self.tau) / self.dt) * self.input_noise)


def _parts(model: ConstrainedRNN) -> list[Any]:
    matrices = [model.input_matrix, model.recurrent_matrix, model.output_matrix]
    return [*matrices, model.recurrent_bias, model.output_bias, model.start_state]
