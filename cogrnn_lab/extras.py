"""Packages that not every user needs, and what to type where one is missing."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType


def check_extra(package: str, extra: str, what: str) -> None:
    """Refuse what needs a package that is not installed.

    Arguments:
        package: Name by which it is imported.
        extra: Extra of cogrnn-lab that brings it.
        what: What needs it, for the sentence.

    Raises:
        ModuleNotFoundError: It is not installed; with the command that installs it.
    """
    if find_spec(package) is None:
        raise ModuleNotFoundError(
            f'{what} needs the package {package}, which is not installed: pip install "cogrnn-lab[{extra}]"',
            name=package,
        )


def imported_extra(module: str, extra: str, what: str) -> ModuleType:
    """Import a module of such a package, or refuse as `check_extra` does."""
    check_extra(module.partition(".")[0], extra, what)
    return import_module(module)
