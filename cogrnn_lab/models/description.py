"""Description of a network in a saved file: its kind and constructor arguments, which give its shapes."""

import inspect
from typing import Any

import equinox as eqx
import jax
from jaxtyping import PRNGKeyArray

from cogrnn_lab.models.constrained.matrix import ConstrainedMatrix
from cogrnn_lab.models.constrained.partly_fixed import PartlyFixed
from cogrnn_lab.models.constrained.rnn import ConstrainedRNN
from cogrnn_lab.models.constrained.started import Started
from cogrnn_lab.models.disentangled.disrnn import DisRNN
from cogrnn_lab.models.disentangled.multisubject_disrnn import MultisubjectDisRNN
from cogrnn_lab.models.disentangled.neuro_disrnn import NeuroDisRNN
from cogrnn_lab.models.gated.gru import GRU
from cogrnn_lab.models.gated.lstm import LSTM
from cogrnn_lab.models.gated.vanilla_rnn import VanillaRNN
from cogrnn_lab.models.names import KINDS_OF_NAMES
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.models.switching.switching_linear_rnn import SwitchingLinearRNN
from cogrnn_lab.schemas import Anything, FileError, Flag, ListOf, MapOf, Number, Record, Schema, Text, Whole

LONGEST_NAME = 80  # characters of a kind in an error
KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        DisRNN,
        MultisubjectDisRNN,
        NeuroDisRNN,
        GRU,
        LSTM,
        VanillaRNN,
        SwitchingLinearRNN,
        ConstrainedRNN,
    )
}

# What `describe_model` gives, in a file.
DESCRIPTION = Record(
    {"kind": Text(), "arguments": MapOf(Anything())},
    {"names": Record({}, {kind: ListOf(Text()) for kind in KINDS_OF_NAMES}, closed=True), "own": Flag()},
)


def describe_model(model: eqx.Module | HoldsNetwork) -> dict[str, Any]:
    """Describe a network by its class and constructor arguments, ready for JSON.

    Arguments that a class names in `only_values` set the values of arrays and not which there are: they are
    left out.

    Arguments:
        model: Network that has a field or property for each of its constructor arguments.

    Returns:
        {"kind": class name, "arguments": {constructor argument: value}}, with {"names": {"input_names": ...,
        "class_names": ..., "signal_names": ...}} where the network knows any, and "own": True for a class of
        your own that is called as one of this package is.

    Raises:
        TypeError: The network has no field for one of its constructor arguments.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.describe_model(cl.GRU(2, 2, 3, key=jax.random.key(0)))["kind"]
        'GRU'
    """
    model = model if isinstance(model, eqx.Module) else network_of(model)
    in_arrays = ("self", "key", *getattr(type(model), "only_values", ()))
    names = [name for name in inspect.signature(type(model).__init__).parameters if name not in in_arrays]
    missing = [name for name in names if not hasattr(model, name)]
    if missing:
        raise TypeError(
            f"{type(model).__name__} keeps no field for its constructor arguments {', '.join(missing)}; "
            "a network that can be saved has a static field of the same name for each of them"
        )
    name = type(model).__name__
    described = {"kind": name, "arguments": {name: getattr(model, name) for name in names}}
    known = {kind: list(own) for kind in KINDS_OF_NAMES if (own := getattr(model, kind, None)) is not None}
    described |= {"names": known} if known else {}
    # a class of the user's own is not to be read as the one of the package that is called so
    return described | ({"own": True} if name in KINDS and type(model) is not KINDS[name] else {})


