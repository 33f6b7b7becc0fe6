"""What the README shows is there and runs."""

import re
import shlex
from pathlib import Path

import pytest

from cogrnn_lab.cli.options import parser

# The example as it stands takes a minute; here it runs small, in these words and no others.
SMALLER = {"n_sessions=300": "n_sessions=6", "n_trials=200": "n_trials=12", "=500": "=2", "=1500": "=3"}


@pytest.fixture(scope="module")
def readme(repository: Path) -> str:
    return (repository / "README.md").read_text(encoding="utf-8")


def blocks(readme: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", readme, flags=re.DOTALL | re.MULTILINE)


def test_the_python_example_runs(readme, tmp_path, monkeypatch, capsys):
    (example,) = blocks(readme, "python")
    assert len(example.strip().splitlines()) <= 13
    for large, small in SMALLER.items():
        assert example.count(large) == 1, f"{large} is not in the example any more"
        example = example.replace(large, small)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    assert (tmp_path / "bottlenecks.png").stat().st_size > 10_000
    said = capsys.readouterr().out.split("\n")
    assert [line.split()[0] for line in said[:3]] == ["network", "agent", "open"]
    assert 0 < float(said[0].split()[1]) < 1


def test_the_command_line_example_is_understood(readme):
    (command,) = [line for block in blocks(readme, "sh") for line in block.splitlines() if " fit " in line]
    program, *arguments = shlex.split(command)
    assert program == "cogrnn-lab"
    options = parser().parse_args(arguments)
    assert (options.command, options.subject, options.out) == ("fit", "animal", "results")


def test_each_command_of_the_start_script_is_one_line(readme):
    lines = [line for block in blocks(readme, "sh") for line in block.strip().splitlines()]
    assert lines[:2] == ["python3 start.py lab", "python3 start.py test"]


def test_every_linked_file_is_there(readme, repository):
    targets = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert targets
    missing = [target for target in targets if not (repository / target).is_file()]
    assert missing == []
