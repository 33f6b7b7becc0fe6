"""What can be picked in the lab by name, beside the agents, environments and tasks of the registries."""

from collections.abc import Callable
from typing import Any

from cogrnn_lab.lab.settings.constrained import constrained_rnn
from cogrnn_lab.models import GRU, LSTM, DisRNN, MultisubjectDisRNN, NeuroDisRNN, VanillaRNN
from cogrnn_lab.tasks import BoundedAccumulator, ChosenValue, PoissonClicks, RewardPredictionError

SIGNALS = {"none": None, "reward prediction error": RewardPredictionError, "chosen value": ChosenValue}
ACCUMULATORS, CLICK_TRAINS = {"bounded accumulator": BoundedAccumulator}, {"Poisson clicks": PoissonClicks}
MODELS: dict[str, Callable[..., Any]] = {
    "DisRNN": DisRNN,
    "multisubject DisRNN": MultisubjectDisRNN,
    "neuro DisRNN": NeuroDisRNN,
    "GRU": GRU,
    "LSTM": LSTM,
    "plain RNN": VanillaRNN,
    "constrained RNN": constrained_rnn,
}
MULTISUBJECT, NEURO, CONSTRAINED = "multisubject DisRNN", "neuro DisRNN", "constrained RNN"
OF_CHOICES = ("DisRNN", MULTISUBJECT, NEURO)  # what they are made for: bottlenecks and rules of choice
# Where a constructor has no default for a size of its own.
SIZES = {"n_hidden": 16}

# Sizes of a network that the data say; they are no settings.
GIVEN_BY_DATA = ("n_inputs", "n_outputs", "n_subjects", "subject_names", "n_signals", "dt", "tau")

# Parameters under which earlier versions saved the same number.
FORMER_PARAMETERS = {"gain_rate": "learning_rate"}
_OF_THE_PACKAGE = frozenset(MODELS)


def register_network(name: str, constructor: Any) -> None:
    """Add a network to those that can be picked in every lab that is made from now on.

    Arguments:
        name: As it is shown. A name of one's own that is there already is replaced, so that a notebook cell
            can be run again.
        constructor: Called with `n_inputs`, `n_outputs`, `key` and, where it takes them, `n_subjects`,
            `n_signals`, `dt` and `tau`; its other arguments with a number as default are settings.

    Raises:
        TypeError: It cannot be called.
        ValueError: The lab itself has a network of that name.

    Example:
        >>> import cogrnn_lab as cl
        >>> def small_gru(n_inputs, n_outputs, n_hidden=4, *, key):
        ...     return cl.GRU(n_inputs, n_outputs, n_hidden, key=key)
        >>> cl.lab.register_network("small GRU", small_gru)
        >>> cl.lab.LabState().model.by_kind["small GRU"].n_hidden
        4
    """
    if not callable(constructor):
        raise TypeError(
            f"{constructor!r} makes no network; expected a class or function with the arguments n_inputs, "
            "n_outputs and key"
        )
    if name in _OF_THE_PACKAGE:
        raise ValueError(f'"{name}" is a network of the lab itself; give yours another name')
    MODELS[name] = constructor
