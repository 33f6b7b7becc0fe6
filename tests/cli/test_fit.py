"""`cogrnn-lab fit` from a table to its files, and every way in which it says no."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli import fitting, main
from cogrnn_lab.cli.options import parser
from cogrnn_lab.cli.report import _markdown
from cogrnn_lab.training.watching.course import Course

COLUMNS = ["--subject", "animal", "--session", "day", "--choice", "side", "--reward", "won"]
SMALL = ["--latents", "2", "--update-depth", "1", "--choice-depth", "1", "--warmup", "3", "--steps", "6"]


def choices_table(path: Path) -> pd.DataFrame:
    """Two subjects of four and two days, choices as text, some trials missed, days of different length."""
    random = np.random.default_rng(0)
    rows = []
    for animal, n_days in (("ann", 4), ("bob|x", 2)):
        for day in range(1, n_days + 1):
            for trial in range(20 + 3 * day):
                side = ["left", "right", ""][0 if trial % 7 == 0 else 1 if random.random() < 0.6 else 0]
                side = "" if trial % 11 == 5 else side
                won = int(random.random() < 0.5) if side else ""
                rows.append({"animal": animal, "day": day, "side": side, "won": won})
    frame = pd.DataFrame(rows)
    frame.to_csv(path, index=False)
    return frame


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """The folder that a short fit has written, and the table it read."""
    folder = tmp_path_factory.mktemp("fit")
    frame = choices_table(folder / "choices.csv")
    out = folder / "a" / "results"
    options = [*COLUMNS, *SMALL, "--report-every", "3", "--batch-size", "2", "--out", str(out)]
    assert main(["fit", str(folder / "choices.csv"), *options]) == 0
    return out, frame


def test_writes_every_file_that_its_help_names(fitted):
    out, _ = fitted
    names = {"report.md", "report.json", "run.npz", "latents.csv", "history.csv"}
    figures = {"learning.png", "bottlenecks.png", "choice_rule.png", "trajectories.png", "update_rules.png"}
    assert {path.name for path in out.iterdir()} == names | figures
    for figure in figures:
        assert (out / figure).read_bytes().startswith(b"\x89PNG")


def test_report_scores_the_saved_run_on_the_held_out_sessions(fitted):
    out, frame = fitted
    report = json.loads((out / "report.json").read_text())
    dataset = cl.read_table(frame, subject="animal", session="day", choice="side", reward="won")
    train, held_out = dataset.split()
    evaluation = cl.evaluate(cl.load(out / "run.npz").model, held_out)
    assert report["held_out_likelihood"] == pytest.approx(evaluation.normalized_likelihood, abs=1e-6)
    assert report["references"]["chance"] == 0.5
    stay = cl.stay_baseline(train, held_out).normalized_likelihood
    assert report["references"]["stay baseline"] == pytest.approx(stay, abs=1e-6)
    assert [row["subject"] for row in report["subjects"]] == ["ann", "bob|x"]
    assert sum(row["held_out_choices"] for row in report["subjects"]) == evaluation.n_targets
    assert (report["steps"], report["ended_early"]) == (9, None)


def test_report_for_people_has_a_row_for_each_subject_and_latent(fitted):
    text = (fitted[0] / "report.md").read_text()
    assert "| ann |" in text
    assert "| bob\\|x |" in text  # a bar in a name would break the table
    assert "nats per trial" in text
    assert "Ended early" not in text


@pytest.mark.parametrize(
    ("training", "held_out", "said"),
    [
        (0.75, 0.52, "predicts worse than the stay baseline**, so its latents mean little. It predicts the"),
        (0.75, 0.52, "by heart"),
        (0.53, 0.52, "train longer"),
        (0.75, 0.73, None),
    ],
)
def test_a_network_that_a_baseline_beats_is_told_with_what_to_do(fitted, tmp_path, training, held_out, said):
    report = json.loads((fitted[0] / "report.json").read_text())
    report |= {"training_likelihood": training, "held_out_likelihood": held_out}
    report["references"] = {"chance": 0.5, "stay baseline": 0.72}
    text = _markdown(report)
    assert said in text if said else "predicts worse" not in text


def test_latents_table_has_every_trial_with_probabilities_that_sum_to_one(fitted):
    out, frame = fitted
    table = pd.read_csv(out / "latents.csv")
    assert len(table) == len(frame)
    np.testing.assert_allclose(table["model_p_left"] + table["model_p_right"], 1, atol=1e-5)
    assert {"latent_1", "latent_2"} <= set(table.columns)
    aside = table.groupby(["subject", "session"])["held_out"].unique().map(list)
    assert aside.loc["ann"].to_list() == [[0], [1], [0], [1]]
    assert aside.loc["bob|x"].to_list() == [[0], [1]]


def test_history_goes_through_both_phases(fitted):
    history = pd.read_csv(fitted[0] / "history.csv")
    assert history["step"].to_list() == [3, 6, 9]
    assert history["phase"].to_list() == ["warm-up", "penalized", "penalized"]
    assert history["penalty_latent"].to_list() == [0, 0.003, 0.003]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence that a wrong call leaves on stderr, with exit code 2."""
    assert main(["fit", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("cogrnn-lab: ")
    assert "Traceback" not in output.err
    return output.err


def test_a_wrong_number_of_cpu_devices(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COGRNN_LAB_CPU_DEVICES", "two")
    options = parser().parse_args(["fit", str(tmp_path / "none.csv"), "--out", str(tmp_path / "out")])
    assert fitting.fit_table(options, own_process=True) == 2
    assert "COGRNN_LAB_CPU_DEVICES is 'two', expected a whole number" in capsys.readouterr().err


def test_no_file(capsys, tmp_path):
    assert "no file" in refused(capsys, str(tmp_path / "none.csv"), "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_no_such_column(capsys, tmp_path):
    choices_table(tmp_path / "c.csv")
    said = refused(capsys, str(tmp_path / "c.csv"), "--session", "dya", "--out", str(tmp_path / "out"))
    assert "dya" in said
    assert "day" in said


def test_one_session_cannot_be_split(capsys, tmp_path):
    frame = choices_table(tmp_path / "all.csv")
    frame[(frame["animal"] == "ann") & (frame["day"] == 1)].to_csv(tmp_path / "c.csv", index=False)
    assert "hold out" in refused(capsys, str(tmp_path / "c.csv"), *COLUMNS, "--out", str(tmp_path / "out"))


def test_a_folder_with_files_is_not_written_into(capsys, tmp_path):
    choices_table(tmp_path / "c.csv")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("precious")
    said = refused(capsys, str(tmp_path / "c.csv"), *COLUMNS, "--out", str(tmp_path / "out"))
    assert "--overwrite" in said
    assert fitting.output_folder(tmp_path / "out", overwrite=True) == tmp_path / "out"


def test_a_file_is_no_folder(capsys, tmp_path):
    choices_table(tmp_path / "c.csv")
    said = refused(capsys, str(tmp_path / "c.csv"), *COLUMNS, "--out", str(tmp_path / "c.csv"))
    assert "is a file" in said


def test_a_setting_that_makes_no_sense(capsys, tmp_path):
    choices_table(tmp_path / "c.csv")
    said = refused(
        capsys, str(tmp_path / "c.csv"), *COLUMNS, "--latents", "0", "--out", str(tmp_path / "out")
    )
    assert "n_latents" in said


@pytest.mark.parametrize("option", [["--steps", "-1"], ["--l2", "nan"], ["--penalty-latent", "much"]])
def test_numbers_out_of_range_are_refused_with_the_usage(option, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["fit", "c.csv", "--out", "out", *option])
    assert ended.value.code == 2
    assert option[0] in capsys.readouterr().err


class ScriptedTrainer(cl.Trainer):
    """Stands for a trainer whose every report does what the script says."""

    def __init__(self, script: list) -> None:
        self.script = script
        self.history: list = []

    def begin(self, phase: cl.Phase) -> None:
        """Nothing to do."""

    def run(self, steps: int, report_every: int) -> Iterator[cl.Report]:
        for event in self.script:
            if isinstance(event, Exception):
                raise event
            if event == "ctrl-c":
                signal.raise_signal(signal.SIGINT)
            self.history.append(len(self.history))
            none = np.zeros(1, np.float32)
            yield cl.Report(1, "p", 0.5, 0.5, none, none, 0.6, {}, cl.Penalties(), 1.0, 0.1, 0.1)


def test_ctrl_c_ends_training_after_the_step_and_gives_the_signal_back():
    before = signal.getsignal(signal.SIGINT)
    trainer = ScriptedTrainer(["go", "ctrl-c", "go", "go"])
    ended = fitting._train(Course(trainer, [cl.Phase(4)], 1))
    assert isinstance(ended, KeyboardInterrupt)
    assert len(trainer.history) == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_stops_at_once():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012, SIM117
        with fitting._ctrl_c() as pressed:
            signal.raise_signal(signal.SIGINT)
            assert pressed == [signal.SIGINT]
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_divergence_is_told_and_not_raised():
    error = cl.TrainingDiverged(3, float("nan"), 0.1)
    assert fitting._train(Course(ScriptedTrainer(["go", error]), [cl.Phase(4)], 1)) is error


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("<img src=x onerror=hit()>", "&lt;img src=x onerror=hit()&gt;"),
        ("a|b\nc", "a\\|b c"),
        ("*bold* `code` [x](y)", "\\*bold\\* \\`code\\` \\[x\\](y)"),
        ("$x^2$", "\\$x^2\\$"),
        ("_m_1_", "\\_m_1\\_"),
        ("AT&T", "AT&amp;T"),
    ],
)
def test_names_in_the_report_are_text(fitted, name, written):
    report = json.loads((fitted[0] / "report.json").read_text())
    report["subjects"][0]["subject"] = name
    assert f"| {written} |" in _markdown(report)


def test_the_report_says_that_the_penalties_closed_every_channel(fitted):
    report = json.loads((fitted[0] / "report.json").read_text())
    assert report["every_channel_closed"] is False
    assert "closed every channel" not in _markdown(report)
    report |= {
        "every_channel_closed": True,
        "highest_likelihood_before": {"step": 40, "held_out_likelihood": 0.589},
    }
    text = _markdown(report)
    assert "closed every channel**" in text
    assert "it was 0.5890 at step 40" in text
    assert "train longer" not in text
