"""Rollouts of many sessions, padded to a multiple of the vector width and sharded over devices."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec

SESSIONS = "sessions"  # axis of a device mesh over which they are sharded

# Sessions side by side that fill a processor's vectors: 58 of them took a quarter longer than 64.
WHOLE = 16


def by_sessions(
    compute: Callable[[Any, Any, Any], Any], whole: Any, first: Any, draw: Callable[[int], Any]
) -> Any:
    """Compute `compute(whole, first, draw(n))`, all of whose results have the session axis first.

    The batch is padded to a multiple of `WHOLE` sessions; the results of the padding are dropped. Where a
    mesh of devices with an axis `SESSIONS` is set (`jax.set_mesh`), the sessions are sharded over them:
    `whole` is replicated, and the only communication is the sum of its gradients.

    Arguments:
        compute: Function of the three.
        whole: Arrays that all sessions share, such as the network.
        first: Arrays with the session axis first.
        draw: Function that makes arrays for `n` sessions, with the session axis last.

    Returns:
        What `compute` returns, without the padding.
    """
    n_sessions = jax.tree.leaves(first)[0].shape[0]
    n_whole = n_sessions if n_sessions < WHOLE else _rounded_up(n_sessions, WHOLE)
    first, last = _repeated(first, n_whole, 0), draw(n_whole)
    n_devices = dict(jax.sharding.get_abstract_mesh().shape).get(SESSIONS, 1)
    if n_devices > 1:
        n_padded = _rounded_up(n_whole, n_devices)
        results = _sharded(compute, whole, _repeated(first, n_padded, 0), _repeated(last, n_padded, -1))
    else:
        results = compute(whole, first, last)
    return jax.tree.map(lambda array: array[:n_sessions], results)


def _sharded(compute: Callable[[Any, Any, Any], Any], whole: Any, first: Any, last: Any) -> Any:
    arrays, rest = eqx.partition(whole, eqx.is_array)
    sharded = jax.shard_map(
        lambda arrays, first, last: compute(eqx.combine(arrays, rest), first, last),
        in_specs=(
            jax.tree.map(lambda _: PartitionSpec(), arrays),
            jax.tree.map(lambda _: PartitionSpec(SESSIONS), first),
            jax.tree.map(lambda array: PartitionSpec(*[None] * (array.ndim - 1), SESSIONS), last),
        ),
        out_specs=PartitionSpec(SESSIONS),
        check_vma=False,  # the check does not understand a backward pass written by hand
    )
    return sharded(arrays, first, last)


def _rounded_up(n: int, multiple: int) -> int:
    return -(-n // multiple) * multiple


def _repeated(arrays: Any, n: int, axis: int) -> Any:
    """Pad to `n` sessions with repeats of the first ones."""

    def one(array):
        n_sessions = array.shape[axis]
        return array if n == n_sessions else jnp.take(array, jnp.arange(n) % n_sessions, axis=axis)

    return jax.tree.map(one, arrays)
