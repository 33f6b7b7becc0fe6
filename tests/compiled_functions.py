"""Every compiled function of the package, and the arguments that it is called with."""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax

import cogrnn_lab
from cogrnn_lab.training.compiled.compiler_options import CompiledWithOptions

JIT, FILTER_JIT = type(jax.jit(abs)), type(eqx.filter_jit(abs))
KINDS = (JIT, FILTER_JIT, CompiledWithOptions)


def compiled_functions() -> dict[str, Any]:
    """The compiled functions that the modules of the package define, by module and name."""
    found = {}
    for part in pkgutil.walk_packages(cogrnn_lab.__path__, "cogrnn_lab."):
        if part.name.endswith("__main__") or part.name.startswith("cogrnn_lab.cli"):
            continue
        module = importlib.import_module(part.name)
        for name, value in vars(module).items():
            if isinstance(value, KINDS) and not _comes_from_elsewhere(value, part.name):
                found[f"{part.name.removeprefix('cogrnn_lab.')}.{name}"] = value
    return found


def _comes_from_elsewhere(function: Any, module: str) -> bool:
    made = function._function if isinstance(function, CompiledWithOptions) else function
    return made.__module__ != module


class Recorder:
    """In the place of a compiled function everywhere: it keeps the arguments of the first call."""

    def __init__(self, function: Any):
        self.function, self.arguments = function, None

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self.arguments is None:
            self.arguments = (arguments, named)
        return self.function(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)


def recorded(
    functions: dict[str, Any], scenario: Callable[[], None], monkeypatch: Any
) -> dict[str, Recorder]:
    """What each compiled function was called with in a scenario."""
    recorders = {name: Recorder(function) for name, function in functions.items()}
    of = {id(recorder.function): recorder for recorder in recorders.values()}
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith("cogrnn_lab"):
            for name, value in list(vars(module).items()):
                if isinstance(value, KINDS) and id(value) in of:
                    monkeypatch.setattr(module, name, of[id(value)])
    scenario()
    return recorders


def lowered(recorder: Recorder, platforms: tuple[str, ...]) -> Any:
    """The function lowered for platforms that this machine need not have."""
    arguments, named = recorder.arguments
    function = recorder.function
    if isinstance(function, FILTER_JIT):
        arrays, rest = eqx.partition((arguments, named), eqx.is_array)

        def plain(arrays: Any) -> Any:
            arguments, named = eqx.combine(arrays, rest)
            return eqx.filter(function.__wrapped__(*arguments, **named), eqx.is_array)

        return jax.jit(plain).trace(arrays).lower(lowering_platforms=platforms)
    return function.trace(*arguments, **named).lower(lowering_platforms=platforms)
