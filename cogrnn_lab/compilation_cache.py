"""What is compiled: kept in a folder for the next process, and let go of where a process holds too much."""

import ctypes
import gc
import hashlib
import os
import platform
import sys
import time
from pathlib import Path

import equinox as eqx
import jax
import platformdirs

VARIABLE = "COGRNN_LAB_COMPILATION_CACHE"

MAPS = Path("/proc/self/maps")
MOST_MAPS = 12_000  # memory maps of the process, with 1.3 GB or so; Linux crashes one that has 65,530
BETWEEN_LOOKS = 5.0  # seconds: to count them takes some milliseconds
_looked = [0.0]


def keep_compilations() -> Path | None:
    """Let JAX keep what it compiles, unless it has a folder for that already; returns the folder.

    Where the process holds very much that was compiled, that is let go of first.

    The environment variable `COGRNN_LAB_COMPILATION_CACHE` names another folder, or is "off". JAX has one
    such setting for a whole process; where the user has made it (`jax_compilation_cache_dir`), it stays.
    """
    let_go_of_compilations()
    wish = os.environ.get(VARIABLE, "")
    if wish.lower() in ("off", "0", "no", "false"):
        return None
    given = jax.config.values["jax_compilation_cache_dir"]
    if given:
        return Path(given)
    folder = (Path(wish) if wish else Path(platformdirs.user_cache_dir("cogrnn_lab", False))) / _processor()
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # JAX keeps by default only what took a second or more; a lab is made of many smaller functions.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.05)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return folder


def let_go_of_compilations() -> bool:
    """Free what was compiled where the process holds very much of it; tells whether it did.

    Every network of another size is compiled anew, and JAX keeps all of it for ever: after some 150 such
    networks a process would have no memory maps left. What is still needed comes back from the folder.
    """
    now = time.monotonic()
    if now - _looked[0] < BETWEEN_LOOKS or not MAPS.exists():
        return False
    _looked[0] = now
    if MAPS.read_bytes().count(b"\n") < MOST_MAPS:
        return False
    clear_compilations()
    return True


def clear_compilations() -> None:
    """Free all that was compiled, and give the memory back to the system.

    The C library keeps what the compiler has freed, scattered between what lives: of 5.2 GB that a process
    held after some thousand programs, 3.8 were free.
    """
    eqx.clear_caches()
    jax.clear_caches()
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:  # the GNU C library
        trim(0)


def _processor() -> str:
    """A folder for each kind of processor: a home folder may be shared by machines that differ."""
    description = platform.machine() + platform.processor()
    cpu = Path("/proc/cpuinfo")
    if cpu.is_file():
        lines = cpu.read_text(errors="replace").splitlines()
        telling = ("flags", "Features", "model name")
        description += "".join(dict.fromkeys(line for line in lines if line.startswith(telling)))
    return hashlib.sha256(description.encode()).hexdigest()[:12]
