"""How large the noise of a stimulus is on one time step."""

import math

from jaxtyping import Array, Float

Scale = float | Float[Array, ""]


def white_noise_scale(noise: Scale, dt: float, tau: float) -> Scale:
    """Standard deviation per step of white noise on an input: √(2 tau / dt) · noise.

    The noise that a network gathers in a given time is then the same for every dt (Song, Yang and Wang 2016;
    Yang et al. 2019).
    """
    return math.sqrt(2 * tau / dt) * noise


def psychrnn_noise_scale(noise: Scale, dt: float) -> Scale:
    """Standard deviation per step in PsychRNN's discrimination tasks: √(0.02 · √(10 dt)) · noise.

    It is √(2 dt / tau) · noise at that package's usual dt = 10 and tau = 100 ms. At other times it is not,
    and tau does not enter.
    """
    return math.sqrt(0.02 * math.sqrt(10 * dt)) * noise


def psychrnn_ring_noise_scale(noise: Scale, dt: float) -> Scale:
    """Standard deviation per step in PsychRNN's categorization task: noise / (2 dt), with dt in ms."""
    return noise / (2 * dt)
