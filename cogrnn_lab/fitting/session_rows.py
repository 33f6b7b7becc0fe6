"""Sessions packed into rows of equal length, so that short ones cost no padding."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Int32

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.packing import rows_and_positions
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.recorded_trials import recorded_trials

# Lengths of rows that are tried, in lengths of the longest session.
ROW_LENGTHS = (1.0, 1.25, 1.5, 2.0, 3.0)
# A further trial of all rows costs as much as that of so many rows more, for the calls that it takes.
ROWS_OF_A_STEP = 40


class SessionRows(NamedTuple):
    """Choices and rewards along rows of sessions, the trial first and the row last.

    `choice` (-1: none), `reward`; `target` the choice that counts (-1: none does); `begins` where a session
    begins; `available` (trial, arm, row) which arms were on offer, None for all; `group` (row,) to whom the
    row belongs; `stimulus` shown before the choice, None for an agent that is shown none. A row holds
    sessions of one group only. `reward` is an `Outcome` of arrays for an agent that learns from more.
    """

    choice: Int32[np.ndarray, "trial row"]
    reward: Any
    target: Int32[np.ndarray, "trial row"]
    begins: Bool[np.ndarray, "trial row"]
    available: Bool[np.ndarray, "trial arm row"] | None
    group: Int32[np.ndarray, " row"]
    stimulus: Int32[np.ndarray, "trial row"] | None = None


def session_rows(dataset: Dataset, groups: Sequence[Sequence[int]], agent: Agent) -> SessionRows:
    """Pack the sessions of each group (indices of sessions) into rows, for this agent.

    The same whatever the order of the sessions in the data set and within a group.
    """
    lengths = dataset.lengths
    names = [
        (dataset.subject_names[subject], session)
        for subject, session in zip(dataset.subject, dataset.session_names, strict=True)
    ]
    longest_first = [sorted(group, key=lambda s: (-lengths[s], names[s])) for group in groups]
    packings = [_packed(longest_first, lengths, factor) for factor in ROW_LENGTHS]
    n_trials, rows, owner = min(packings, key=lambda packing: packing[0] * (len(packing[1]) + ROWS_OF_A_STEP))

    source = np.full((2, n_trials, len(rows)), -1)  # session and trial that each place of a row holds
    for index, row in enumerate(rows):
        within = lengths[row]
        source[0, : within.sum(), index] = np.repeat(row, within)
        source[1, : within.sum(), index] = np.concatenate([np.arange(n) for n in within])
    filled = source[0] >= 0
    place = tuple(np.where(filled, part, 0) for part in source)
    choice, reward, stimulus = recorded_trials(agent, dataset)
    target = np.where(dataset.mask[..., 0], dataset.targets[..., 0], -1).astype(np.int32)

    def along_rows(values: np.ndarray) -> np.ndarray:
        return np.where(filled, values[place], np.zeros((), values.dtype))

    available = None
    if dataset.action_mask is not None:
        available = np.where(filled[..., None], dataset.action_mask[place], True).swapaxes(1, 2)
    return SessionRows(
        choice=np.where(filled, choice[place], np.int32(-1)),
        reward=jax.tree.map(along_rows, reward),
        target=np.where(filled, target[place], np.int32(-1)),
        begins=filled & (source[1] == 0),
        available=available,
        group=np.array(owner, np.int32),
        stimulus=None if stimulus is None else along_rows(stimulus),
    )


def _packed(
    groups: Sequence[Sequence[int]], lengths: np.ndarray, factor: float
) -> tuple[int, list[list[int]], list[int]]:
    """Length of the rows in trials, the sessions of each row, and its group."""
    capacity = int(np.ceil(factor * max(lengths[session] for group in groups for session in group)))
    rows: list[list[int]] = []
    owner: list[int] = []
    for index, group in enumerate(groups):
        row_of_session, _ = rows_and_positions(lengths[np.asarray(group)], capacity)
        of_group: list[list[int]] = [[] for _ in range(row_of_session.max() + 1)]
        for session, row in zip(group, row_of_session, strict=True):
            of_group[row].append(session)
        rows += of_group
        owner += [index] * len(of_group)
    used = max(int(lengths[row].sum()) for row in rows)
    return used, rows, owner
