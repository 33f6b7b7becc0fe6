"""Tables of every coding, order, way to miss, and naming: read back right, or refused; never wrong."""

import csv
import io
import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.reading.labels import label, labels_of

hypothesis = pytest.importorskip("hypothesis")
st = pytest.importorskip("hypothesis.strategies")

SETTINGS = hypothesis.settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)

CODINGS = [
    (0, 1), (1, 2), (-1, 1), (-1, 0, 1), (0, 1, 2), (1, 2, 3, 4), (0.0, 1.0), (True, False),
    ("left", "right"), ("L", "R"), ("go", "none"), ("A", "B", "C"), ("stay", "leave"), ("na", "eu"),
]  # fmt: skip
MISSES = [None, "", -1, 0, 2, 9, 99, -9, 999, "no response", "omission", "NA", "none", "timeout", "-"]
OUTCOMES = [(0, 1), (-1, 1), (1, 2), (20, 80), (0.0, 0.5)]
PEOPLE = ["subject", "subjID", "subj_idx", "PID", "participant", "mouse", "ID"]
SESSIONS = ["session", "block", "day", "session_date"]
TRIALS = ["trial", "trial_nr", "TrialNumber"]
FORMS = [None, ",", ";", "\t", "|", " ", "R ", "R\t", "excel hint"]


@dataclass(frozen=True)
class Case:
    """What stands in a table, how it is written, and what is told of it."""

    coding: tuple
    miss: object
    outcomes: tuple
    paid_when_missed: object
    names: tuple[str, str, str]
    n_people: int
    order: str
    cut: bool
    form: str | None
    tell_codes: bool
    tell_trial: bool
    seed: int


cases = st.builds(
    Case,
    coding=st.sampled_from(CODINGS),
    miss=st.sampled_from(MISSES),
    outcomes=st.sampled_from(OUTCOMES),
    paid_when_missed=st.sampled_from(["", 0, -1]),
    names=st.tuples(st.sampled_from(PEOPLE), st.sampled_from(SESSIONS), st.sampled_from(TRIALS)),
    n_people=st.integers(1, 3),
    order=st.sampled_from(["as they happened", "interleaved", "shuffled"]),
    cut=st.booleans(),
    form=st.sampled_from(FORMS),
    tell_codes=st.booleans(),
    tell_trial=st.booleans(),
    seed=st.integers(0, 3),
)

N_TRIALS, N_SESSIONS = 30, 2


def truth(case: Case) -> pd.DataFrame:
    """Every trial that happened: who, when, what (None: missed) and what was paid."""
    rng = np.random.default_rng(case.seed)
    n = case.n_people * N_SESSIONS * N_TRIALS
    chosen = rng.permutation(np.resize(np.arange(len(case.coding)), n))
    choices = [case.coding[k] for k in chosen]
    missed = rng.permutation(np.arange(n) % 8 == 0) if case.miss is not None else np.zeros(n, bool)
    return pd.DataFrame(
        {
            "person": np.repeat([f"p{k}" for k in range(case.n_people)], N_SESSIONS * N_TRIALS),
            "session": np.tile(np.repeat(np.arange(N_SESSIONS) + 1, N_TRIALS), case.n_people),
            "trial": np.tile(np.arange(N_TRIALS) + 1, case.n_people * N_SESSIONS),
            "choice": pd.Series(choices, dtype=object).where(~missed, None),
            "reward": rng.permutation(np.resize(case.outcomes, n)),
        }
    )


def written(case: Case, happened: pd.DataFrame) -> pd.DataFrame:
    """The table of these trials in the case's coding, order and names; missed trials may be cut out."""
    missed = happened["choice"].isna()
    frame = happened.assign(
        choice=[case.miss if gone else one for one, gone in zip(happened["choice"], missed, strict=True)],
        reward=[
            case.paid_when_missed if gone else one
            for one, gone in zip(happened["reward"], missed, strict=True)
        ],
    )
    if case.cut:
        frame = frame[~missed]
    if case.order == "interleaved":
        frame = frame.sort_values(["trial", "person", "session"], kind="stable")
    if case.order == "shuffled":
        frame = frame.sample(frac=1, random_state=case.seed)
    person, session, trial = case.names
    return frame.rename(columns={"person": person, "session": session, "trial": trial}).reset_index(drop=True)


def in_form(case: Case, frame: pd.DataFrame) -> object:
    """The table as a DataFrame or as the bytes of a file."""
    if case.form is None:
        return frame.replace("", None)
    separator = ";" if case.form == "excel hint" else case.form[-1]
    frame = frame.replace("", "NA") if separator == " " else frame  # between blanks nothing cannot be seen
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(frame.columns)
    for k, row in enumerate(frame.itertuples(index=False), start=1):
        writer.writerow([f"row {k}", *row] if case.form.startswith("R") else row)
    return (("sep=;\n" if case.form == "excel hint" else "") + text.getvalue()).encode()


