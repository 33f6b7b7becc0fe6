"""Two axes through the states of a network: latents of its own, or principal components."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.reading.arguments import latent_place, some_of
from cogrnn_lab.analysis.reading.bottlenecks import latent_labels
from cogrnn_lab.analysis.reading.contributions import bits_of
from cogrnn_lab.argument_kinds import as_numbers

COMPONENTS = "components"


@dataclass(frozen=True)
class StateAxes:
    """A plane in the space of states.

    Fields:
        names: Names of the two axes, as "latent 2" or "component 1".
        origin: (latent,) the state at (0, 0).
        directions: (axis, latent), orthonormal.
    """

    names: tuple[str, str]
    origin: Float[np.ndarray, " latent"]
    directions: Float[np.ndarray, "axis latent"]

    def project(self, states: Any) -> np.ndarray:
        """Project states on the axes.

        Arguments:
            states: (..., latent).

        Returns:
            Coordinates (..., axis).
        """
        return (np.asarray(states, float) - self.origin) @ self.directions.T

    def lift(self, points: Any) -> np.ndarray:
        """Find the states in the plane.

        Arguments:
            points: Coordinates (..., axis).

        Returns:
            States (..., latent).
        """
        return self.origin + np.asarray(points, float) @ self.directions


def state_axes(
    model: Any,
    states: Float[np.ndarray, "trial latent"],
    axes: Sequence[int | str] | str | None,
    background: Any = None,
) -> StateAxes:
    """Find the axes that are meant.

    Arguments:
        model: The network.
        states: (trial, latent) that it visits.
        axes: Two latents, by index from 0 or by name ("latent 2", counted from 1); two of "component 1",
            "component 2" and so on, or "components" for the first two; None: the two latents that tell most,
            or components of a network without bottlenecks that has more than two.
        background: (latent,) where the other latents are held; None: their mean.

    Raises:
        ValueError: They are not two different axes of this network.
    """
    n = states.shape[1]
    if n < 2:
        raise ValueError(
            "the network has one latent, and a plane needs two; cl.update_rules draws its change against "
            "its value"
        )
    if axes is None:
        axes = _most_telling(model, states)
    asked: Any = _two_components(axes) if isinstance(axes, str) else axes
    places = [_place(axis, n) for axis in asked]
    if len(places) != 2 or places[0] == places[1]:
        raise ValueError(
            f"axes are {list(asked)!r}, expected two different ones, as ('latent 1', 'latent 2')"
        )
    if {kind for kind, _ in places} == {"latent"}:
        return _of_latents(tuple(place for _, place in places), states, background)
    if {kind for kind, _ in places} == {"component"}:
        return _of_components(tuple(place for _, place in places), states, background)
    raise ValueError(f"axes are {list(asked)!r}; expected two latents or two components, not one of each")


def _two_components(axes: str) -> tuple[str, str]:
    if axes not in (COMPONENTS, "principal components"):
        raise ValueError(
            f"axes is {axes!r}; expected 'components', or two names, as ('latent 1', 'latent 2')"
        )
    return "component 1", "component 2"


def _place(axis: Any, n_latents: int) -> tuple[str, int]:
    if isinstance(axis, str) and axis.startswith("component "):
        number = axis.removeprefix("component ")
        if not number.isdigit() or not 1 <= int(number) <= n_latents:
            raise ValueError(f"there is no {axis!r}; components go from 1 to {n_latents}")
        return "component", int(number) - 1
    return "latent", latent_place(axis, n_latents)


def _most_telling(model: Any, states: np.ndarray) -> Any:
    if not model.groups:
        return (0, 1) if states.shape[1] == 2 else COMPONENTS
    first, second = np.argsort(-bits_of(model, some_of(states)), kind="stable")[:2]
    return sorted((int(first), int(second)))


def _of_latents(pair: Any, states: np.ndarray, background: Any) -> StateAxes:
    origin = states.mean(0) if background is None else as_numbers(background, "background").copy()
    if origin.shape != states.shape[1:]:
        raise ValueError(
            f"background has shape {origin.shape}, expected ({states.shape[1]},): one value a latent"
        )
    origin[list(pair)] = 0.0
    names = latent_labels(states.shape[1])
    return StateAxes((names[pair[0]], names[pair[1]]), origin, np.eye(states.shape[1])[list(pair)])


def _of_components(pair: Any, states: np.ndarray, background: Any) -> StateAxes:
    if background is not None:
        raise ValueError(
            "background holds latents that are not drawn, but in a plane of components all latents move; "
            "leave it out, or give two latents as axes"
        )
    center = states.mean(0)
    vectors = np.linalg.svd(states - center, full_matrices=False)[2]
    if max(pair) >= len(vectors):
        raise ValueError(f"there is no component {max(pair) + 1}: too few trials")
    directions = vectors[list(pair)]
    largest = np.abs(directions).argmax(1)
    directions = directions * np.sign(directions[np.arange(2), largest])[:, None]
    return StateAxes((f"component {pair[0] + 1}", f"component {pair[1] + 1}"), center, directions)
