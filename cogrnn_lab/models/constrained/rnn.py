"""The biologically constrained recurrent network: rate units with Dale's law and given connections.

Song, Yang & Wang, "Training excitatory-inhibitory recurrent neural networks for cognitive tasks", PLoS Comput
Biol 2016; as in PsychRNN: Ehrlich, Stone, Brandfonbrener, Atanasov & Murray, eNeuro 2021.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from cogrnn_lab.models.activation import activation_function
from cogrnn_lab.models.constrained.initializers import GlorotNormal, Initializer, SpectralRadius
from cogrnn_lab.models.constrained.matrix import ConstrainedMatrix
from cogrnn_lab.models.constrained.partly_fixed import PartlyFixed
from cogrnn_lab.models.constrained.parts import checked_populations, checked_tau, make_parts
from cogrnn_lab.models.constrained.recurrence import leaky_cell
from cogrnn_lab.models.disentangled.latent_core import check_sizes
from cogrnn_lab.models.gated.recurrent_core import read_columns
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.recurrence import recurrence, with_ones
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.side_by_side import by_sessions
from cogrnn_lab.random_numbers import FEW_ROUNDS, standard_normals

# Weights (to, from), or how they start.
Weights = Initializer | np.ndarray | Array

GLOROT_NORMAL, SPECTRAL_RADIUS = GlorotNormal(), SpectralRadius()


class ConstrainedRNN(Network):
    """Leaky rate units whose weights obey Dale's law and given connections, whatever trains them.

    s ← (1 - α) s + α (w_rec f(s) + w_in x + b_rec) + sqrt(2 α) · recurrent_noise · eps with α = dt / tau, and
    outputs w_out f(s) + b_out. `w_in`, `w_rec` and `w_out` are the effective weights, (to, from); everything
    here reads those. With Dale's law all that leaves a unit has one sign, inputs are excitatory, and the
    outputs read excitatory units only.

    Arguments:

    - `n_inputs`, `n_outputs`, `n_units`.
    - `dt` and `tau` in ms; `tau` one for all, or one for each unit.
    - `dale_ratio`: fraction of units, the first ones, that are excitatory, the others inhibitory; None for no
        law. Or `signs` (unit,): 1 excitatory, -1 inhibitory, 0 free.
    - `populations`: {name: number of units} in their order, for reading and drawing the weights.
    - `autapses`: whether units may connect to themselves.
    - `activation` f, by name: "relu", "softplus", "tanh", "retanh", "power_law", or one that you registered
        with `cl.register_activation`.
    - `recurrent_noise`, and `input_noise`: sqrt(2 / α) · input_noise · eps on every input (α of the mean
        tau), as in Song et al.; both scaled by the `noise` of a run.
    - `input_mask` (unit, input), `recurrent_mask` (unit, unit), `output_mask` (output, unit): True where
        there is a connection.
    - `w_in`, `w_rec`, `w_out`: the weights themselves (to, from), as the network shall use them, or one of
        `cl.initializers`; by default Glorot normal, and for `w_rec` normal with spectral radius 1.1.
    - `b_rec`, `b_out` biases; `start` (unit,) the state before the first step, by default 0.1 + 0.01 ·
        normal.
    - `fixed`: {"w_in", "w_rec", "w_out", "b_rec", "b_out" or "start": True, or a mask that is True at the
        entries that no training changes}.
    - `key`.
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
        activation: str = "relu",
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
        key: PRNGKeyArray,
    ):
        check_sizes(n_inputs=n_inputs, n_outputs=n_outputs, n_units=n_units)
        activation_function(activation)
        for name, noise in (("recurrent_noise", recurrent_noise), ("input_noise", input_noise)):
            if not (np.isfinite(noise) and noise >= 0):
                raise ValueError(f"{name} is {noise!r}, expected a number of at least 0")
        parts = make_parts(
            (n_inputs, n_outputs, n_units),
            dale_ratio=dale_ratio,
            signs=signs,
            autapses=autapses,
            masks={"w_in": input_mask, "w_rec": recurrent_mask, "w_out": output_mask},
            weights={"w_in": w_in, "w_rec": w_rec, "w_out": w_out},
            vectors={"b_rec": b_rec, "b_out": b_out, "start": start},
            fixed={} if fixed is None else dict(fixed),
            key=key,
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
        """Firing rates f(s) in these states."""
        return activation_function(self.activation)(states)

    def initial_state(self, subject: Any = None) -> Float[Array, " unit"]:
        """State before the first step."""
        return self.start_state.value

    def next_state(
        self,
        state: Float[Array, " unit"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " unit"]:
        """State one step of `dt` later."""
        draws = {} if key is None else standard_normals(key, self._noise_shapes(), FEW_ROUNDS)
        return self.next_state_with_draws(state, inputs, draws, noise)

    def next_state_with_draws(self, state, inputs, draws: dict[str, Array], noise: float | Array = 1.0):
        """`next_state` with the standard normal draws given: the plain definition."""
        if "input" in draws:
            inputs = inputs + noise * self._input_spread() * draws["input"]
        current = self.w_rec @ self.rates(state) + self.w_in @ inputs + self.b_rec
        new = (1.0 - self.alpha) * state + self.alpha * current
        return new + noise * self._spread() * draws["recurrent"] if "recurrent" in draws else new

    def readout(self, state: Float[Array, " unit"], *, subject: Any = None) -> Float[Array, " output"]:
        """Outputs in a state."""
        return self.w_out @ self.rates(state) + self.b_out

    def l2(self) -> Float[Array, ""]:
        """Sum of the squared effective recurrent weights."""
        return jnp.sum(self.w_rec**2)

    def penalty_terms(self) -> dict[str, Float[Array, ""]]:
        """`l2`, and means of |W| and W² of the effective weights of each layer."""
        layers = {
            "input": self.input_matrix,
            "recurrent": self.recurrent_matrix,
            "output": self.output_matrix,
        }
        terms = {"l2": self.l2()}
        terms |= {f"l1_{name}": matrix.mean_absolute for name, matrix in layers.items()}
        return terms | {f"l2_{name}": matrix.mean_squared for name, matrix in layers.items()}

    @property
    def penalty_names(self) -> tuple[str, ...]:
        """Those of the weights, and "rates"."""
        return (*super().penalty_names, "rates")

    def draw_noise(
        self, key: PRNGKeyArray, before=(), after=(), noise: float | Array = 1.0
    ) -> dict[str, Array]:
        """Standard normal draws for units and inputs, with axes `before` in front and `after` behind."""
        shapes = {use: (*before, n, *after) for use, (n,) in self._noise_shapes().items()}
        if not shapes:
            return {}
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

        def draw(n_rows: int) -> dict[str, Array]:
            return {} if key is None else self.draw_noise(key, inputs.shape[1:2], (n_rows,), noise)

        def own_sessions(whole, given, draws):
            (model, noise), (inputs, begins) = whole, given
            return model.rollout_with_draws(inputs, draws, noise, begins=begins)

        return by_sessions(own_sessions, (self, jnp.asarray(noise)), (inputs, begins), draw)

    def rollout_with_draws(
        self,
        inputs: Float[Array, "session time input"],
        draws: dict[str, Array],
        noise: float | Array = 1.0,
        *,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """`rollout` with the standard normal draws given: trials first, sessions last (empty: noiseless)."""
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
        """Noiseless states one step later, for many states and inputs at once."""
        seen = with_ones(inputs[:, None])[0]
        return leaky_cell(self.activation).step(self._cell_weights(), states.T, seen)[0].T

    def without_constraints(self) -> "ConstrainedRNN":
        """A network that computes the same from its effective weights, any of which may then be changed."""
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
        """The network in which the units that are True send nothing to units and outputs."""
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

    def _noise_shapes(self) -> dict[str, tuple[int]]:
        shapes = {"recurrent": (self.n_units,)} if self.recurrent_noise > 0 else {}
        return shapes | ({"input": (self.n_inputs,)} if self.input_noise > 0 else {})

    def _spread(self) -> Float[Array, " unit"]:
        """Standard deviation of what noise adds to the state in one step."""
        return jnp.sqrt(2.0 * self.alpha) * self.recurrent_noise

    def _input_spread(self) -> float:
        """Standard deviation of what noise adds to the inputs in one step."""
        return float(np.sqrt(2.0 * np.mean(self.tau) / self.dt) * self.input_noise)


def _parts(model: ConstrainedRNN) -> list[Any]:
    matrices = [model.input_matrix, model.recurrent_matrix, model.output_matrix]
    return [*matrices, model.recurrent_bias, model.output_bias, model.start_state]
