"""What the README shows is there and runs."""

import re
import shlex
from pathlib import Path

import pytest

from cogrnn_lab.cli.options import parser

# The examples as they stand take minutes; here they run small, in these words and no others.
SMALLER = (
    {"n_sessions=300": "n_sessions=6", "n_trials=200": "n_trials=12", "=500": "=2", "=1500": "=3"},
    {
        "steps=2000": "steps=100",
        "PerceptualDiscrimination()": "PerceptualDiscrimination(dt=50.0)",
        "50, dale": "8, dt=50.0, dale",
    },
    {
        "cl.discover(choices)": "cl.discover(cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=10, "
        "n_trials=40), model=cl.DisRNN(2, 2, 1, update_width=3, update_depth=1, choice_depth=0, key=0), "
        "seeds=1, levels=(0.5, 30.0), warm_up=cl.WarmUp(most=20, check_every=20, patience=1), "
        "settling=cl.Settling(most=20, check_every=20, cooling=5, learning_rate=1e-2), batch_size=4, "
        'gru_units=2, classical={"WSLS": cl.WinStayLoseShift()}, equations=False)'
    },
    {
        "cl.explain(found, choices)": "cl.explain(found, cl.simulate(cl.QLearning(), cl.DriftingBandit(), "
        "n_sessions=10, n_trials=40))"
    },
    {
        "cl.classical_models()": '{"WSLS": cl.WinStayLoseShift()}',
        "steps=500": "steps=2",
        "n_starts=8": "n_starts=2",
    },
)


@pytest.fixture(scope="module")
def readme(repository: Path) -> str:
    return (repository / "README.md").read_text(encoding="utf-8")


def blocks(readme: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", readme, flags=re.DOTALL | re.MULTILINE)


def test_the_python_examples_run(readme, tmp_path, monkeypatch, capsys):
    examples = blocks(readme, "python")
    monkeypatch.chdir(tmp_path)
    names: dict = {}  # each goes on where the one before stopped
    for example, smaller in zip(examples, SMALLER, strict=True):
        assert len(example.strip().splitlines()) <= 13
        for large, small in smaller.items():
            assert example.count(large) == 1, f"{large} is not in the example any more"
            example = example.replace(large, small)
        exec(compile(example, "README.md", "exec"), names)
    assert (tmp_path / "bottlenecks.png").stat().st_size > 10_000
    said = capsys.readouterr().out.split("\n")
    assert [line.split()[0] for line in said[:3]] == ["network", "agent", "open"]
    assert 0 < float(said[0].split()[1]) < 1
    assert any(line.startswith("StageCheck(step=100") for line in said)
    assert names["comparison"].best_classical == "WSLS"


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
