"""Choices of a bounded accumulator that listens to clicks, and their probability."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Int, UInt32

from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.clicks import bin_width_of, click_dataset, clicks_in, response_bin
from cogrnn_lab.random_numbers import normals_of, session_keys, uniforms
from cogrnn_lab.tasks.agents.tracing import traced
from cogrnn_lab.tasks.clicks.accumulator_density import p_above
from cogrnn_lab.tasks.clicks.bounded_accumulator import BoundedAccumulator, accumulated, evidence_of_clicks
from cogrnn_lab.tasks.clicks.poisson_clicks import PoissonClicks, Stimuli

_CHUNK = 512  # trials whose densities stay in the processor's cache
_N_POINTS = 255


def simulate_clicks(
    accumulator: BoundedAccumulator, clicks: PoissonClicks, *, n_trials: int, seed: int = 0
) -> Dataset:
    """Let an accumulator listen to clicks and choose.

    The data set has a session for each trial and a row for each time bin. Inputs are the clicks on the left
    and on the right; the bin after the stimulus has none, and its target is the choice (left, right).
    `columns` hold "choice" (-1 in all other bins), "p_choice" (the probability of the choice given the
    clicks, all noise marginalized: the ceiling for any model), "n_left", "n_right", "gamma", and
    "accumulator", its value after each bin.

    Arguments:
        accumulator: The model that chooses. Changing its numbers does not recompile anything.
        clicks: The stimuli. Changing their rates does not recompile anything.
        n_trials: Number of trials, 1 or more.
        seed: The same seed gives the same data. A trial does not depend on the number of trials.

    Returns:
        A categorical `Dataset`.

    Raises:
        ValueError: Where `n_trials` is below 1.

    Example:
        >>> import cogrnn_lab as cl
        >>> clicks = cl.PoissonClicks(duration=0.1)
        >>> cl.simulate_clicks(cl.BoundedAccumulator(), clicks, n_trials=8).n_sessions
        8
    """
    checked_count(n_trials, "n_trials")
    _check_kinds(accumulator, clicks)
    keys = session_keys(seed, n_trials, 2)
    made = _made(traced(accumulator), traced(clicks), keys, clicks.most_clicks)
    stimuli, along, right = jax.device_get(made)
    left_clicks, right_clicks, n_bins = stimuli.left.T, stimuli.right.T, stimuli.n_bins
    p_right = _p_right(accumulator, left_clicks, right_clicks, n_bins, clicks.bin_width, _N_POINTS)
    choice = right.astype(np.int32)
    valid, response = response_bin(n_bins, left_clicks.shape[1])
    p_choice = np.where(choice == 1, p_right, 1 - p_right)
    held = np.concatenate([along.T, along[-1][:, None]], axis=1)
    nothing = np.float32(np.nan)
    return click_dataset(
        left_clicks,
        right_clicks,
        n_bins,
        choice,
        of_trials={"gamma": stimuli.gamma},
        of_bins={
            "p_choice": np.where(response, p_choice[:, None], nothing),
            "accumulator": np.where(valid, held, nothing),
        },
        bin_width=clicks.bin_width,
    )


def p_right(
    accumulator: BoundedAccumulator,
    dataset: Dataset,
    *,
    bin_width: float | None = None,
    n_points: int = _N_POINTS,
) -> Float32[np.ndarray, " trial"]:
    """Compute the probability that an accumulator chooses right on each trial of a data set of clicks.

    By a forward pass of the distribution of its value.

    Arguments:
        accumulator: The model.
        dataset: Clicks, as `simulate_clicks` or `read_clicks` makes them.
        bin_width: Seconds, for a data set that has no `time_step`.
        n_points: Points of the grid, odd, 33 or more; more are more exact.

    Returns:
        Probabilities, (trial,).

    Raises:
        ValueError: Where the data set is not one of clicks, does not say how long its bins are, or disagrees
            with `bin_width`.

    Source:
        Brunton, Botvinick and Brody, Science 2013.

    Example:
        >>> import cogrnn_lab as cl
        >>> accumulator = cl.BoundedAccumulator()
        >>> data = cl.simulate_clicks(accumulator, cl.PoissonClicks(duration=0.1), n_trials=8)
        >>> cl.p_right(accumulator, data).shape
        (8,)
    """
    _check_kinds(accumulator)
    if n_points < 33 or n_points % 2 == 0:
        raise ValueError(f"n_points = {n_points}; expected an odd number of 33 or more.")
    left, right, n_bins = clicks_in(dataset)
    return _p_right(accumulator, left, right, n_bins, bin_width_of(dataset, bin_width), n_points)


def accumulator_logits(
    accumulator: BoundedAccumulator, dataset: Dataset, *, bin_width: float | None = None
) -> Float32[np.ndarray, "trial bin side"]:
    """Compute the log probabilities of left and right on each trial, the same in all its bins.

    Arguments:
        accumulator: The model.
        dataset: Clicks, as in `p_right`.
        bin_width: Seconds, for a data set that has no `time_step`.

    Returns:
        Log probabilities, (trial, bin, side).

    Raises:
        ValueError: As `p_right`.

    Example:
        >>> import cogrnn_lab as cl
        >>> accumulator = cl.BoundedAccumulator()
        >>> data = cl.simulate_clicks(accumulator, cl.PoissonClicks(duration=0.1), n_trials=8)
        >>> cl.accumulator_logits(accumulator, data).shape
        (8, 11, 2)
    """
    right = p_right(accumulator, dataset, bin_width=bin_width)
    logits = np.log(np.stack([1 - right, right], axis=-1))
    return np.repeat(logits[:, None], dataset.n_trials, axis=1)


@eqx.filter_jit
def _made(
    accumulator: BoundedAccumulator,
    clicks: PoissonClicks,
    keys: UInt32[Array | np.ndarray, "purpose trial 2"],
    most_clicks: int,
) -> tuple[Stimuli, Float[Array, "bin trial"], Array]:
    """Stimuli, the accumulator along them, and whether right was chosen."""
    stimulus_keys, agent_keys = jax.random.wrap_key_data(jnp.asarray(keys))
    longest = clicks.n_bins[1]
    stimuli = clicks.drawn(jax.vmap(lambda k: uniforms(k, (clicks.n_uniforms,)))(stimulus_keys), most_clicks)
    chance = jax.vmap(lambda k: uniforms(k, (longest + 4,)), out_axes=1)(agent_keys)
    normal = normals_of(chance[3:])
    evidence = evidence_of_clicks(accumulator, stimuli.left, stimuli.right, stimuli.n_bins, clicks.bin_width)
    along = accumulated(accumulator, evidence, normal[0], normal[1:])
    even = jnp.where(along[-1] == accumulator.bias, chance[0] < 0.5, along[-1] > accumulator.bias)
    return stimuli, along, jnp.where(chance[1] < accumulator.lapse, chance[2] < 0.5, even)


def _p_right(
    accumulator: BoundedAccumulator,
    left: Float[np.ndarray, "trial bin"],
    right: Float[np.ndarray, "trial bin"],
    n_bins: Int[np.ndarray, " trial"],
    bin_width: float,
    n_points: int,
) -> Float32[np.ndarray, " trial"]:
    """Chunks of trials of similar length, one after the other."""
    order = np.argsort(n_bins, kind="stable")
    n_chunks = -(-len(order) // _CHUNK)
    order = np.concatenate([order, np.repeat(order[-1:], n_chunks * _CHUNK - len(order))])

    def chunked(array: np.ndarray) -> np.ndarray:
        chunks = array[order].reshape(n_chunks, _CHUNK, *array.shape[1:])
        return np.ascontiguousarray(np.moveaxis(chunks, 1, -1))

    found = p_right_in_chunks(
        traced(accumulator), chunked(left), chunked(right), chunked(n_bins), bin_width, n_points
    )
    p_right = np.empty(len(n_bins), np.float32)
    p_right[order] = np.asarray(found).reshape(-1)
    return p_right


@eqx.filter_jit
def p_right_in_chunks(
    accumulator: BoundedAccumulator,
    left: Float[Array | np.ndarray, "chunk bin trial"],
    right: Float[Array | np.ndarray, "chunk bin trial"],
    n_bins: Int[Array | np.ndarray, "chunk trial"],
    bin_width: float,
    n_points: int,
) -> Float[Array, "chunk trial"]:
    """Probability of choosing right, lapses included. Differentiable in the accumulator."""

    def of_chunk(chunk: tuple[Array, Array, Array]) -> Array:
        evidence = evidence_of_clicks(accumulator, *chunk, bin_width)
        p = jnp.clip(p_above(accumulator, evidence, n_points), 1e-7, 1 - 1e-7)
        return (1 - accumulator.lapse) * p + accumulator.lapse / 2

    return jax.lax.map(of_chunk, (jnp.asarray(left), jnp.asarray(right), jnp.asarray(n_bins)))


def _check_kinds(accumulator: BoundedAccumulator, clicks: PoissonClicks | None = None) -> None:
    if not isinstance(accumulator, BoundedAccumulator):
        raise TypeError(f"got a {type(accumulator).__name__}; expected a cl.BoundedAccumulator.")
    if clicks is not None and not isinstance(clicks, PoissonClicks):
        raise TypeError(f"got a {type(clicks).__name__} as clicks; expected cl.PoissonClicks().")
