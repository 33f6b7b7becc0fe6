"""A laboratory for discovering cognitive models from choices with recurrent networks.

Everything for users is here: `import cogrnn_lab as cl`. The widgets (`cl.Lab`) and the figures (`cl.plots`)
are loaded when first asked for, so that scripts don't pay for them.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from cogrnn_lab.analysis import *  # noqa: F403
from cogrnn_lab.analysis import __all__ as _analysis
from cogrnn_lab.data import *  # noqa: F403
from cogrnn_lab.data import __all__ as _data
from cogrnn_lab.models import *  # noqa: F403
from cogrnn_lab.models import __all__ as _models
from cogrnn_lab.tasks import *  # noqa: F403
from cogrnn_lab.tasks import __all__ as _tasks
from cogrnn_lab.training import *  # noqa: F403
from cogrnn_lab.training import __all__ as _training

try:
    __version__ = version("cogrnn_lab")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+unknown"

_LAZY = {"Lab": "cogrnn_lab.lab", "plots": "cogrnn_lab.plots"}

__all__ = [*_analysis, *_data, *_models, *_tasks, *_training, *_LAZY]  # pyright: ignore


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        module = import_module(_LAZY[name])
        return module if name == "plots" else getattr(module, name)
    raise AttributeError(f"module 'cogrnn_lab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
