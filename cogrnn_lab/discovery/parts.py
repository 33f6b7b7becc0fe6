"""Sessions dealt into those trained on, those chosen by and those reported; blocks where sessions are few."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.splits import BLOCKS, SESSIONS, SUBJECTS, checked_way, counting_only
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
    hold_out: str | None = None,
) -> Parts:
    """Deal sessions in turn: three are trained on, one is chosen by, one is reported.

    Where there are fewer than 10 sessions, blocks of trials within each session take turns instead: all
    trials are inputs in each part, but only the choices of its own blocks count. Where every subject has one
    session, the turns are of whole subjects.

    Arguments: `report`, sessions to be reported, where they are set apart already; `reported`, False where
    none are, as in a fold that is scored elsewhere; `every_subject`: each subject must be trained on, as for
    a network that knows subjects (else blocks); `hold_out`, what takes turns whatever there is: "sessions",
    "subjects" or "blocks".

    Raises `ValueError` where a part would have no choice, or a network is to know subjects of which whole
    ones are not trained on.
    """
    turns = TURNS if report is None and reported else TURNS_WITHOUT_REPORT
    order = np.argsort(dataset.subject, kind="stable")
    counted = np.asarray(np.asarray(dataset.mask)[..., 0].any(1))
    sessions = [int(s) for s in order if counted[s]]
    if _way(dataset, sessions, turns, hold_out, every_subject=every_subject) == BLOCKS:
        parts, text = _blocks(dataset, sessions, turns)
    else:
        parts, text = _whole(dataset, sessions, turns, hold_out)
    if report is not None:
        parts[REPORT] = report
        n = report.n_sessions
        text += f"; {n} other{'s are' if n != 1 else ' session is'} reported"
    check_apart(parts)
    return Parts(parts[TRAIN], parts[CHOOSE], parts.get(REPORT), text + ".")


def _way(
    dataset: Dataset,
    sessions: list[int],
    turns: tuple[str, ...],
    hold_out: str | None,
    *,
    every_subject: bool,
) -> str:
    """What takes turns: what was asked for, else sessions, or blocks where these are too few."""
    of_subject = np.bincount(np.asarray(dataset.subject)[sessions])
    too_few = every_subject and of_subject[of_subject > 0].min() < len(turns)
    if hold_out is None:
        return BLOCKS if len(sessions) < FEW_SESSIONS or too_few else SESSIONS
    way = checked_way(hold_out)
    if every_subject and (way == SUBJECTS or (way == SESSIONS and too_few)):
        raise ValueError(
            f'the network knows its subjects, and with hold_out="{way}" some would not be trained on; '
            'hold_out="blocks" trains on some trials of each, or take a network that knows no subjects'
        )
    return way


def _whole(
    dataset: Dataset, sessions: list[int], turns: tuple[str, ...], hold_out: str | None
) -> tuple[dict[str, Dataset], str]:
    """Whole sessions, or all sessions of a subject, in turn; in words as well."""
    subject = np.asarray(dataset.subject)
    of_subject = np.bincount(subject[sessions])
    if hold_out == SUBJECTS:
        groups = [[s for s in sessions if subject[s] == one] for one in np.flatnonzero(of_subject)]
        what = "subjects"
    else:
        groups = [[s] for s in sessions]
        what = "sessions" if of_subject.max() > 1 else "subjects (of one session each)"
    dealt: dict[str, list[list[int]]] = {name: [] for name in dict.fromkeys(turns)}
    for place, group in enumerate(groups):
        dealt[turns[place % len(turns)]].append(group)
    empty = [name for name, own in dealt.items() if not own]
    if empty:
        kind = what.split()[0]
        there = f"are {len(groups)} {kind}" if len(groups) != 1 else f"is 1 {kind.removesuffix('s')}"
        raise ValueError(
            f"there {there}, of which none {_PURPOSE_OF_ONE[empty[0]]}; "
            f'{len(turns)} are needed. hold_out="blocks" deals blocks of trials within each session'
        )
    parts = {name: dataset.select(np.sort(np.concatenate(own))) for name, own in dealt.items()}
    text = " and ".join(f"{len(own)} {_PURPOSE[name]}" for name, own in dealt.items())
    return parts, f"Of {len(groups)} {what}, {text}"


_PURPOSE = {TRAIN: "are trained on", CHOOSE: "are chosen by", REPORT: "are reported"}
_PURPOSE_OF_ONE = {name: text.replace("are", "is", 1) for name, text in _PURPOSE.items()}


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
