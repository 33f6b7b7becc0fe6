"""Which sessions are held out."""

import numpy as np
from jaxtyping import Bool, Int


def every_nth_session(
    subject: Int[np.ndarray, " session"], every: int = 2, offset: int = 1
) -> Bool[np.ndarray, " session"]:
    """True for the sessions number `offset`, `offset + every`, ... (from 0) of each subject."""
    if every < 2:
        raise ValueError(
            f"every = {every}; expected 2 or more, as every {every}-th session is every session."
        )
    if not 0 <= offset < every:
        raise ValueError(f"offset = {offset}; expected 0 to {every - 1} for every = {every}.")
    held_out = np.zeros(len(subject), bool)
    for one in np.unique(subject):
        held_out[np.flatnonzero(subject == one)[offset::every]] = True
    return held_out
