"""Which labels in a column of choices are trials without a choice, and where that cannot be known."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cogrnn_lab.data.reading.labels import counted, in_words, number_of, sort_key
from cogrnn_lab.data.reading.table_columns import REWARD_CODES

EMPTY = ("", "nan", "-nan", "<na>", "#n/a")  # what programs write where there is nothing
NOT_AVAILABLE = ("na", "n/a", "null")  # nothing beside numbers; beside text it may be a name
SOUNDS_MISSED = re.compile(
    r"no(t)?(resp(onse|onded|d)?|choice|answer|reply|key(press)?|press|lick|poke|reaction|decision|thing|ne)"
    r"|none|null|na|nr|omit(ted)?|omissions?|miss(ed|ing)?(trial|response)?|time(d)?outs?|ignored?"
    r"|(too)?(slow|late)|abort(ed)?|invalid|skip(ped)?|undefined|unanswered|empty|blank|lapsed?"
    r"|didnotrespond|withoutresponse"
)
CODES = {9, 99, 999, 9999, 99999, 77, 777, 88, 888, -2, -9, -77, -88, -99, -999, -9999}
USUAL = "the usual code of a missed trial"
RARE, UNLIKELY = 0.05, 0.02  # share of a class, and probability that its rewards are lacking by chance


@dataclass(frozen=True)
class Doubt:
    """A label that may be a missed trial or a choice, and what speaks for each."""

    label: str
    for_missed: str
    for_choice: str


@dataclass(frozen=True)
class Judgement:
    """Labels that are missed trials, why, and those that may be."""

    missed: tuple[str, ...]
    reasons: tuple[str, ...]
    doubts: tuple[Doubt, ...]


class DoubtfulChoices(ValueError):
    """The refusal of labels that may be missed trials or choices: them, and the others.

    `every` are the alternatives where they are choices, sorted; `readings` the counts of the one reading and
    of the other, in words.
    """

    def __init__(
        self, sentence: str, labels: Sequence[str], others: Sequence[str], readings: tuple[str, str]
    ):
        super().__init__(sentence)
        self.labels, self.others, self.readings = tuple(labels), tuple(others), readings
        self.every = tuple(sorted((*labels, *others), key=sort_key))


class Codes:
    """The labels of a column beside the rewards of its rows.

    `codes` (row,) index of each row's label, `labels`, and `rewards` (row,), NaN where empty, or None.
    """

    def __init__(self, codes: np.ndarray, labels: Sequence[str], rewards: np.ndarray | None):
        self.codes, self.labels, self.rewards = codes, tuple(labels), rewards
        self.rows = dict(zip(labels, np.bincount(codes, minlength=len(labels)).tolist(), strict=True))

    def judged(self, *, rare: bool = True) -> Judgement:
        """Judge which labels are missed trials without doubt, and which may be; `rare`: also by how often."""
        made = [one for one in self.labels if one.lower() not in EMPTY]
        missed, reasons, doubts = [one for one in self.labels if one.lower() in EMPTY], [], []
        # -1 last: whether it is a side is told by what is left when other codes are taken away
        for one in sorted(made, key=lambda label: (label == "-1", *sort_key(label))):
            doubtful = [doubt.label for doubt in doubts] if one == "-1" else []
            others = [other for other in made if other not in (one, *missed, *doubtful)]
            sure = self._sure(one, others)
            paid = bool(sure) and self._paid_as_a_choice(one, others)
            doubt = "" if sure else self._doubt(one, others, rare=rare)
            if paid:
                doubt = f"{one} is {sure}" if sure == USUAL else sure
            if sure and not paid:
                missed.append(one)
                reasons.append(f'{in_words(self.rows[one], "row")} with "{one}" ({sure})')
            if doubt:
                for_choice = self._of_its_pay(one) if paid else self._for_choice(one, others)
                doubts.append(Doubt(one, doubt, for_choice))
        return Judgement(tuple(missed), tuple(reasons), tuple(doubts))

    def _sure(self, one: str, others: list[str]) -> str:
        """Why this label can only be a missed trial; "" where it may be a choice."""
        suspicious = one == "-1" or sounds_missed(one) or number_of(one) in CODES
        if suspicious and others and self._lacks_rewards(one, others):
            return "their reward is empty, and no other is"
        numbers = [number_of(other) for other in others]
        if one.lower() in NOT_AVAILABLE and others and None not in numbers:
            return "the other choices are numbers"
        if one != "-1":
            return ""
        if all(number is None for number in numbers):
            return "the other choices are text"
        values = {number for number in numbers if number is not None}
        if min(values, default=0) >= 0 and values != {1.0} and values != {0.0, 1.0}:
            return USUAL
        if values in ({1.0}, {0.0, 1.0}) and self._paid_as_minus_1(one, others):
            return "their reward is -1 too, and no other is"
        return ""

    def _doubt(self, one: str, others: list[str], *, rare: bool) -> str:
        """Tell what speaks for a missed trial where it may be a choice as well; "" where nothing does."""
        numbers = [number_of(other) for other in others]
        values = [number for number in numbers if number is not None]
        number = number_of(one)
        if one == "-1":
            return "-1 is a usual code of a missed trial"
        if sounds_missed(one):
            return f'"{one}" sounds like one'
        if number is not None and one not in ("True", "False"):
            if others and not values:
                return f"{one} is a number among names"
            far = all(abs(number - value) > 1 for value in values)
            outside = values and (number > max(values) or number < min(values))
            if number in CODES and far and outside:
                return f"{one} is a usual code of a missed trial and stands apart from the others"
        return self._rarely_made(one, others) if rare and len(others) >= 2 else ""

    def _rarely_made(self, one: str, others: list[str]) -> str:
        by_chance = self._unpaid_by_chance(one, others)
        if by_chance is None or by_chance == 1:
            return ""
        values = sorted(number for other in others if (number := number_of(other)) is not None)
        number, share = number_of(one), self._share(one)
        inside = bool(values) and number is not None and values[0] < number < values[-1]
        unlikely = by_chance < UNLIKELY and share < 1 / (len(others) + 1) and not inside
        if share < RARE or unlikely:
            return f"no reward ever follows {one}, and it is {share:.1%} of the rows"
        return ""

    def _for_choice(self, one: str, others: list[str]) -> str:
        paid, paid_others = self._paid([one], others), self._paid(others, others)
        if paid.any() and self._unpaid_by_chance(one, others) is None:
            return (
                f"a reward above the lowest follows {paid.mean():.0%} of {one} ({paid_others.mean():.0%} of "
                "the others)"
            )
        if one == "-1":
            return "-1, 0 and 1 are usual names of left, middle and right"
        return f"{one} stands in {in_words(self.rows[one], 'row')} as the others do"

    def _paid_as_a_choice(self, one: str, others: list[str]) -> bool:
        """Tell whether rewards follow this label that only a choice earns: a sign of a misread code.

        On missed trials nothing is won: 0, a code such as 999, or the lowest reward of the choices.
        """
        if self.rewards is None or not others:
            return False
        own, rest = (part[~np.isnan(part)] for part in (self._of([one]), self._of(others)))
        if own.size == 0 or rest.size == 0:
            return False
        codes = [*REWARD_CODES, -1] if rest.min() >= 0 else REWARD_CODES
        is_code = np.isin(own, codes) & ((own < rest.min()) | (own > rest.max()))
        return bool(((own != 0) & (own > rest.min()) & ~is_code).any())

    def _of_its_pay(self, one: str) -> str:
        own = self._of([one])
        n = int(((own != 0) & ~np.isnan(own)).sum())
        have = "has" if n == 1 else "have"
        return f"{in_words(n, 'row')} of {one} {have} a reward, which a missed trial lacks"

    def _share(self, one: str) -> float:
        return self.rows[one] / max(sum(n for name, n in self.rows.items() if name.lower() not in EMPTY), 1)

    def _of(self, labels: Sequence[str]) -> np.ndarray:
        """Rewards of the rows of these labels."""
        assert self.rewards is not None
        return self.rewards[np.isin(self.codes, [self.labels.index(name) for name in labels])]

    def _lacks_rewards(self, one: str, others: list[str]) -> bool:
        if self.rewards is None:
            return False
        return bool(np.isnan(self._of([one])).all() and not np.isnan(self._of(others)).any())

    def _paid_as_minus_1(self, one: str, others: list[str]) -> bool:
        if self.rewards is None:
            return False
        rest = self._of(others)
        return bool((self._of([one]) == -1).all() and not np.isnan(rest).any() and (rest >= 0).all())

    def _paid(self, labels: Sequence[str], others: list[str]) -> np.ndarray:
        """Where more than the lowest reward of the other labels was paid."""
        if self.rewards is None or not others or np.isnan(self._of(others)).all():
            return np.zeros(0, bool)
        return self._of(labels) > np.nanmin(self._of(others))

    def _unpaid_by_chance(self, one: str, others: list[str]) -> float | None:
        """Compute how probable it is that this label was never paid if it were paid as the others are.

        None where it was paid, or nothing is known: never paid is always the same reward, one of at most 0
        or at most the lowest of the others.
        """
        if self.rewards is None or not others:
            return None
        own, rest = (part[~np.isnan(part)] for part in (self._of([one]), self._of(others)))
        if own.size == 0 or rest.size == 0 or (own != own[0]).any() or own[0] > max(0.0, rest.min()):
            return None
        return float((rest == own[0]).mean() ** own.size)


def refusal(column: object, codes: Codes, judgement: Judgement) -> DoubtfulChoices:
    """The error that shows both readings with their counts, and how to say which is meant."""
    doubtful = [doubt.label for doubt in judgement.doubts]
    made = sorted((one for one in codes.labels if one not in judgement.missed), key=sort_key)
    left = [one for one in made if one not in doubtful]
    n = sum(codes.rows[one] for one in doubtful)
    rows = f"{in_words(n, 'row')} {'is' if n == 1 else 'are'} {' or '.join(doubtful)}"
    alone = " (bias-only: no model of choice can be fitted)" if len(left) < 2 else ""
    for_missed = "; ".join(doubt.for_missed for doubt in judgement.doubts)
    for_choice = "; ".join(doubt.for_choice for doubt in judgement.doubts)
    return DoubtfulChoices(
        f'column "{column}" can be read in two ways. First: {rows}, which is read as a missed trial, and the '
        f"choices are {counted(left, codes.rows)}{alone}; for this speaks that {for_missed}. Second: it is a "
        f"choice like the others, {counted(made, codes.rows)}; for this speaks that {for_choice}. Say which "
        f"is meant: missed={given(doubtful)} or classes={given(made)}.",
        doubtful,
        left,
        (f"choices: {counted(left, codes.rows)}; {n:,} missed", f"choices: {counted(made, codes.rows)}"),
    )


def given(labels: Sequence[str]) -> str:
    """A list of labels as it is typed."""
    numbers = all(number_of(one) is not None for one in labels)
    return f"[{', '.join(labels)}]" if numbers else repr(list(labels))


def sounds_missed(one: str) -> bool:
    """Tell whether a label is a word for a missed trial, or a mark such as "-" or "?"."""
    if number_of(one) is not None:
        return False
    letters = re.sub(r"[^a-z]", "", one.lower())
    return not any(mark.isalnum() for mark in one) or SOUNDS_MISSED.fullmatch(letters) is not None
