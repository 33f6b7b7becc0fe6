"""What the machine is that the figures come from."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from cogrnn_lab.cpu_devices import usable_cores

# Vector instructions by their name among a processor's flags, widest first, with their bits.
_VECTORS = (("avx512f", 512), ("sve", 128), ("avx2", 256), ("avx", 256), ("asimd", 128), ("sse2", 128))


def describe_machine() -> str:
    """One line: processor, cores, vector width, memory, system, Python, JAX."""
    fields = _processor_fields()
    model = fields.get("model name") or platform.processor() or platform.machine()
    parts = [model, f"{usable_cores()} cores"]
    vector = vector_width((fields.get("flags") or fields.get("Features") or "").split())
    parts += [vector] if vector else []
    memory = memory_bytes()
    parts += [f"{memory / 2**30:.0f} GiB"] if memory else []
    parts += [platform.system(), f"Python {platform.python_version()}", f"JAX {version('jax')}"]
    return ", ".join(parts)


def vector_width(flags: list[str]) -> str | None:
    """The widest vector instructions among a processor's flags, as "512-bit vectors (avx512f)"."""
    return next((f"{bits}-bit vectors ({name})" for name, bits in _VECTORS if name in flags), None)


def memory_bytes() -> int | None:
    """Memory of the machine; None where the system doesn't tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _processor_fields() -> dict[str, str]:
    """What Linux tells about the first processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in reversed(lines) if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}
