"""Arguments of other kinds than a data set takes: refused by one check, in our words.

Without the tests' own check of types, `python -m tests.promises arguments` tries it, of which a part is run.
"""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.argument_kinds import check_kinds

WRONG = {
    "kind": [3, None, ["categorical"]],
    "n_classes": ["2", 2.0, [2], np.zeros(3), 10**30 + 0.5],
    "input_names": [5, {"a": 1}, np.array("x"), len],
    "columns": [[("a", 1)], "choice", 3, pd.Series([1])],
    "time_step": ["0.1", [0.1], True],
    "notes": [3, {"a": 1}],
    "stimulus_inputs": [3, [1, 2], {"a": ("b", "c")}],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, one) for name, several in WRONG.items() for one in several]
)
def test_another_kind_is_told_with_the_one_that_was_expected(name, value):
    with pytest.raises(TypeError, match=rf"^{name} is .+; expected .+\.$"):
        cl.Dataset(np.zeros((2, 3, 1)), np.zeros((2, 3, 1)), **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_classes", np.int64(3)), ("n_classes", None), ("input_names", np.array(["a", "b"])),
        ("session_names", pd.Index([1, 2])), ("subject_names", range(3)), ("class_names", "ab"),
        ("columns", None), ("columns", {"choice": [1]}), ("time_step", np.float32(0.1)), ("time_step", 1),
        ("stimulus_inputs", [["a", "b"]]), ("notes", ()), ("kind", "anything"), ("inputs", object()),
    ],
)  # fmt: skip
def test_what_may_be_right_is_let_pass(name, value):
    check_kinds(cl.Dataset.__init__, {name: value})


def test_identifiers_and_codes_are_no_indices():
    """A subject 2,000,000,000 was given two thousand million names, until the memory was full."""
    inputs, targets = np.zeros((2, 3, 1)), np.zeros((2, 3, 1))
    with pytest.raises(
        ValueError, match=r"subject holds 2000000000; expected indices .* Are these identifiers"
    ):
        cl.Dataset(inputs, targets, subject=[0, 2_000_000_000])
    targets[0, 0] = 2**24
    with pytest.raises(ValueError, match=r"class index 16777216 counts as a target; .* Is it a code"):
        cl.Dataset(inputs, targets)
    assert cl.Dataset(inputs, np.ones((2, 3, 1)), notes="one note").notes == ("one note",)


def test_wrong_arguments_end_in_a_sentence_without_the_check_of_the_tests(repository):
    environment = os.environ | {"PYTHONPATH": str(repository)}
    command = [sys.executable, "-m", "tests.promises", "arguments", "--only", "Dataset", "--n", "150"]
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "150 calls" in done.stdout
