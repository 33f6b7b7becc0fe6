"""What likelihoods are paired by: sessions, or where they are few, blocks of trials within them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.analysis import Latents
from cogrnn_lab.analysis.scoring.bootstrap import Resamples, interval, resampled_sums
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.groups import group_keys, group_name
from cogrnn_lab.data.splits import counting_only
from cogrnn_lab.schemas import FileError, ListOf, Maybe, Record, Text, Whole

# With fewer sessions than this, about as many blocks of trials are paired instead, of a size within limits.
FEW_SESSIONS = 10
SHORTEST_BLOCK, BLOCK_TRIALS = 10, 50
N_RESAMPLES = 1000
UNITS = Record(
    {
        "n_choices": ListOf(Whole()),
        "subject": ListOf(Whole()),
        "sessions": ListOf(Text()),
        "block": Maybe(Whole(1)),
    }
)


@dataclass(frozen=True)
class Units:
    """Sessions, or blocks of trials, whose likelihoods under two networks are compared one by one.

    `n_choices` (unit,) that count; `subject` (unit,) counted from 0, ascending; `sessions` (unit,) name of
    each one's session; `block` trials of a block, None where units are sessions.
    """

    n_choices: np.ndarray
    subject: np.ndarray
    sessions: tuple[str, ...]
    block: int | None = None

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.n_choices)

    @property
    def name(self) -> str:
        """Name of the units, in words."""
        n_sessions = len(set(self.sessions))
        if self.block is None:
            return f"{n_sessions} session{'s' if n_sessions != 1 else ''}"
        of = f"{n_sessions} sessions" if n_sessions != 1 else "one session"
        return f"{self.n} blocks of {self.block} choices of {of}"

    @property
    def resampled_by(self) -> str:
        """Name of what the bootstrap draws anew, in words."""
        what = "sessions" if self.block is None else "blocks"
        return f"{what} within subjects" if self.varies_within else f"subjects and {what} within them"

    @property
    def varies_within(self) -> bool:
        """Whether every subject has several units, so that they can be drawn anew within subjects."""
        return bool(np.bincount(self.subject).min() > 1)

    def means(self, nll: np.ndarray) -> Any:
        """Nats per choice (..., ) of summed nll (..., unit)."""
        return nll.sum(-1) / self.n_choices.sum()

    def resampled_means(self, nll: np.ndarray, seed: int = 0) -> np.ndarray:
        """(resample,) nats per choice of summed `nll` (unit,), or of paired differences of it.

        Units are drawn anew within their subjects. Where a subject has only one, which could not vary, the
        subjects are drawn anew as well.
        """
        draws = Resamples.draw(self.subject, N_RESAMPLES, seed)
        sums = [resampled_sums(values, self.subject, draws) for values in (nll, self.n_choices.astype(float))]
        drawn, counted = [own.sum(1) if self.varies_within else overall for own, overall in sums]
        return drawn / counted

    def likelihood_interval(self, nll: np.ndarray, level: float = 0.95) -> tuple[float, float]:
        """Bootstrap interval of the normalized likelihood of summed `nll` (unit,)."""
        low, high = interval(np.exp(-self.resampled_means(nll)), level)
        return float(low), float(high)

    def to_header(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "n_choices": self.n_choices.tolist(),
            "subject": self.subject.tolist(),
            "sessions": list(self.sessions),
            "block": self.block,
        }

    @classmethod
    def from_header(cls, header: dict[str, Any]) -> "Units":
        """Make units from what `to_header` made; `FileError` where a file has something else."""
        UNITS.check(header, "units")
        if len({len(header[name]) for name in ("n_choices", "subject", "sessions")}) > 1:
            raise FileError("its units have choices, subjects and sessions of different number")
        numbers = sorted(set(header["subject"]))
        if numbers != list(range(len(numbers))):
            raise FileError("its units count subjects otherwise than from 0 on")
        return cls(
            np.array(header["n_choices"], int),
            np.array(header["subject"], int),
            tuple(header["sessions"]),
            header["block"],
        )


class Pairing:
    """Deals the choices of a data set to units: `units`, and the sum of each over trials.

    `each` is a data set with a session for each unit, in which the choices of that unit alone count: whatever
    scores sessions scores units on it.
    """

    def __init__(self, dataset: Dataset):
        counted = np.asarray(dataset.mask)[..., 0]
        is_few = counted.any(1).sum() < FEW_SESSIONS
        session, trial = np.nonzero(counted)
        number = np.searchsorted(dataset.subjects, dataset.subject)[session]
        # Blocks of counted choices, so that those of a masked data set are full, too.
        place = np.concatenate([np.arange(n) for n in counted.sum(1)]) if len(session) else trial
        length = min(BLOCK_TRIALS, max(SHORTEST_BLOCK, len(session) // FEW_SESSIONS))
        block = place // length if is_few else np.zeros_like(place)
        block = np.minimum(block, np.maximum(counted.sum(1)[session] // length - 1, 0))
        keys, self._unit = np.unique(np.stack([number, session, block]), axis=1, return_inverse=True)
        self._at = session, trial
        names = tuple(group_name(key) for key in group_keys(dataset, "session"))
        self.units = Units(
            n_choices=np.bincount(self._unit),
            subject=np.unique(keys[0], return_inverse=True)[1],
            sessions=tuple(names[s] for s in keys[1]),
            block=length if is_few else None,
        )
        mask = np.zeros((self.units.n, dataset.n_trials), bool)
        mask[self._unit, trial] = True
        self.each = counting_only(dataset.select(keys[1]), mask)
        self._targets = np.asarray(dataset.targets)[..., 0][self._at].astype(int)
        offered = dataset.action_mask
        self._available = None if offered is None else np.asarray(offered)[self._at]

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(unit,) sums of `values` (session, trial) over the choices of each unit."""
        return np.bincount(self._unit, np.asarray(values, float)[self._at], self.units.n)

    def nll(self, along: Latents) -> np.ndarray:
        """(unit,) negative log-likelihood summed over the choices of each unit, without noise."""
        logits = np.asarray(along.outputs, np.float64)[self._at][:, : along.n_classes]
        return self.nll_of(logits)

    def nll_of(self, logits: np.ndarray) -> np.ndarray:
        """(unit,) summed nll from logits (counted choice, alternative) in the order of the data set."""
        if self._available is not None:
            logits = np.where(self._available, logits, -np.inf)
        top = logits.max(1)
        log_sum = top + np.log(np.exp(logits - top[:, None]).sum(1))
        chosen = np.take_along_axis(logits, self._targets[:, None], 1)[:, 0]
        return np.bincount(self._unit, log_sum - chosen, self.units.n)
