"""Rollouts of many sessions dealt out to several devices, each of which computes its own sessions."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec

SESSIONS = "sessions"  # the axis of a mesh of devices along which they are dealt


def by_sessions(compute: Callable[[Any, Any, Any], Any], whole: Any, first: Any, last: Any) -> Any:
    """`compute(whole, first, last)`, all of whose results have the session axis first.

    Where a mesh of devices with an axis `SESSIONS` is set (`jax.set_mesh`), the sessions are dealt to them:
    every device has the arrays of `whole`, and its own sessions of `first` (session axis first) and of `last`
    (session axis last). Nothing is exchanged but the sum of the gradients of `whole`, once.
    """
    n_devices = dict(jax.sharding.get_abstract_mesh().shape).get(SESSIONS, 1)
    if n_devices == 1:
        return compute(whole, first, last)
    n_sessions = jax.tree.leaves(first)[0].shape[0]
    share = -(-n_sessions // n_devices)
    if share * n_devices != n_sessions:  # some sessions are computed twice, and once forgotten
        places = jnp.arange(share * n_devices) % n_sessions
        first = jax.tree.map(lambda array: jnp.take(array, places, axis=0), first)
        last = jax.tree.map(lambda array: jnp.take(array, places, axis=-1), last)
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
    results = dealt(arrays, first, last)
    return jax.tree.map(lambda array: array[:n_sessions], results)
