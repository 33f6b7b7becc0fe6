"""Choice of what is held out: sessions of each subject, whole subjects, or blocks of trials."""

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Int

from cogrnn_lab.counts import checked_count, is_number

if TYPE_CHECKING:
    from cogrnn_lab.data.dataset import Dataset

SESSIONS, SUBJECTS, BLOCKS = HOLD_OUT = ("sessions", "subjects", "blocks")
BLOCK_TRIALS = 25  # a block has about as many trials that count
OTHER_WAYS = (
    'hold_out="subjects" holds out whole subjects, hold_out="blocks" blocks of trials within each session'
)


def split(
    dataset: "Dataset",
    every: int | float,
    offset: int,
    hold_out: str | None,
    block_trials: int | None,
    seed: int | None,
) -> tuple["Dataset", "Dataset"]:
    """Split a data set; see `Dataset.split`."""
    way = checked_way(hold_out)
    held_out = held_out_trials(
        dataset, every, offset, hold_out=hold_out, block_trials=block_trials, seed=seed
    )
    for part, purpose in ((~held_out, "train on"), (held_out, "hold out")):
        if not (dataset.mask & part[..., None]).any():
            raise ValueError(_nothing(dataset, way, purpose, f"every={every}, offset={offset}"))
    parts = part_of(dataset, ~held_out, way), part_of(dataset, held_out, way)
    note = _one_sided(dataset, held_out) if hold_out is None else ""
    return tuple(part._replace(notes=(*part.notes, note)) if note else part for part in parts)  # pyright: ignore


def held_out_trials(
    dataset: "Dataset",
    every: int | float = 2,
    offset: int = 1,
    *,
    hold_out: str | None = None,
    block_trials: int | None = None,
    seed: int | None = None,
) -> Bool[np.ndarray, "session trial"]:
    """Tell of each trial whether `Dataset.split` holds it out."""
    way = checked_way(hold_out)
    _check_options(way, block_trials, seed)
    share = _share(every)
    if share is not None:
        return _share_of_trials(dataset, share, way, block_trials, seed)
    every, offset = checked_count(every, "every", least=2), checked_count(offset, "offset", least=0)
    if offset >= every:
        raise ValueError(f"offset = {offset}; expected 0 to {every - 1} for every = {every}.")
    return turns(dataset, every, way, block_trials, seed) == offset


def turns(
    dataset: "Dataset", n: int, way: str, block_trials: int | None = None, seed: int | None = None
) -> Int[np.ndarray, "session trial"]:
    """Deal the trials to `n` turns, 0 to n - 1, and return the turn of each trial.

    Sessions take turns within each subject, subjects among each other, and blocks within each session. With
    a `seed` they do so in a random order.
    """
    n = min(n, 2**62)  # more than there are sessions
    rng = None if seed is None else np.random.default_rng(seed)
    if way == BLOCKS:
        block = blocks(dataset, n, block_trials)
        return np.stack([_places(int(own.max()) + 1, rng)[own] % n for own in block])
    turn = np.zeros(dataset.n_sessions, int)
    for group in _groups(dataset, way):
        for place, unit in zip(_places(len(group), rng), group, strict=True):
            turn[unit] = place % n
    return np.broadcast_to(turn[:, None], dataset.valid.shape)


def blocks(dataset: "Dataset", n: int, block_trials: int | None = None) -> Int[np.ndarray, "session trial"]:
    """Number the blocks of each session from 0.

    Blocks are counted in trials with a target that counts, so that missed and instructed ones make none
    smaller. By default a session has a multiple of `n` blocks of equal size, of about 25 trials.
    """
    counted = dataset.mask.any(-1)
    number, total = np.maximum(np.cumsum(counted, 1) - 1, 0), counted.sum(1, keepdims=True)
    if block_trials is not None:
        return number // block_trials
    n_blocks = n * np.maximum(np.rint(total / (n * BLOCK_TRIALS)).astype(int), 1)
    return number * n_blocks // np.maximum(total, n_blocks)


def part_of(dataset: "Dataset", trials: Bool[np.ndarray, "session trial"], way: str) -> "Dataset":
    """Take the part of a data set with these trials: whole sessions, or all sessions with other masks."""
    return counting_only(dataset, trials) if way == BLOCKS else dataset.select(trials[:, 0])


