"""Rollouts of many sessions: in numbers that processors like, and dealt out to several devices."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec

SESSIONS = "sessions"  # the axis of a mesh of devices along which they are dealt

# Sessions side by side that fill a processor's vectors: 58 of them took a quarter longer than 64.
WHOLE = 16


def by_sessions(
    compute: Callable[[Any, Any, Any], Any], whole: Any, first: Any, draw: Callable[[int], Any]
) -> Any:
    """`compute(whole, first, draw(n))`, all of whose results have the session axis first.

    The arrays of `first` have it first, too; those that `draw` makes, for `n` sessions, have it last. Many
    sessions are made up to a multiple of `WHOLE`, and those that are more are forgotten.

    Where a mesh of devices with an axis `SESSIONS` is set (`jax.set_mesh`), the sessions are dealt to them:
    every device has the arrays of `whole`, and its own sessions of the others. Nothing is exchanged but the
    sum of the gradients of `whole`, once.
    """
    n_sessions = jax.tree.leaves(first)[0].shape[0]
    n_whole = n_sessions if n_sessions < WHOLE else _rounded_up(n_sessions, WHOLE)
    first, last = _repeated(first, n_whole, 0), draw(n_whole)
    n_devices = dict(jax.sharding.get_abstract_mesh().shape).get(SESSIONS, 1)
    if n_devices > 1:
        n_dealt = _rounded_up(n_whole, n_devices)
        results = _dealt(compute, whole, _repeated(first, n_dealt, 0), _repeated(last, n_dealt, -1))
    else:
        results = compute(whole, first, last)
    return jax.tree.map(lambda array: array[:n_sessions], results)


def _dealt(compute: Callable[[Any, Any, Any], Any], whole: Any, first: Any, last: Any) -> Any:
    arrays, rest = eqx.partition(whole, eqx.is_array)
    dealt = jax.shard_map(
        lambda arrays, first, last: compute(eqx.combine(arrays, rest), first, last),
        in_specs=(
            jax.tree.map(lambda _: PartitionSpec(), arrays),
            jax.tree.map(lambda _: PartitionSpec(SESSIONS), first),
            jax.tree.map(lambda array: PartitionSpec(*[None] * (array.ndim - 1), SESSIONS), last),
        ),
        out_specs=PartitionSpec(SESSIONS),
        check_vma=False,  # it doesn't see through a backward pass written by hand
    )
    return dealt(arrays, first, last)


def _rounded_up(n: int, multiple: int) -> int:
    return -(-n // multiple) * multiple


def _repeated(arrays: Any, n: int, axis: int) -> Any:
    """Arrays with `n` sessions, of which the first stand for those that are missing."""

    def one(array):
        n_sessions = array.shape[axis]
        return array if n == n_sessions else jnp.take(array, jnp.arange(n) % n_sessions, axis=axis)

    return jax.tree.map(one, arrays)
