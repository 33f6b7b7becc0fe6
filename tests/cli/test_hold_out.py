"""`cogrnn-lab fit --hold-out`: people with one session each, in whole or in blocks, reported by person."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli import main
from cogrnn_lab.cli.report import _markdown, summarize

SMALL = ["--latents", "2", "--update-depth", "1", "--choice-depth", "1", "--warmup", "2", "--steps", "2"]


def table(path: Path) -> Path:
    """Three people in one sitting each, without a column of sessions."""
    random = np.random.default_rng(0)
    rows = [
        {"subject": name, "choice": "ab"[random.integers(2)], "reward": random.integers(2)}
        for name, n in (("ann", 80), ("bob", 60), ("cleo", 40))
        for _ in range(n)
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("fit")
    file, out = table(folder / "people.csv"), folder / "out"
    options = ["--subject", "subject", "--no-session", "--hold-out", "blocks", *SMALL, "--out", str(out)]
    assert main(["fit", str(file), *options]) == 0
    return file, out


def test_the_report_is_of_the_held_out_blocks_of_each_person(fitted):
    file, out = fitted
    report = json.loads((out / "report.json").read_text())
    train, held_out = cl.read_table(file, subject="subject", session=None).split(hold_out="blocks")
    scored = cl.evaluate(cl.load(out / "run.npz").model, held_out)
    assert report["held_out_likelihood"] == pytest.approx(scored.normalized_likelihood, abs=1e-6)
    stay = cl.stay_baseline(train, held_out).normalized_likelihood
    assert report["references"]["stay baseline"] == pytest.approx(stay, abs=1e-6)
    by_person = {row["subject"]: row["held_out_choices"] for row in report["subjects"]}
    assert by_person == {"ann": 40, "bob": 30, "cleo": 20}
    text = (out / "report.md").read_text()
    assert "on 90 choices in blocks of 3 sessions. It predicts 90 choices of the held-out blocks" in text
    assert "| bob | 30 |" in text


def test_the_table_of_latents_marks_the_held_out_trials(fitted):
    file, out = fitted
    latents = pd.read_csv(out / "latents.csv")
    assert latents.groupby("subject").held_out.sum().to_dict() == {"ann": 40, "bob": 30, "cleo": 20}
    held_out = cl.read_table(file, subject="subject", session=None).split(hold_out="blocks")[1]
    first = latents.held_out[latents.subject == "ann"].to_numpy().astype(bool)
    np.testing.assert_array_equal(first, held_out.mask[0, :80, 0])


def test_held_out_people_have_a_baseline_of_the_others(fitted):
    file, out = fitted
    run = cl.load(out / "run.npz")
    train, held_out = cl.read_table(file, subject="subject", session=None).split(hold_out="subjects")
    summary = summarize(run, train, held_out, hold_out="subjects")
    text = _markdown(summary | {"ended_early": None})
    assert "on 2 sessions of 2 subjects. It predicts 60 choices of 1 held-out sessions of 1 other" in text
    assert [row["subject"] for row in summary["subjects"]] == ["bob"]
    stay = cl.stay_baseline(train, held_out, by="all").normalized_likelihood
    assert summary["references"]["stay baseline"] == pytest.approx(stay)


def test_one_session_each_is_refused_with_both_options(tmp_path, capsys):
    """It was refused with "a session is never cut", and there was nothing else to do."""
    file = table(tmp_path / "people.csv")
    options = ["--subject", "subject", "--no-session", *SMALL, "--out", str(tmp_path / "out")]
    assert main(["fit", str(file), *options]) == 2
    said = capsys.readouterr().err
    assert "--hold-out subjects holds out whole subjects, --hold-out blocks blocks of trials" in said
    assert "Traceback" not in said
