"""Latents and channels of a network by the names that people read."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cogrnn_lab.analysis.reading.bottlenecks import Bottlenecks, bottlenecks, latent_labels

# Where the factors of each group of bottlenecks are; that of the latents has none.
FACTORS = {
    "update_input": "core.update_input.multiplier",
    "update_latent": "core.update_latent.multiplier",
    "choice_latent": "core.choice_latent.multiplier",
    "update_subject": "subjects.update_subject.multiplier",
    "choice_subject": "subjects.choice_subject.multiplier",
    "neural": "neural.bottleneck.multiplier",
}
LATENT = "latent"
ARROWS = ("->", "→")


def unit_of(name: Any, n_units: int, argument: str) -> int:
    """Index of a unit from 0, of its index or its name, such as "latent 2", which is 1.

    Raises:
        ValueError: There is no such unit.
    """
    if isinstance(name, str):
        names = latent_labels(n_units)
        if name not in names:
            raise ValueError(f"{argument} names {name!r}, expected {names[0]!r} to {names[-1]!r}")
        return names.index(name)
    whole = isinstance(name, int | np.integer) and not isinstance(name, bool)
    if not whole or not 0 <= name < n_units:
        raise ValueError(
            f"{argument} has {name!r}, expected indices of units from 0 to {n_units - 1}, or names from "
            '"latent 1" on'
        )
    return int(name)


def channel_factors(
    model: Any, channels: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], np.ndarray, dict[str, float]]:
    """Factors of each group at its path, those of the latents (latent,), and how open each named part is.

    A name is that of a channel, "previous reward -> latent 1" or "latent 1 -> choice"; of a latent, whose own
    bottleneck is meant, "latent 2"; of a source, "previous reward", of which all channels are; or of a group,
    "choice_latent".

    Raises:
        ValueError: The network has no bottlenecks, or none of this name, or a factor is no finite number.
    """
    found = bottlenecks(model)
    if not found.groups:
        raise ValueError(
            f"channels names {', '.join(map(repr, channels))}, but a {type(model).__name__} has no "
            "bottlenecks; lesion or clamp its units, or scale its weights"
        )
    factors = {name: np.ones(group.openness.shape, np.float32) for name, group in found.groups.items()}
    openness = {}
    for name, factor in channels.items():
        number = np.asarray(factor, np.float32)
        if number.shape != () or not np.isfinite(number):
            raise ValueError(f"channels[{name!r}] is {factor!r}, expected one number: 0 closes the channel")
        places = _places(found, name)
        for group, at in places:
            if group != LATENT and group not in FACTORS:
                raise ValueError(f"channels names {name!r}, of the group {group!r}, which has no factor")
            factors[group][at] *= number
        openness[name] = max(float(found.groups[group].openness[at].max()) for group, at in places)
    own = factors.pop(LATENT)[:, 0]
    changed = {name: array for name, array in factors.items() if (array != 1).any()}
    shaped = {
        FACTORS[name]: array.reshape(np.asarray(model.bottlenecks[name].spread).shape)
        for name, array in changed.items()
    }
    return shaped, own, openness


def _places(found: Bottlenecks, name: str) -> list[tuple[str, Any]]:
    """(group, index) of the channels of this name."""
    if name in found.groups and name != LATENT:
        return [(name, (slice(None), slice(None)))]
    if name in found.latent_names:
        return [
            (LATENT, (slice(found.latent_names.index(name), found.latent_names.index(name) + 1), slice(0, 1)))
        ]
    parts = next((name.split(arrow) for arrow in ARROWS if arrow in name), [name])
    source, reader = parts[0].strip(), parts[1].strip() if len(parts) == 2 else None
    places = []
    for group_name, group in found.groups.items():
        if group_name == LATENT or source not in group.from_names:
            continue
        row = group.from_names.index(source)
        columns = [
            k for k, to in enumerate(group.to_names) if reader is None or to in (reader, f"{reader} network")
        ]
        places += [(group_name, (slice(row, row + 1), columns))] if columns else []
    if not places:
        sources = dict.fromkeys(own for group in found.groups.values() for own in group.from_names)
        readers = dict.fromkeys(own for group in found.groups.values() for own in group.to_names)
        raise ValueError(
            f'channels names {name!r}; expected a latent, as "latent 1", or a source and its reader, as '
            f'"latent 1 -> choice". Sources are {", ".join(sources)}; readers are {", ".join(readers)}'
        )
    return places