def read(case: Case, table: object) -> cl.Dataset:
    person, session, trial = case.names
    given = {}
    if case.tell_codes:
        given = {"classes": list(case.coding), "missed": [] if case.miss in (None, "") else [case.miss]}
    if case.tell_trial:
        given["trial"] = trial
    return cl.read_table(table, subject=person, session=session, **given)


def check(data: cl.Dataset, happened: pd.DataFrame, case: Case) -> None:
    """Every session holds what happened in it, trial by trial."""
    groups = dict(list(happened.groupby(["person", "session"], sort=False)))
    assert data.n_sessions == len(groups)
    for k in range(data.n_sessions):
        rows = groups[data.subject_names[data.subject[k]], int(data.session_names[k])]
        n = int(data.lengths[k])
        labels = [*(data.class_names or ()), None]
        chosen = [labels[i] for i in data.columns["choice"][k, :n]]
        expected = [
            None if one is None else str(int(one)) if isinstance(one, float) else str(one)
            for one in rows["choice"]
        ]
        paid = [float(r) for r, c in zip(rows["reward"], expected, strict=True) if c is not None]
        if case.cut:  # nothing is said of missed trials at the ends, and between them only with their numbers
            chosen, expected = ([one for one in side if one is not None] for side in (chosen, expected))
        assert chosen == expected
        made = data.columns["choice"][k, :n] >= 0
        np.testing.assert_allclose(data.columns["reward"][k, :n][made], paid)
        previous_choice = data.inputs[k, 1:n, 0]
        if data.n_classes == 2:
            np.testing.assert_array_equal(previous_choice, data.columns["choice"][k, : n - 1] == 1)


def is_plain(coding: tuple, miss: object) -> bool:
    """Whether the code of missed trials is none of the choices."""
    return miss is None or label(miss) not in labels_of(coding)


def read_right_or_refused(case: Case) -> bool:
    """Whether a table that is written is read: right then, and always where all was told and is decided."""
    happened = truth(case)
    table = in_form(case, written(case, happened))
    data, refusal = None, ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            data = read(case, table)
        except ValueError as error:
            refusal = str(error)
    if data is None:
        undecided = case.order == "shuffled" and not case.tell_trial
        # a first column called ID may be the number of the row, so that the names of rows cannot be told
        undecided |= case.names[0] == "ID" and str(case.form).startswith("R")
        assert undecided or not case.tell_codes, f"all was told, and yet: {refusal}"
        return False
    check(data, happened, case)
    if case.cut and case.tell_trial:
        gaps = happened.groupby(["person", "session"])["choice"].apply(
            lambda c: c.isna().to_numpy()[np.flatnonzero(c.notna())[0] : np.flatnonzero(c.notna())[-1]].sum()
        )
        assert (data.valid & ~data.mask[..., 0]).sum() == gaps.sum()
    return True


@SETTINGS
@hypothesis.given(cases)
def test_read_back_right_or_refused(case):
    hypothesis.assume(is_plain(case.coding, case.miss))
    hypothesis.assume(not (case.cut and case.miss is None))
    read_right_or_refused(case)


@pytest.mark.parametrize(
    ("coding", "miss"), [(coding, miss) for coding in CODINGS for miss in MISSES if is_plain(coding, miss)]
)
def test_every_code_of_missed_trials_beside_every_coding(coding, miss):
    """Examples drawn at random leave most pairs out; order, names and form are drawn here as well."""
    rng = np.random.default_rng([CODINGS.index(coding), MISSES.index(miss)])

    def drawn(kinds: list):
        return kinds[rng.integers(len(kinds))]

    case = Case(
        coding=coding,
        miss=miss,
        outcomes=drawn(OUTCOMES),
        paid_when_missed=drawn(["", 0, -1]),
        names=(drawn(PEOPLE), drawn(SESSIONS), drawn(TRIALS)),
        n_people=int(rng.integers(1, 4)),
        order=drawn(["as they happened", "interleaved", "shuffled"]),
        cut=miss is not None and rng.random() < 0.3,
        form=drawn(FORMS),
        tell_codes=False,
        tell_trial=True,
        seed=int(rng.integers(4)),
    )
    read_right_or_refused(case)
    told = replace(case, tell_codes=True, names=("subject", *case.names[1:]))
    assert read_right_or_refused(told)


@SETTINGS
@hypothesis.given(cases)
def test_people_who_are_not_told_apart_are_refused(case):
    hypothesis.assume(case.n_people > 1 and case.miss is None and not case.cut)
    with pytest.raises(ValueError, match=r"of several people|two ways|not in the order"):
        cl.read_table(in_form(case, written(case, truth(case))), session=case.names[1])
