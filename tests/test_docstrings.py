"""Every public name says what its arguments are, in one form, and every example in a docstring runs.

A failure names the public name, as in `data/read_table` or `models/Network.rollout`; one room alone is tested
by `pytest tests/test_docstrings.py -k data/`. The form is

    Do one thing, said in a sentence that begins with a verb (of a class: with a noun).

    Arguments:
        dataset: What it is, with shape and unit.

with the sections of `SECTIONS`. A class documents its constructor; a result lists its fields under `Fields:`.
"""

import doctest
import inspect
import re
import types
from collections.abc import Callable
from typing import Any

import pytest

import cogrnn_lab as cl

SECTIONS = ("Arguments", "Fields", "Returns", "Yields", "Raises", "Example", "Source")
HEADING = re.compile(r"^(\w+):$")
# Ways to head a section that are not the one form; "Arguments: a; b." on one line is among them.
OTHER_HEADING = re.compile(
    r"^\**(Arguments?|Args|Parameters|Fields|Returns?|Raises|Examples?|Sources?)\b:?\**:?(.*)$"
)
# What runs before every example, so that it can begin with its subject.
NAMES_OF_EXAMPLES = {"cl": cl}


def rooms() -> dict[str, types.ModuleType]:
    found = {name: getattr(cl, name) for name in cl._ROOMS}
    return found | {"plots": cl.plots}


def public_objects() -> dict[str, Any]:
    """`room/name` and `room/name.method` -> what is public there, submodules such as `losses` opened."""
    found: dict[str, Any] = {"lab/Lab": cl.Lab, "cogrnn_lab/use_cpu_devices": cl.use_cpu_devices}
    for room, module in rooms().items():
        for name in module.__all__:
            found |= opened(f"{room}/{name}", getattr(module, name))
    classes = {name: thing for name, thing in found.items() if inspect.isclass(thing)}
    for name, cls in classes.items():
        found |= {f"{name}.{method}": raw for method, raw in own_methods(cls, set(classes.values())).items()}
    return found


def opened(name: str, thing: Any) -> dict[str, Any]:
    """The thing itself, or what a module offers: its `__all__`, or what is defined there."""
    if not inspect.ismodule(thing):
        return {name: thing} if callable(thing) and not is_alias(thing) else {}
    listed = getattr(thing, "__all__", None)
    public = [key for key in vars(thing) if not key.startswith("_")] if listed is None else listed
    return {
        f"{name}.{key}": value
        for key, value in ((key, getattr(thing, key)) for key in public)
        if callable(value)
        and not is_alias(value)
        and (listed is not None or getattr(value, "__module__", "") == thing.__name__)
    }


def is_ours(thing: Any) -> bool:
    return getattr(thing, "__module__", "").startswith("cogrnn_lab")


def is_alias(thing: Any) -> bool:
    """A name of a type, such as `Callable[[Array], Array]`, which has no docstring of its own."""
    return not (inspect.isclass(thing) or inspect.isroutine(thing) or hasattr(thing, "__wrapped__"))


def own_methods(cls: type, public: set[type]) -> dict[str, Any]:
    """Methods that no public base describes: new ones, and those with a docstring or more arguments.

    They are as the class holds them, so that `self` is seen and left out.
    """
    names = {name for base in cls.__mro__ if is_ours(base) for name in vars(base) if not name.startswith("_")}
    bases = [base for base in cls.__mro__[1:] if base in public]
    found = {}
    for name in sorted(names):
        raw = inspect.getattr_static(cls, name)
        kinds = (types.FunctionType, classmethod, staticmethod)
        if not isinstance(getattr(raw, "method", raw), kinds):  # Equinox keeps a method in a wrapper
            continue
        inherited = [inspect.getattr_static(base, name) for base in bases if hasattr(base, name)]
        known = any(
            other is raw or (not raw.__doc__ and set(arguments(raw)) <= set(arguments(other)))
            for other in inherited
        )
        if not known:
            found[name] = raw
    return found


def arguments(thing: Any) -> list[str]:
    """Names of what is passed to a function, a method or a constructor."""
    bound = getattr(thing, "__func__", getattr(thing, "method", thing))
    try:
        parameters = list(inspect.signature(bound).parameters)
    except ValueError:  # an exception or a mapping that takes what its base takes
        return []
    hidden = {"self", "cls", "args", "kwargs"}  # the last two: passed on as they are
    return [name for name in parameters if name not in hidden and not name.startswith("_")]


def docstring(thing: Any, name: str) -> str:
    """The docstring of an object; that of a method may be its base's."""
    owner, _, method = name.rpartition(".")
    if "/" in owner and inspect.isclass(PUBLIC.get(owner)):
        return inspect.getdoc(getattr(PUBLIC[owner], method)) or ""
    return inspect.cleandoc(thing.__doc__ or "")


