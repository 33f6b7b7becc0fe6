"""`cogrnn-lab explain`: the story of a discovery or a run, and what it refuses."""

from pathlib import Path

import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli import main

SMALL = [
    "--latents", "1", "--update-width", "3", "--update-depth", "1", "--choice-depth", "0", "--seeds", "1",
    "--levels", "0.5", "5", "--warmup", "20", "--level-steps", "20", "--batch-size", "8",
    "--classical", "Q-learning", "--gru-units", "0", "--equation-latents", "1", "--equation-starts", "1",
]  # fmt: skip


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    data = cl.simulate(cl.QLearning(0.5, 5.0), cl.DriftingBandit(), n_sessions=20, n_trials=30, seed=3)
    path = tmp_path_factory.mktemp("table") / "choices.csv"
    data.to_dataframe()[["session", "choice", "reward"]].to_csv(path, index=False)
    return str(path)


@pytest.fixture(scope="module")
def discovered(table: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("discovered") / "out"
    assert main(["discover", table, "--out", str(out), *SMALL]) == 0
    return out


def test_the_report_of_a_discovery_tells_what_the_network_does(discovered, table):
    """It told equations and verdict, and nothing of wiring, latents, experiments and behavior."""
    story = cl.explain(cl.load_discovery(discovered), cl.read_table(table))
    page = (discovered / "report.html").read_text()
    own = [one for name in ("What it is", "Latents", "Behavior") for one in story.sections[name]]
    assert all(sentence.split(":")[0].split("<")[0] in page for sentence in own)
    assert page.count("<h2>Verdict</h2>") == 1
    for name in ("wiring", "rules", "choice", "worth", "behavior"):
        assert (discovered / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    other = cl.explain(cl.DisRNN(2, 2, 1, key=0), cl.read_table(table), plays=False)
    with pytest.raises(ValueError, match="of another network than the one that was discovered"):
        cl.load_discovery(discovered).report(discovered, story=other)


def test_it_prints_the_story_and_writes_it_with_its_figures(discovered, table, tmp_path, capsys):
    out = tmp_path / "story"
    assert main(["explain", str(discovered), table, "--out", str(out), "--no-play"]) == 0
    said = capsys.readouterr()
    story = cl.explain(cl.load_discovery(discovered), cl.read_table(table), plays=False)
    assert story.text in said.out
    assert "Verdict" in said.out
    assert "what each latent stands for" in said.err
    assert f"written to {out / 'explanation.html'}" in said.out
    names = {"explanation.html", "explanation.md"} | {f"{name}.png" for name in story.figures}
    assert {path.name for path in out.iterdir()} == names
    refused = main(["explain", str(discovered), table, "--out", str(out), "--no-play"])
    assert (refused, "is not empty" in capsys.readouterr().err) == (2, True)


def test_a_run_and_another_level_have_no_equations(discovered, table, tmp_path, capsys):
    found = cl.load_discovery(discovered)
    saved = found.path.at(0).save(tmp_path / "own.npz")
    assert main(["explain", str(saved), table, "--out", str(tmp_path / "a"), "--no-play"]) == 0
    of_file = capsys.readouterr().out
    command = ["explain", str(discovered), table, "--level", "0", "--out", str(tmp_path / "b"), "--no-play"]
    assert main(command) == 0
    assert capsys.readouterr().out.replace(str(tmp_path / "b"), str(tmp_path / "a")) == of_file
    assert "Latents\n" in of_file
    assert "Verdict" not in of_file
    found.path.at(0).save(tmp_path / "fit" / "run.npz")
    command = ["explain", str(tmp_path / "fit"), table, "--out", str(tmp_path / "c"), "--no-play"]
    assert main(command) == 0
    assert capsys.readouterr().out.replace(str(tmp_path / "c"), str(tmp_path / "a")) == of_file


def test_ctrl_c_says_what_was_written(discovered, table, tmp_path, monkeypatch, capsys):
    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out"
    command = ["explain", str(discovered), table, "--out", str(out), "--no-play"]
    with monkeypatch.context() as patch:
        patch.setattr("cogrnn_lab.reports.explanation.write_document", pressed)
        assert main(command) == 130
    assert "is not whole; the same command with --overwrite" in capsys.readouterr().err
    monkeypatch.setattr(cl.discovery.story.explanation, "latent_roles", pressed)
    assert main(command) == 130
    assert "interrupted; nothing was written" in capsys.readouterr().err
    assert not out.exists()


def test_what_is_wrong_is_said_in_one_sentence(discovered, table, tmp_path, capsys):
    def refused(*arguments: str) -> str:
        assert main(["explain", *arguments, "--out", str(tmp_path / "out")]) == 2
        (said,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("cogrnn-lab: ")]
        return said

    assert "there is no nowhere; expected the folder" in refused("nowhere", table)
    assert "there is no file nothing.csv" in refused(str(discovered), "nothing.csv")
    assert "has neither findings.npz" in refused(str(tmp_path), table)
    assert "--level 2: the path has levels 0 to 1" in refused(str(discovered), table, "--level", "2")
    run = str(cl.load_discovery(discovered).path.at(0).save(tmp_path / "run.npz"))
    assert "--level is of the path of a discovery" in refused(run, table, "--level", "0")
    assert "not a file that cogrnn_lab saved" in refused(table, table)
    begun = tmp_path / "begun"
    begun.mkdir()
    (begun / "path.npz").write_bytes((discovered / "path.npz").read_bytes())
    assert "has not come to its end" in refused(str(begun), table)
    wider = tmp_path / "wider.csv"
    frame = cl.read_table(table).to_dataframe()[["session", "choice", "reward"]]
    frame.assign(choice=frame["choice"].astype(int) + (frame.index % 5 == 0)).to_csv(wider, index=False)
    assert "the network knows the alternatives 0, 1" in refused(str(discovered), str(wider))
    assert not (tmp_path / "out").exists()
