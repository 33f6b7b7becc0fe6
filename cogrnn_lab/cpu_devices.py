"""Several CPU cores as several devices of JAX, for a process that trains networks."""

import os

import jax

from cogrnn_lab.counts import checked_count


def use_cpu_devices(n: int | None = None) -> int:
    """Let JAX have several CPU devices, so that a trainer shards the sessions of a large batch over them.

    On two cores that is up to twice as fast as one device with two threads. JAX has one such setting for the
    whole process and reads it once: call this at the start of a script or notebook. The lab's page and
    `cogrnn-lab fit`, which have a process of their own, call it themselves.

    Arguments:
        n: How many devices. None: one for each core that this process may use. The environment variable
            `COGRNN_LAB_CPU_DEVICES` names another number, whatever `n` is.

    Returns:
        The number of devices.

    Raises:
        ValueError: Where `n`, or the environment variable, is no whole number of at least 1.
        RuntimeError: Where JAX has computed something already with another number of devices.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.use_cpu_devices(jax.local_device_count("cpu")) == jax.local_device_count("cpu")
        True
    """
    wish = os.environ.get("COGRNN_LAB_CPU_DEVICES", "")
    if wish:
        if not wish.isdecimal():
            raise ValueError(f"COGRNN_LAB_CPU_DEVICES is {wish!r}, expected a whole number of at least 1")
        n = int(wish)
    n = usable_cores() if n is None else n
    n = checked_count(n, "n", of="CPU devices")
    try:
        jax.config.update("jax_num_cpu_devices", n)
    except RuntimeError as error:
        if jax.local_device_count("cpu") == n:
            return n
        raise RuntimeError(
            f"JAX has started with {jax.local_device_count('cpu')} CPU device(s) and can't change to {n} any "
            "more; call use_cpu_devices before anything is computed, such as in the first cell after a "
            "restart of the kernel"
        ) from error
    return n


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