def sections(text: str) -> dict[str, list[str]]:
    """Heading -> its lines, without the common indentation."""
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in text.splitlines():
        heading = HEADING.match(line)
        if heading:
            lines = found.setdefault(heading[1], [])
        elif line and not line.startswith(" "):
            lines = None
        elif lines is not None:
            lines.append(line)
    return {name: inspect.cleandoc("\n" + "\n".join(part)).splitlines() for name, part in found.items()}


def named_items(lines: list[str]) -> set[str]:
    """`a` and `b` of a list with items "a: ..." and "a, b: ..."; continuation lines are indented further."""
    found: set[str] = set()
    for line in lines:
        item = re.match(r"([`*\w][`*\w, ]*?)(?: \([^)]*\))?:(?:\s|$)", line)
        if item:
            found |= {part.strip(" `*") for part in item[1].split(",")}
    return found


def missing(name: str, thing: Any) -> list[str]:
    """Arguments that the docstring has no item for; a method may leave those to the one that it overrides."""
    owner, _, method = name.rpartition(".")
    said = items(docstring(thing, name))
    if inspect.isclass(thing):
        said |= named_items(sections(docstring(thing, name)).get("Fields", []))
    elif inspect.isclass(PUBLIC.get(owner)):
        overridden = [getattr(base, method, None) for base in PUBLIC[owner].__mro__ if is_ours(base)]
        said = said.union(*(items(inspect.getdoc(other) or "") for other in overridden if other))
    return [argument for argument in arguments(thing) if argument not in said]


def items(text: str) -> set[str]:
    return named_items(sections(text).get("Arguments", []))


PUBLIC = public_objects()
NEED_EXAMPLE = [
    name
    for name, thing in PUBLIC.items()
    if name.count(".") == 0
    and (
        (name.startswith("analysis/") and inspect.isfunction(inspect.unwrap(thing)))
        or (
            inspect.isclass(thing)
            and issubclass(thing, cl.Network | cl.Agent | cl.Environment | cl.Task)
            and not inspect.isabstract(thing)
            and thing not in (cl.Network, cl.Agent, cl.Environment, cl.Task)
        )
    )
]
WITH_EXAMPLE = [name for name, thing in PUBLIC.items() if ">>>" in docstring(thing, name)]


def test_the_search_finds_what_is_public():
    expected = {"data/read_table", "models/GRU", "models/Network.rollout", "training/losses.categorical_nll"}
    assert expected | {"plots/plot_learning", "lab/Lab", "data/Dataset.select"} <= PUBLIC.keys()
    assert {"models/DisRNN", "tasks/QLearning", "analysis/evaluate"} <= set(NEED_EXAMPLE)


def test_an_argument_without_an_item_is_found():
    def complete(first: int, second: int) -> None:
        """Do it.

        Arguments:
            first, second: Numbers
                on two lines, second: not an item.
        """

    def one_short(first: int, second: int) -> None:
        """Do it.

        Arguments:
            first: A number; second: another.

        Returns:
            second: none.
        """

    assert missing("a", complete) == []
    assert missing("b", one_short) == ["second"]


@pytest.mark.parametrize("name", PUBLIC)
def test_every_argument_is_said(name: str):
    without = missing(name, PUBLIC[name])
    assert without == [], (
        f"{name}: the docstring has no item for {', '.join(without)}; write a line `name: ...` for each into "
        "its section Arguments (of a result: Fields), with shape and unit"
    )


@pytest.mark.parametrize("name", PUBLIC)
def test_docstrings_have_one_form(name: str):
    text = docstring(PUBLIC[name], name)
    assert text, f"{name} has no docstring"
    first = text.partition("\n\n")[0]
    assert first[:1].isupper() or first[:1] in "`\"'(", f"{name} begins with {first[:20]!r}"
    assert first.rstrip().endswith((".", ":", "?")), f"{name}: the first paragraph is no sentence: {first!r}"
    for line in text.splitlines():
        heading = HEADING.match(line)
        other = OTHER_HEADING.match(line)
        if heading and other:
            assert heading[1] in SECTIONS, f"{name}: {line!r}; sections are {', '.join(SECTIONS)}"
        elif other and (line.startswith("**") or other[0].startswith(f"{other[1]}:")):
            pytest.fail(f"{name}: {line!r}; write the heading as a line of its own, as `Arguments:`")


@pytest.mark.parametrize("name", NEED_EXAMPLE)
def test_there_is_an_example(name: str):
    assert "Example" in sections(docstring(PUBLIC[name], name)), f"{name} has no section `Example:`"
    assert ">>>" in docstring(PUBLIC[name], name), f"the example of {name} has no line with >>>"


@pytest.mark.parametrize("name", WITH_EXAMPLE)
def test_examples_run(name: str):
    text = docstring(PUBLIC[name], name)
    example = doctest.DocTestParser().get_doctest(text, dict(NAMES_OF_EXAMPLES), name, name, 0)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    said: list[str] = []
    write: Callable[[str], Any] = said.append
    doctest.DocTestRunner(optionflags=flags).run(example, out=write)
    assert said == [], "".join(said)