def counting_only(dataset: "Dataset", trials: Bool[np.ndarray, "session trial"]) -> "Dataset":
    """Have only the targets of these trials count; all trials stay, with the choices and rewards made there.

    No target of another trial is in the result, but for the column of choices, by which agents and
    baselines know what came before.
    """
    mask = dataset.mask & trials[..., None]
    columns = dict(dataset.columns)
    if dataset.n_classes is not None:
        made = columns.get("choice")
        if made is None or not np.isfinite(made[dataset.valid]).all():
            columns["choice"] = dataset.choices
    return dataset._replace(
        mask=mask, targets=np.where(mask, dataset.targets, np.float32(0)), columns=columns
    )


def checked_way(hold_out: str | None) -> str:
    """Check the argument `hold_out`; None is "sessions"."""
    if hold_out is None:
        return SESSIONS
    if not isinstance(hold_out, str) or hold_out not in HOLD_OUT:
        slip = f' ("{hold_out}s"?)' if f"{hold_out}s" in HOLD_OUT else ""
        raise ValueError(f'hold_out is {hold_out!r}; expected "sessions", "subjects" or "blocks"{slip}.')
    return hold_out


def way_by(hold_out: str | None, by: str | None) -> str | None:
    """Give the argument `hold_out` that `by`, its singular, stands for."""
    if by is None:
        return hold_out
    if hold_out is not None or f"{by}s" not in HOLD_OUT:
        raise ValueError(
            f'by = {by!r} and hold_out = {hold_out!r}; expected by="session", "subject" or "block" for '
            "hold_out, or hold_out alone."
        )
    return f"{by}s"


def default_way(dataset: "Dataset") -> str:
    """Pick what can be held out of any data: sessions where each subject has two or more, else blocks."""
    return SESSIONS if np.bincount(dataset.subject)[dataset.subjects].min() > 1 else BLOCKS


def apart(train: Any, valid: Any, hold_out: str | None) -> tuple[Any, Any]:
    """Take the training data and the held-out data of `fit` apart, where they are not yet.

    Arguments:
        train: A data set or a task.
        valid: A held-out data set, None, or what `Dataset.split` takes as `every`: a number or a fraction.
        hold_out: What is held out, as in `Dataset.split`.

    Returns:
        Training data, and held-out data or None.

    Raises:
        ValueError: Something is to be held out of a task, or beside data that are held out already.
    """
    if not is_number(valid) and hold_out is None:
        return train, valid
    if valid is not None and not is_number(valid):
        raise ValueError(
            f"got both held-out data and hold_out={hold_out!r}; give all data as train and "
            f"hold_out={hold_out!r}, or train, held_out = dataset.split(hold_out={hold_out!r})"
        )
    if not hasattr(train, "split"):
        raise ValueError(
            f"a {type(train).__name__} makes new trials for every step, of which nothing can be held out"
        )
    return train.split(valid if is_number(valid) else 2, hold_out=hold_out)


def is_of_strangers(train: "Dataset", held_out: "Dataset") -> bool:
    """Whether a held-out subject has no training session, so that nothing can be fitted to each subject."""
    known, asked = ({part.subject_names[i] for i in part.subjects} for part in (train, held_out))
    return not asked <= known


def fitted_by(train: "Dataset", *held_out: "Dataset") -> str:
    """Who has numbers of their own: each "subject", or "all" together where held-out ones are strangers."""
    return "all" if any(is_of_strangers(train, part) for part in held_out) else "subject"


def in_words(dataset: "Dataset", train: "Dataset", held_out: "Dataset") -> str:
    """Say what is trained on and what is held out, in one sentence."""
    if train.n_sessions == held_out.n_sessions == dataset.n_sessions:
        counts = [f"{int(part.mask.any(-1).sum()):,}" for part in (train, held_out)]
        of = "one session" if dataset.n_sessions == 1 else f"{dataset.n_sessions:,} sessions"
        return f"training on blocks of {counts[0]} trials of {of}, {counts[1]} trials held out"
    people = [len(part.subjects) for part in (train, held_out)]
    if not set(train.subjects.tolist()) & set(held_out.subjects.tolist()):
        return (
            f"training on {train.n_sessions:,} sessions of {people[0]:,} subjects, {held_out.n_sessions:,} "
            f"sessions of {people[1]:,} other subjects held out"
        )
    return f"training on {train.n_sessions} sessions, {held_out.n_sessions} held out"


def _check_options(way: str, block_trials: int | None, seed: int | None) -> None:
    if seed is not None:
        checked_count(seed, "seed", least=0)
    if block_trials is None:
        return
    checked_count(block_trials, "block_trials")
    if way != BLOCKS:
        raise ValueError(
            f'block_trials = {block_trials}, but {way} are held out, which have no blocks; hold_out="blocks" '
            "was meant?"
        )


