"""A data set in words: what was chosen how often, what was missed, who did it, and what was paid."""

from typing import TYPE_CHECKING

import numpy as np

from cogrnn_lab.data.reading.labels import in_words

if TYPE_CHECKING:
    from cogrnn_lab.data.dataset import Dataset

NAMES_SHOWN = 8


def summary(dataset: "Dataset") -> str:
    """Lines about a data set; see `Dataset.summary`."""
    lines = [_people(dataset)]
    if dataset.n_classes is not None:
        lines.append(_choices(dataset))
        if "reward" in dataset.columns and "choice" in dataset.columns:
            lines.append(_rewards(dataset))
    lines.append(f"inputs: {', '.join(dataset.input_names)}")
    if dataset.n_stimuli > 1:
        names = dataset.stimulus_names
        some = "; ".join(names[:NAMES_SHOWN]) + (" ..." if len(names) > NAMES_SHOWN else "")
        lines.append(f"stimuli shown before the choice: {dataset.n_stimuli} ({some})")
    lines += [f"note: {note}" for note in dataset.notes]
    return "\n".join(lines)


def _people(dataset: "Dataset") -> str:
    names = [dataset.subject_names[k] for k in dataset.subjects]
    n, lengths = len(names), dataset.lengths
    some = ", ".join(names[:NAMES_SHOWN]) + (" ..." if n > NAMES_SHOWN else "")
    low, high = int(lengths.min()), int(lengths.max())
    unit = "time bins" if _is_binned(dataset) else "trials"
    length = f"{low:,} {unit} each" if low == high else f"{low:,} to {high:,} {unit}"
    return f"{in_words(n, 'subject')} ({some}), {in_words(dataset.n_sessions, 'session')} of {length}"


def _is_binned(dataset: "Dataset") -> bool:
    """Tell whether every session is one trial in time bins, with at most one choice."""
    return dataset.time_step is not None and bool((dataset.mask.any(2).sum(1) <= 1).all())


def _choices(dataset: "Dataset") -> str:
    counted = dataset.mask[..., 0]
    counts = np.bincount(dataset.targets[..., 0][counted].astype(int), minlength=dataset.n_classes or 0)
    names = dataset.class_names or tuple(map(str, range(len(counts))))
    parts = [", ".join(f"{name} × {n:,}" for name, n in zip(names, counts.tolist(), strict=True))]
    made = dataset.columns.get("choice")
    missed = dataset.valid & ~counted
    if made is not None:
        known = np.nan_to_num(np.asarray(made, float), nan=-1) >= 0
        uncounted = int((missed & known).sum())
        missed &= ~known
        if uncounted:
            parts.append(f"{in_words(uncounted, 'choice')} made that do not count")
    n_missed = int((~counted.any(1)).sum() if _is_binned(dataset) else missed.sum())
    parts.append(in_words(n_missed, "missed trial"))
    return f"choices: {'; '.join(parts)}"


def _rewards(dataset: "Dataset") -> str:
    made = dataset.valid & (np.nan_to_num(np.asarray(dataset.columns["choice"], float), nan=-1) >= 0)
    paid = np.asarray(dataset.columns["reward"], float)[made]
    paid = paid[np.isfinite(paid)]
    if paid.size == 0:
        return "rewards: none"
    share = float(dataset.outcomes.is_win(paid).mean())
    how_many = {0.0: "no choice", 1.0: "every choice"}.get(share, f"{share:.0%} of the choices")
    wins, *scale = str(dataset.outcomes).split("; ")
    return "; ".join([f"rewards: {paid.min():g} to {paid.max():g}", f"{wins} ({how_many})", *scale])
