"""Each package that we are compared with, in a virtual environment of its own, made when first needed."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from .processes import FOLDER


@dataclass(frozen=True)
class Peer:
    """A package to compare with.

    `distribution` and `version`; `installs`, lists of arguments of `pip install`, one after the other;
    `script`, ours, that runs there.
    """

    distribution: str
    version: str
    installs: tuple[tuple[str, ...], ...]
    script: Path

    @property
    def name(self) -> str:
        return f"{self.distribution} {self.version}"


DISENTANGLED_RNNS = Peer(
    "disentangled-rnns",
    "0.1.8",
    (("disentangled-rnns==0.1.8",),),
    FOLDER / "peers" / "disentangled_rnns_work.py",
)
# Only PsychRNN's version pins are broken: it works with this TensorFlow, and imports nothing else.
PSYCHRNN = Peer(
    "psychrnn",
    "1.0.0",
    (("tensorflow-cpu==2.21.0",), ("psychrnn==1.0.0", "--no-deps")),
    FOLDER / "peers" / "psychrnn_work.py",
)

_VERSION = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"


def default_folder() -> Path:
    """Where the environments lie: in the user's cache, so that another checkout needs no others."""
    return Path(platformdirs.user_cache_dir("cogrnn_lab", False)) / "benchmark_peers"


def python_of(peer: Peer, folder: Path) -> Path:
    """The Python of the peer's environment below `folder`, which is made where it is not there."""
    environment = folder / peer.distribution
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if _installed(python, peer.distribution) != peer.version:
        print(f"Installing {peer.name} into {environment}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        for arguments in peer.installs:
            pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            subprocess.run([*pip, *arguments], check=True)
    return python


def _installed(python: Path, distribution: str) -> str | None:
    if not python.exists():
        return None
    asked = subprocess.run([str(python), "-c", _VERSION, distribution], capture_output=True, text=True)
    return asked.stdout.strip() if asked.returncode == 0 else None