def model_skeleton(description: dict[str, Any], kind: type | None = None) -> eqx.Module:
    """Make a network from its description, with shapes in place of arrays.

    Arguments:
        description: What `describe_model` returned.
        kind: Class of the network, needed for one that is not of this package.

    Returns:
        The network, whose arrays are `jax.ShapeDtypeStruct`.

    Raises:
        ValueError: The class is not known, or is one of your own, and `kind` is not given.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> described = cl.describe_model(cl.GRU(2, 2, 3, key=jax.random.key(0)))
        >>> cl.model_skeleton(described).core.start.shape
        (3,)
    """
    name = description.get("kind")
    if kind is None:
        if name not in KINDS:
            told = repr(name)[:LONGEST_NAME]
            raise FileError(
                f"the file holds a network of kind {told}, but known are {', '.join(sorted(KINDS))}; "
                "for a class of your own pass it as kind="
            )
        if description.get("own"):
            raise FileError(
                f"the file holds a network of a class of your own that is called {name!r}, as one of this "
                "package is; pass the class as kind="
            )
        kind = KINDS[name]
    arguments = description["arguments"]
    model: Any = eqx.filter_eval_shape(lambda: kind(**arguments, key=jax.random.key(0)))
    if hasattr(model, "started"):  # by default arguments, which were not those of the network in the file
        object.__setattr__(model, "started", Started(None))
    names = description.get("names", {})  # files of earlier versions have none
    return model.with_names(**names) if names else model


def check_description(description: Any, most: int) -> None:
    """Refuse a description from a file that `describe_model` would not have given.

    Arguments:
        description: The description.
        most: Largest whole number that it may have, as the arrays beside it have no larger size: what is made
            of it takes no more room than they say.

    Raises:
        FileError: It is another.
    """
    DESCRIPTION.check(description, "its network")
    kind = KINDS.get(description["kind"])
    if kind is None or description.get("own"):
        return  # of the user's own, whose arguments only the class knows
    accepted = inspect.signature(kind.__init__).parameters
    for name, value in description["arguments"].items():
        if name not in accepted or name in ("self", "key"):
            raise FileError(f"its {kind.__name__} has an argument {name[:40]!r}, which is not known here")
        _argument(accepted[name].annotation, most).check(value, f"its network.{name}")
        _check_sizes(value, most, f"its network.{name}")


def _argument(annotation: Any, most: int) -> Schema:
    """Schema of a constructor argument, by its annotation."""
    kinds = {int: Whole(0, most), float: Number(finite=True), bool: Flag()}
    return kinds.get(annotation, Text() if str(annotation).startswith("str |") else Anything())


def _check_sizes(value: Any, most: int, where: str) -> None:
    if isinstance(value, int) and not isinstance(value, bool):
        Whole(-most, most).check(value, where)
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            _check_sizes(inner, most, where)


def started_anew(model: eqx.Module, key: PRNGKeyArray) -> eqx.Module:
    """Make a network with the same arguments and another key; `TypeError` where it can't give them."""
    arguments = describe_model(model)["arguments"]
    lost = getattr(type(model), "only_values", ())
    if lost:
        started = getattr(getattr(model, "started", None), "arguments", None)
        if started is None:
            raise TypeError(
                f"a {type(model).__name__} from a file does not keep how its weights were started "
                f"({', '.join(lost)}), nor does one whose weights were exchanged; make each network "
                "yourself, with a key of its own, and give them to cl.Replicates as a list"
            )
        arguments = arguments | started
    kind: Any = type(model)
    return kind(**arguments, key=key)


def n_parameters(model: eqx.Module | HoldsNetwork) -> int:
    """Count the numbers that training can change: no fixed ones, and no weight without a connection.

    Arguments:
        model: Any network, or the `Run` that trained one.

    Returns:
        The number of trained parameters.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.n_parameters(cl.VanillaRNN(1, 1, 2, key=jax.random.key(0)))
        13
    """
    model = model if isinstance(model, eqx.Module) else network_of(model)
    constrained = (ConstrainedMatrix, PartlyFixed)
    parts = jax.tree.leaves(model, is_leaf=lambda part: isinstance(part, constrained))
    return sum(
        int(part.is_trained.sum()) if isinstance(part, constrained) else part.size
        for part in parts
        if isinstance(part, constrained) or eqx.is_inexact_array(part)
    )
