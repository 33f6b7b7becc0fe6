"""Two-step tables on the command line: read as `read_two_step` reads them, or refused."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli import main
from cogrnn_lab.cli.fitting import read_dataset
from cogrnn_lab.cli.options import parser

NAMED = ["--choice", "level1", "--second", "level2"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty trials of one person, where each first choice leads to both states alike."""
    rng, n = np.random.default_rng(0), 60
    first, second = rng.integers(1, 3, n), rng.integers(1, 5, n)
    frame = pd.DataFrame({"level1": first, "level2": second, "reward": rng.integers(0, 2, n)})
    frame = frame.assign(planet=np.where(second > 2, "red", "purple"), rt=rng.random(n))
    path = tmp_path_factory.mktemp("two_step") / "steps.csv"
    frame.to_csv(path, index=False)
    return path


def read(file: Path, *more: str) -> argparse.Namespace:
    return parser().parse_args(["fit", str(file), "--out", "o", "--no-session", *NAMED, *more])


@pytest.mark.filterwarnings("ignore:state purple follows")
def test_it_is_read_as_read_two_step_reads_it(file):
    """The command line took the first choices only, without a word of the second state."""
    asked = {"first": "level1", "second": "level2", "state": "planet"}
    data, expected = read_dataset(read(file, "--state", "planet")), cl.read_two_step(file, **asked)
    np.testing.assert_array_equal(data.inputs, expected.inputs)
    np.testing.assert_array_equal(data.columns["second_choice"], expected.columns["second_choice"])
    assert data.input_names[-2:] == ("previous second state = purple", "previous second state = red")
    assert data.notes == expected.notes
    assert any("Is the second state told by the right column?" in note for note in data.notes)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--choice", "level1", "--state", "planet"], "--state is of a two-step task"),
        (
            [*NAMED, "--previous-inputs", "rt", "--foregone", "rt"],
            "--previous-inputs, --foregone beside --second",
        ),
        ([*NAMED, "--state", "rt"], 'column "rt" holds'),
        ([*NAMED, "--state", "planet", "--transition", "rt"], "expected one of them"),
    ],
)
def test_what_does_not_go_together_is_refused(file, tmp_path, options, said, capsys):
    out = tmp_path / "out"
    assert main(["fit", str(file), "--no-session", "--out", str(out), *options]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()
