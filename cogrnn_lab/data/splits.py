"""Choice of the held-out sessions."""

import numpy as np
from jaxtyping import Bool, Int

from cogrnn_lab.counts import checked_count


def every_nth_session(
    subject: Int[np.ndarray, " session"], every: int = 2, offset: int = 1
) -> Bool[np.ndarray, " session"]:
    """True for the sessions number `offset`, `offset + every`, ... (from 0) of each subject."""
    every, offset = checked_count(every, "every", least=2), checked_count(offset, "offset", least=0)
    if offset >= every:
        raise ValueError(f"offset = {offset}; expected 0 to {every - 1} for every = {every}.")
    held_out = np.zeros(len(subject), bool)
    for one in np.unique(subject):
        held_out[np.flatnonzero(subject == one)[offset::every]] = True
    return held_out
