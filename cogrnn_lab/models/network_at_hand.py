"""Networks out of what holds one: a run, a discovery, an agent that plays by a network."""

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from cogrnn_lab.models.network import Network

# What only runs as a network passes as well, though a check of types at run time would stop it.
if TYPE_CHECKING:
    RunsAsNetwork = Network
else:
    RunsAsNetwork = Any


@runtime_checkable
class HoldsNetwork(Protocol):
    """Anything whose attribute `model` is a network, such as a `Run` or a `Discovery`."""

    @property
    def model(self) -> Any:
        """The network."""
        ...


def network_of(model: Any, name: str = "the model") -> RunsAsNetwork:
    """Give the network that is meant: the one given, or that of a run, a discovery or a `NetworkAgent`.

    Arguments:
        model: A `Network`, or an object whose attribute `model` is one.
        name: What it is called in the sentence of the error.

    Returns:
        The network.

    Raises:
        TypeError: It is neither.
    """
    if isinstance(model, Network):
        return model
    is_class = isinstance(model, type)
    if not is_class and callable(getattr(model, "rollout", None)) and hasattr(model, "n_inputs"):
        return model  # runs as a network without being a `Network`
    held = None if is_class else getattr(model, "model", None)
    if isinstance(held, Network):
        return held
    slip = ""
    if is_class:
        got, slip = f"the class {model.__name__}", "; call it to make a network of it"
    elif hasattr(model, "inputs") or hasattr(model, "batch"):
        got, slip = f"a {type(model).__name__}", "; the network comes first, then the data or the task"
    else:
        got = f"a {type(model).__name__}"
    raise TypeError(f"{name} is {got}; expected a network, or a Run or a Discovery that has one{slip}")
