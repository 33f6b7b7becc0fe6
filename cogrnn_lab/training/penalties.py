"""Weights of the penalties on information, weights and activity."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.argument_kinds import Kind
from cogrnn_lab.callers import level_of_caller

# A dictionary of weights in the place of the first is the usual slip.
FirstWeight = Annotated[
    float, Kind("a number; weights in a dictionary are cl.Penalties(**weights)", lambda value: True)
]


class Penalties(Mapping[str, float]):
    """Weights of the penalties, in loss per unit of what each is on; a mapping from name to weight.

    Every penalty is 0 unless it is given. A weight may be given for what a network does not have: it has no
    effect, and training warns of it unless it is that of the default recipe. A network of your own may have
    bottleneck groups, `penalty_terms` or `costs` with names of their own: give their weights by these names.
    Training refuses such a name where the network does not have it.

    The weights enter the compiled training step as numbers: changing them never recompiles. Penalties are
    never changed; `replace` and `2.0 * penalties` make new ones.

    Arguments:
        latent: Weight of the information in the latents' bottlenecks, in loss per nat and counted target.
        update_input: The same from the inputs to the update networks.
        update_latent: The same from the previous latents to the update networks.
        choice_latent: The same from the latents to the choice network.
        subject: The same of the subject's embedding.
        update_subject: The same from the embedding to the update networks.
        choice_subject: The same from the embedding to the choice network.
        neural: The same to the network that predicts recorded activity.
        l2: Weight of the sum of the squared weights that a network counts (`model.l2()`).
        l1_input: Weight of the mean absolute effective weight from the inputs of a `ConstrainedRNN`.
        l1_recurrent: The same of its recurrent weights.
        l1_output: The same of its weights to the outputs.
        l2_input: Weight of its mean squared effective weight from the inputs.
        l2_recurrent: The same of its recurrent weights.
        l2_output: The same of its weights to the outputs.
        rates: Weight of its squared firing rate, averaged over units and valid trials.
        own: Weights of the penalties of a network of your own, by name.

    Raises:
        ValueError: A weight is negative or not finite, or a name is that of a method.

    Source:
        Information: Miller, Eckstein, Botvinick & Kurth-Nelson, NeurIPS 2023. Weights and rates: Ehrlich,
        Stone, Brandfonbrener, Atanasov & Murray, eNeuro 2021.

    Example:
        >>> import cogrnn_lab as cl
        >>> penalties = cl.Penalties(latent=1e-3, sparsity=0.1)
        >>> penalties.latent, penalties["sparsity"], penalties.l2
        (0.001, 0.1, 0.0)
        >>> (2 * penalties).sparsity
        0.2
    """

    __slots__ = ("_weights",)
    _weights: dict[str, float]

    def __init__(
        self,
        latent: FirstWeight = 0.0,
        update_input: float = 0.0,
        update_latent: float = 0.0,
        choice_latent: float = 0.0,
        subject: float = 0.0,
        update_subject: float = 0.0,
        choice_subject: float = 0.0,
        neural: float = 0.0,
        l2: float = 0.0,
        l1_input: float = 0.0,
        l1_recurrent: float = 0.0,
        l1_output: float = 0.0,
        l2_input: float = 0.0,
        l2_recurrent: float = 0.0,
        l2_output: float = 0.0,
        rates: float = 0.0,
        **own: float,
    ):
        weights = {
            "latent": latent,
            "update_input": update_input,
            "update_latent": update_latent,
            "choice_latent": choice_latent,
            "subject": subject,
            "update_subject": update_subject,
            "choice_subject": choice_subject,
            "neural": neural,
            "l2": l2,
            "l1_input": l1_input,
            "l1_recurrent": l1_recurrent,
            "l1_output": l1_output,
            "l2_input": l2_input,
            "l2_recurrent": l2_recurrent,
            "l2_output": l2_output,
            "rates": rates,
        } | dict(sorted(own.items()))
        for name, value in weights.items():
            if hasattr(type(self), name):
                raise ValueError(
                    f"a penalty can't be called {name!r}, which Penalties has a method for; "
                    "choose another name"
                )
            if isinstance(value, str | Mapping | list | tuple):
                raise TypeError(
                    f"penalty {name} is {value!r}, expected a number; weights in a dictionary are "
                    "cl.Penalties(**weights)"
                )
            if isinstance(value, int | float | np.number) and not (np.isfinite(value) and value >= 0):
                raise ValueError(f"penalty {name} is {value}, expected a finite number of at least 0")
        object.__setattr__(self, "_weights", weights)

    @classmethod
    def uniform(cls, groups: tuple[str, ...], weight: float, l2: float = 0.0) -> "Penalties":
        """Give every bottleneck group of a network one weight.

        Arguments:
            groups: Names of the groups (`model.groups`).
            weight: Weight of each.
            l2: Weight of the squared weights.

        Returns:
            The penalties, all others 0.
        """
        return cls(**dict.fromkeys(groups, weight), l2=l2)

    def as_dict(self) -> dict[str, float]:
        """Give the weights by name, those that are 0 included."""
        return dict(self._weights)

    def replace(self, **changes: float) -> "Penalties":
        """Make a copy with some weights changed.

        Arguments:
            changes: New weights by name.

        Returns:
            The copy.
        """
        return Penalties(**(self._weights | changes))

    def as_arrays(self) -> dict[str, jax.Array]:
        """Give the weights by name as single-precision arrays."""
        return {name: jnp.asarray(value, jnp.float32) for name, value in self._weights.items()}

    @property
    def own_names(self) -> tuple[str, ...]:
        """Names of the weights that no network of the package has."""
        return tuple(name for name in self._weights if name not in NAMES)

    def __getitem__(self, name: str) -> float:
        return self._weights[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)

    def __getattr__(self, name: str) -> float:
        if name.startswith("_"):  # also asked of an object that is still being made
            raise AttributeError(name)
        if name not in self._weights:
            raise AttributeError(f"there is no penalty {name!r}; known are {', '.join(self._weights)}")
        return self._weights[name]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"penalties are never changed; make new ones with penalties.replace({name}=...)")

    def __eq__(self, other: object) -> bool:
        return self._weights == other._weights if isinstance(other, Penalties) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._weights.items()))

    def __mul__(self, factor: int | float) -> "Penalties":
        if not isinstance(factor, int | float | np.number):
            return NotImplemented
        return Penalties(**{name: factor * value for name, value in self._weights.items()})

    __rmul__ = __mul__

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self._weights.items() if value != 0)
        return f"Penalties({told})"

    def __reduce__(self):
        return _from_dict, (self._weights,)


def _flattened(penalties: Penalties) -> tuple[tuple[float, ...], tuple[str, ...]]:
    return tuple(penalties.values()), tuple(penalties)


def _unflattened(names: tuple[str, ...], weights: Iterable[Any]) -> Penalties:
    """Penalties of these names and weights, which may be of any type within compiled code."""
    new = object.__new__(Penalties)
    object.__setattr__(new, "_weights", dict(zip(names, weights, strict=True)))
    return new


jax.tree_util.register_pytree_node(Penalties, _flattened, _unflattened)


def _from_dict(weights: dict[str, float]) -> Penalties:
    return Penalties(**weights)


def as_penalties(given: Any) -> Penalties:
    """Make penalties of a dictionary of weights.

    Raises:
        TypeError: It is neither that nor `Penalties`.
    """
    if isinstance(given, Penalties):
        return given
    if not isinstance(given, Mapping):
        raise TypeError(
            f"penalties is {given!r}, expected cl.Penalties(latent=..., ...) or a dictionary "
            "{name: weight}: a weight has the name of what it is on"
        )
    return Penalties(**given)


# Names of the penalties that networks of the package have.
NAMES = tuple(Penalties())


def check_known(penalties: Penalties, known: Callable[[], Iterable[str] | None]) -> None:
    """Refuse weights for what the network lacks where the name is none of the package's; warn of the others.

    The weights of the default recipe are for any network: nothing is said of them. `known` gives the names of
    the penalties that the network has, or None where it does not say; it is asked only where something may be
    wrong.

    Raises:
        ValueError: A name is neither known to the package nor to the network.
    """
    default = DEFAULT_PENALTIES.as_dict()
    doubtful = [name for name, value in penalties.items() if value and value != default.get(name)]
    own = penalties.own_names
    names = known() if doubtful or own else None
    strangers = [name for name in own if name not in (names or ())]
    if strangers:
        raise ValueError(
            f"the network has no penalty {', '.join(map(repr, strangers))}; it has only "
            f"{', '.join(names or ()) or 'none'}{_near(strangers[0], (*NAMES, *(names or ())))}. "
            "A network of your own names its penalties in groups, penalty_terms() and costs()"
        )
    idle = [] if names is None else [name for name in doubtful if name not in names]
    if idle:
        told = ", ".join(f"{name}={penalties[name]:g}" for name in idle)
        warnings.warn(
            f"the penalties {told} have no effect: the network has only {', '.join(names or ()) or 'none'}",
            stacklevel=level_of_caller(),
        )


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f" (did you mean {near[0]}?)" if near else ""


DEFAULT_PENALTIES = Penalties(
    latent=3e-3,
    update_input=1e-3,
    update_latent=1e-3,
    choice_latent=1e-3,
    subject=1e-3,
    update_subject=1e-3,
    choice_subject=1e-3,
    neural=1e-3,
    l2=1e-5,
)
