"""Latents and subjects as users name them: latents count from 1 by name and from 0 by index."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cogrnn_lab.analysis.reading.bottlenecks import bottlenecks, latent_labels
from cogrnn_lab.analysis.reading.contributions import LEAST_BITS, bits_of
from cogrnn_lab.argument_kinds import WrongKind
from cogrnn_lab.argument_shapes import is_numbers
from cogrnn_lab.argument_words import sentence, told
from cogrnn_lab.counts import is_whole

# States that tell whether a latent counts: more take time and tell the same.
MOST_STATES = 4000


def latent_place(latent: Any, n_latents: int) -> int:
    """Give the index of a latent by index from 0 or by name, counted from 1.

    Raises:
        ValueError: There is no such latent.
    """
    if isinstance(latent, str):
        if latent not in latent_labels(n_latents):
            raise ValueError(f"there is no {latent!r}; the latents are latent 1 to latent {n_latents}")
        return latent_labels(n_latents).index(latent)
    if not is_whole(latent) or not 0 <= latent < n_latents:
        raise ValueError(
            f"there is no latent {told(latent)}: the network has {n_latents}, counted from 0, or by name "
            "from 'latent 1'"
        )
    return int(latent)


def as_subject(model: Any, subject: Any) -> Any:
    """Give a subject as compiled code takes it; a name is looked up in the network.

    Raises:
        ValueError: The network knows no such subject, or no subjects at all.
    """
    if subject is None:
        return None
    known: Any = getattr(model, "subjects", None)
    if isinstance(subject, str) and known is None:
        raise ValueError(
            f"a {type(model).__name__} knows no subjects, but subject = {subject!r} was given; leave it out, "
            "or train a cl.MultisubjectDisRNN"
        )
    if not isinstance(subject, str) and not (is_numbers(subject) and np.size(subject)):
        raise WrongKind(sentence("subject", subject, str | int | np.ndarray))
    return np.asarray(known.index(subject) if isinstance(subject, str) else subject)


def check_along(along: Any, dataset: Any) -> None:
    """Refuse latents along data where the data are not given, as they would have no effect."""
    if along is not None and (dataset is None or not hasattr(along, "states")):
        raise ValueError(
            f"along is {told(along)} and dataset {told(dataset)}; expected cl.latents(model, dataset) of the "
            "data that are given, or neither."
        )


def shown_latents(model: Any, states: np.ndarray | None, threshold: float) -> Sequence[int]:
    """Latents that are shown where none are asked for, in the order of the network.

    Those that tell something along the data (trial, latent); without data those whose bottleneck is open; the
    most open one where there is none.
    """
    read = bottlenecks(model)
    is_open = read.latent_openness > threshold
    counted = is_open if states is None else bits_of(model, some_of(states)) > LEAST_BITS
    return [int(i) for i in np.flatnonzero(counted)] or [int(read.latent_order[0])]


def some_of(states: np.ndarray) -> np.ndarray:
    """At most about 4000 states (trial, latent), evenly taken."""
    return states[:: max(1, len(states) // MOST_STATES)]
