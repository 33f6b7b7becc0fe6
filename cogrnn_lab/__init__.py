"""A laboratory for discovering cognitive models from choices with recurrent networks.

Everything for users is here: `import cogrnn_lab as cl`. Each name is loaded when it is first asked for, so
that a process that only serves the lab's page pays for none of it, and a script not for widgets and figures.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cogrnn_lab import lab as lab
    from cogrnn_lab import plots as plots
    from cogrnn_lab import reports as reports
    from cogrnn_lab.analysis import *  # noqa: F403
    from cogrnn_lab.cpu_devices import use_cpu_devices as use_cpu_devices
    from cogrnn_lab.data import *  # noqa: F403
    from cogrnn_lab.discovery import *  # noqa: F403
    from cogrnn_lab.fitting import *  # noqa: F403
    from cogrnn_lab.lab import Lab as Lab
    from cogrnn_lab.lab import workshop_progress as workshop_progress
    from cogrnn_lab.models import *  # noqa: F403
    from cogrnn_lab.studies import *  # noqa: F403
    from cogrnn_lab.tasks import *  # noqa: F403
    from cogrnn_lab.training import *  # noqa: F403

try:
    __version__ = version("cogrnn_lab")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+unknown"

# Each room imports only those before it, so that a name costs no more than its room needs.
_ROOMS = ("data", "models", "tasks", "fitting", "training", "analysis", "discovery", "studies")
_APART = {
    "Lab": "cogrnn_lab.lab",
    "lab": "cogrnn_lab.lab",
    "plots": "cogrnn_lab.plots",
    "reports": "cogrnn_lab.reports",
    "use_cpu_devices": "cogrnn_lab.cpu_devices",
    "workshop_progress": "cogrnn_lab.lab",
}


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return [*(public for room in _ROOMS for public in _room(room).__all__), *_APART]
    if name in _APART:
        module = import_module(_APART[name])
        return module if name in ("lab", "plots", "reports") else getattr(module, name)
    if name in _ROOMS:
        return _room(name)
    if not name.startswith("_"):
        for room in _ROOMS:
            if name in _room(room).__all__:
                value = globals()[name] = getattr(_room(room), name)
                return value
    raise AttributeError(f"module 'cogrnn_lab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})


def _room(name: str) -> Any:
    return import_module(f"cogrnn_lab.{name}")