def _groups(dataset: "Dataset", way: str) -> list[list[Any]]:
    """Units that take turns among each other: sessions of each subject, or the sessions of all subjects."""
    of_subject = [np.flatnonzero(dataset.subject == one) for one in dataset.subjects]
    return [of_subject] if way == SUBJECTS else [list(own) for own in of_subject]


def _places(n: int, rng: np.random.Generator | None) -> Int[np.ndarray, " unit"]:
    return np.arange(n) if rng is None else rng.permutation(n)


def _share(every: Any) -> float | None:
    """The share that is to be held out; None where `every` is a whole number."""
    if isinstance(every, bool) or not isinstance(every, (float, np.floating)):
        return None
    if not 0 < every < 1:
        return None
    if every > 0.5:
        raise ValueError(
            f"split({every:g}) would hold out {every:.0%} and train on {1 - every:.0%}; expected 0.5 or "
            f"less. To train on {every:.0%} of the data, write split({1 - every:.3g})."
        )
    return float(every)


def _share_of_trials(
    dataset: "Dataset", share: float, way: str, block_trials: int | None, seed: int | None
) -> Bool[np.ndarray, "session trial"]:
    rng = None if seed is None else np.random.default_rng(seed)
    if way == BLOCKS:
        counted = np.asarray(dataset.mask.any(-1))
        return np.stack([_share_of_session(own, share, block_trials or BLOCK_TRIALS, rng) for own in counted])
    held_out = np.zeros(dataset.n_sessions, bool)
    for group in _groups(dataset, way):
        n = len(group)
        n_held_out = min(max(round(share * n), 1), n - 1)
        # the last of each of as many stretches, or any
        last = (np.arange(1, n_held_out + 1) * n) // max(n_held_out, 1) - 1
        for place in last if rng is None else rng.permutation(n)[:n_held_out]:
            held_out[group[place]] = True
    return np.broadcast_to(held_out[:, None], dataset.valid.shape)


def _share_of_session(
    counted: Bool[np.ndarray, " trial"], share: float, block_trials: int, rng: np.random.Generator | None
) -> Bool[np.ndarray, " trial"]:
    """Hold out blocks of about so many trials, one in each of as many stretches of equal length."""
    number, total = np.maximum(np.cumsum(counted) - 1, 0), int(counted.sum())
    n_blocks = max(1, round(share * total / block_trials))
    ends = np.rint(np.linspace(0, total, n_blocks + 1)).astype(int)
    shares = np.diff(np.rint(share * ends).astype(int))  # they sum to the share of the session
    held_out = np.zeros(len(counted), bool)
    for start, end, length in zip(ends, ends[1:], shares, strict=False):
        first = end - length if rng is None else rng.integers(start, end - length + 1)
        held_out |= (number >= first) & (number < first + length)
    return held_out


def _nothing(dataset: "Dataset", way: str, purpose: str, arguments: str) -> str:
    """Why nothing would be left to train on or to hold out, and what to do."""
    n_subjects, start = len(dataset.subjects), f"split({arguments}) leaves nothing to {purpose}: "
    people = "is 1 subject" if n_subjects == 1 else f"are {n_subjects} subjects"
    if way == SUBJECTS:
        return (
            f'{start}there {people}, and hold_out="subjects" holds out whole ones; '
            'hold_out="blocks" holds out blocks of trials within each session.'
        )
    if way == BLOCKS:
        most = int(dataset.mask.any(-1).sum(1).max())
        return (
            f"{start}the sessions have at most {most} trials that count. Set block_trials, or hold out more."
        )
    return (
        f"{start}the {n_subjects} subjects have at most {np.bincount(dataset.subject).max()} sessions each. "
        f"Of people with one session each, {OTHER_WAYS}. Or was a session column left out when the table "
        "was read?"
    )


def _one_sided(dataset: "Dataset", held_out: Bool[np.ndarray, "session trial"]) -> str:
    """Which subjects are only trained on or only held out; "" where there are none."""
    said = []
    for part, what in ((held_out, "not held out"), (~held_out, "not trained on")):
        present = np.unique(dataset.subject[part[:, 0]])
        absent = np.setdiff1d(dataset.subject[~part[:, 0]], present)
        if absent.size:
            names = ", ".join(dataset.subject_names[i] for i in absent[:5])
            names += f" and {absent.size - 5} more" if absent.size > 5 else ""
            said.append(f"{what}: subject {names}")
    return f"with too few sessions: {'; '.join(said)}. For all of them, {OTHER_WAYS}" if said else ""
