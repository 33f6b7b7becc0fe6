"""Sessions dealt into those trained on, those chosen by and those reported; blocks where sessions are few."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.splits import counting_only
from cogrnn_lab.discovery.judge import CHOOSE, REPORT, TRAIN, check_apart
from cogrnn_lab.discovery.units import BLOCK_TRIALS, FEW_SESSIONS, SHORTEST_BLOCK

# Turns of the parts: three fifths are trained on.
TURNS = (TRAIN, TRAIN, CHOOSE, TRAIN, REPORT)
TURNS_WITHOUT_REPORT = (TRAIN, TRAIN, CHOOSE, TRAIN)


@dataclass(frozen=True)
class Parts:
    """The three kinds of sessions, and `text`, how they were dealt."""

    train: Dataset
    choose: Dataset
    report: Dataset | None
    text: str

    @property
    def named(self) -> dict[str, Dataset]:
        """By name, those that there are."""
        found = {TRAIN: self.train, CHOOSE: self.choose, REPORT: self.report}
        return {name: part for name, part in found.items() if part is not None}


def with_choosing(train: Dataset, choose: Dataset) -> Parts:
    """Sessions that were dealt by somebody else, none of which is reported."""
    parts = {TRAIN: train, CHOOSE: choose}
    check_apart(parts)
    return Parts(train, choose, None, "")


def deal(
    dataset: Dataset,
    report: Dataset | None = None,
    *,
    reported: bool = True,
    every_subject: bool = False,
) -> Parts:
    """Deal sessions in turn: three are trained on, one is chosen by, one is reported.

    Where there are fewer than 10 sessions, blocks of trials within each session take turns instead: all
    trials are inputs in each part, but only the choices of its own blocks count. Where every subject has one
    session, the turns are of whole subjects.

    Arguments: `report`, sessions to be reported, where they are set apart already; `reported`, False where
    none are, as in a fold that is scored elsewhere; `every_subject`: each
    subject must be trained on, as for a network that knows subjects (else blocks).

    Raises `ValueError` where a part would have no choice.
    """
    turns = TURNS if report is None and reported else TURNS_WITHOUT_REPORT
    order = np.argsort(dataset.subject, kind="stable")
    counted = np.asarray(np.asarray(dataset.mask)[..., 0].any(1))
    sessions = [int(s) for s in order if counted[s]]
    of_subject = np.bincount(np.asarray(dataset.subject)[sessions])
    too_few = every_subject and of_subject[of_subject > 0].min() < len(turns)
    if len(sessions) < FEW_SESSIONS or too_few:
        parts, text = _blocks(dataset, sessions, turns)
    else:
        part_of = {s: turns[i % len(turns)] for i, s in enumerate(sessions)}
        parts = {
            name: dataset.select(np.array([s for s in sorted(part_of) if part_of[s] == name]))
            for name in dict.fromkeys(turns)
        }
        what = "sessions" if of_subject.max() > 1 else "subjects (of one session each)"
        text = " and ".join(f"{part.n_sessions} {_PURPOSE[name]}" for name, part in parts.items())
        text = f"Of {len(sessions)} {what}, {text}"
    if report is not None:
        parts[REPORT] = report
        text += f"; {report.n_sessions} others are reported"
    check_apart(parts)
    return Parts(parts[TRAIN], parts[CHOOSE], parts.get(REPORT), text + ".")


_PURPOSE = {TRAIN: "are trained on", CHOOSE: "are chosen by", REPORT: "are reported"}


def _blocks(dataset: Dataset, sessions: list[int], turns: tuple[str, ...]) -> tuple[dict[str, Dataset], str]:
    """The same sessions in each part, with the choices of its own blocks counted."""
    mask = np.asarray(dataset.mask)
    part = np.full(mask.shape[:2], "", dtype=object)
    lengths = set()
    for place, session in enumerate(sessions):
        trials = np.flatnonzero(mask[session, :, 0])
        length = max(SHORTEST_BLOCK, min(BLOCK_TRIALS, len(trials) // len(turns)))
        lengths.add(length)
        turn = np.arange(len(trials)) // length + place
        part[session, trials] = np.array(turns, dtype=object)[turn % len(turns)]
    parts = {}
    for name in dict.fromkeys(turns):
        own = part == name
        if not (mask & own[..., None]).any():
            raise ValueError(
                f"{len(sessions)} sessions of {int(mask[..., 0].sum())} choices leave none that "
                f"{_PURPOSE[name]}: "
                f"blocks have at least {SHORTEST_BLOCK} choices, and {len(turns)} of them are needed"
            )
        parts[name] = counting_only(dataset, own)
    shortest, longest = min(lengths), max(lengths)
    size = f"{shortest}" if shortest == longest else f"{shortest} to {longest}"
    counts = " and ".join(f"{int(parts[name].mask[..., 0].sum())} choices {_PURPOSE[name]}" for name in parts)
    n = len(sessions)
    return parts, f"Blocks of {size} choices within {'one session' if n == 1 else f'{n} sessions'}: {counts}"
