"""How the weights of a constrained network start; each honors its connections and signs.

An initializer is a function of a key, `connected` (to, from) and `sign` (from,: 1 excitatory, -1 inhibitory,
0 free) that gives effective weights (to, from).
"""

from abc import abstractmethod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int8, PRNGKeyArray

from cogrnn_lab.random_numbers import standard_normals, uniforms

Connected = Bool[np.ndarray, "to from"]
Sign = Int8[np.ndarray, " from"]
# NumPy's where the key is known, so that a new network compiles nothing; else traced.
Weights = Float[Array, "to from"] | Float[np.ndarray, "to from"]


class Initializer(eqx.Module):
    """Start values of a matrix of weights; one of your own defines `draw`."""

    @abstractmethod
    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        """Weights whose signs and missing connections `__call__` will put right."""

    def __call__(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        """Effective weights: no weight where there is no connection, and every sign as it must be."""
        return constrained(self.draw(key, connected, sign), connected, sign)


def constrained(weights: Weights, connected: Connected, sign: Sign) -> Weights:
    """`weights` with the sign of where they come from, and 0 where nothing is connected."""
    xp: Any = np if isinstance(weights, np.ndarray) else jnp
    signed = xp.where(sign[None] == 0, weights, abs(weights) * sign[None])
    return xp.where(connected, signed, np.float32(0.0))


def balance(weights: Weights, connected: Connected, sign: Sign) -> Weights:
    """Inhibitory weights scaled so that a unit's excitation and inhibition cancel in expectation.

    Each is multiplied by the number of excitatory connections that its target receives over the number of
    inhibitory ones (Song, Yang & Wang, PLoS Comput Biol 2016). No change where one kind is missing.
    """
    n_excitatory = (connected & (sign > 0)[None]).sum(1)
    n_inhibitory = (connected & (sign < 0)[None]).sum(1)
    both = (n_excitatory > 0) & (n_inhibitory > 0)
    ratio = np.where(both, n_excitatory / np.maximum(n_inhibitory, 1), 1.0)
    return np.where((sign < 0)[None], ratio[:, None], 1.0).astype(np.float32) * weights


def spectral_radius(weights: Weights) -> Any:
    """Largest absolute eigenvalue of a square matrix."""
    if isinstance(weights, np.ndarray):
        return np.float32(abs(np.linalg.eigvals(weights)).max())
    (values,) = jax.lax.linalg.eig(weights, compute_left_eigenvectors=False, compute_right_eigenvectors=False)
    return jnp.abs(values).max()


class SpectralRadius(Initializer):
    """Normal recurrent weights, scaled to a spectral radius; with both signs, balanced before that.

    The radius is that of the effective matrix, with its signs and missing connections. Where it is 0 (a
    network without loops) the weights stay as they were drawn, with standard deviation 1 / sqrt(units).
    """

    radius: float = 1.1
    balanced: bool = True

    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        n_units = connected.shape[0]
        if connected.shape != (n_units, n_units):
            raise ValueError(f"SpectralRadius is for recurrent weights, got the shape {connected.shape}")
        drawn = constrained(np.float32(n_units**-0.5) * _normals(key, connected.shape), connected, sign)
        if self.balanced:
            drawn = balance(drawn, connected, sign)
        radius = spectral_radius(drawn)
        xp: Any = np if isinstance(drawn, np.ndarray) else jnp
        return drawn * xp.where(radius > 1e-6, np.float32(self.radius) / xp.maximum(radius, 1e-6), 1.0)


class ScaledIdentity(Initializer):
    """`scale` for every unit onto itself, 0 elsewhere (Le, Jaitly & Hinton, 2015); needs autapses."""

    scale: float = 1.0

    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        return self.scale * np.eye(connected.shape[0], connected.shape[1], dtype=np.float32)


class GlorotNormal(Initializer):
    """Normal with variance 2 / (fan-in + fan-out), where only connections count (Glorot & Bengio, 2010)."""

    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        return _normals(key, connected.shape) * np.sqrt(2.0 / _fans(connected))


class GlorotUniform(Initializer):
    """Uniform within ± sqrt(6 / (fan-in + fan-out)), where only connections count (Glorot & Bengio, 2010)."""

    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        return (2.0 * uniforms(key, connected.shape) - 1.0) * np.sqrt(6.0 / _fans(connected))


class Normal(Initializer):
    """Normal with the given mean and standard deviation."""

    std: float = 0.1
    mean: float = 0.0

    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        return np.float32(self.mean) + np.float32(self.std) * _normals(key, connected.shape)


class Uniform(Initializer):
    """Uniform from `low` to `high`."""

    low: float = -0.1
    high: float = 0.1

    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        return np.float32(self.low) + np.float32(self.high - self.low) * uniforms(key, connected.shape)


class Constant(Initializer):
    """The same weight everywhere."""

    weight: float

    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        return np.full(connected.shape, self.weight, np.float32)


class Given(Initializer):
    """These weights (to, from), which must obey the network's signs and connections themselves."""

    weights: Float[Array | np.ndarray, "to from"]

    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        return np.asarray(self.weights, np.float32)


class Balanced(Initializer):
    """What `initializer` gives, with inhibitory weights scaled to cancel the excitation; see `balance`."""

    initializer: Initializer

    def draw(self, key: PRNGKeyArray, connected: Connected, sign: Sign) -> Weights:
        return balance(self.initializer(key, connected, sign), connected, sign)


def _normals(key: PRNGKeyArray, shape: tuple[int, ...]) -> Weights:
    return standard_normals(key, {"weights": shape})["weights"]


def _fans(connected: Connected) -> Float[np.ndarray, "to from"]:
    """Connections into the target plus connections out of the source, at least 1."""
    into, out = connected.sum(1), connected.sum(0)
    return np.maximum(into[:, None] + out[None], 1).astype(np.float32)
