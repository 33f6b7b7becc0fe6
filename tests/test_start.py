"""The script that sets a bare machine up: what it decides, with every command that it would run recorded."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest


@pytest.fixture
def start(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, set up in a folder of its own, recording commands instead of running them."""
    spec = importlib.util.spec_from_file_location("start", repository / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'first'\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "stamp.json")
    monkeypatch.delenv("COGRNN_LAB_BROWSER", raising=False)
    module.commands = []
    module.exit_codes = {}

    def record(command, **_):
        module.commands.append([Path(command[0]).name, *command[1:]])
        return next((code for word, code in module.exit_codes.items() if word in command), 0)

    monkeypatch.setattr(module, "run", record)
    monkeypatch.setattr(module, "become", record)
    return module


def words(start: ModuleType) -> list[str]:
    return [" ".join(command) for command in start.commands]


def have(monkeypatch: pytest.MonkeyPatch, start: ModuleType, *programs: str) -> None:
    monkeypatch.setattr(start.shutil, "which", lambda name: name if Path(name).name in programs else None)


def test_installs_once_and_again_only_when_the_project_changes(start):
    start.install({"test"})
    assert len(start.commands) == 1
    assert start.commands[0][-1] == f"{start.ROOT}[test]"
    start.install({"test"})
    assert len(start.commands) == 1
    (start.ROOT / "pyproject.toml").write_text("[project]\nname = 'second'\n")
    start.install({"test"})
    assert len(start.commands) == 2


def test_a_kill_while_the_stamp_is_written_leaves_the_old_one(start, monkeypatch):
    start.install(set())
    before = start.STAMP.read_text()
    (start.ROOT / "pyproject.toml").write_text("[project]\nname = 'second'\n")

    def killed(path, text):
        path.write_bytes(text[:5].encode())
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", killed)
    with pytest.raises(KeyboardInterrupt):
        start.install(set())
    assert start.STAMP.read_text() == before


def test_the_lab_after_the_tests_keeps_what_the_tests_need(start):
    start.install({"test"})
    start.install(set())
    assert len(start.commands) == 1
    start.install({"cuda12"})
    assert start.commands[-1][-1].endswith("[cuda12,test]")


def test_a_failed_installation_is_not_remembered(start):
    start.exit_codes = {"--editable": 1}
    with pytest.raises(SystemExit, match="installation failed"):
        start.install(set())
    assert not start.STAMP.exists()
    start.exit_codes = {}
    start.install(set())
    assert json.loads(start.STAMP.read_text())["extras"] == []


def test_makes_an_environment_where_there_is_none(start, monkeypatch):
    have(monkeypatch, start)
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: object())
    start.make_environment()
    assert any("-m venv" in line for line in words(start))


def of_version(start: ModuleType, monkeypatch: pytest.MonkeyPatch, *version: int) -> None:
    """Let the script be run by this version of Python."""
    told = ".".join(map(str, version))
    own = SimpleNamespace(version_info=version, version=told, executable="python3", argv=[], exit=sys.exit)
    monkeypatch.setattr(start, "sys", own)


@pytest.mark.parametrize(
    ("version", "there", "broken", "taken"),
    [
        ((3, 11, 2), ("python3.12", "python3.13"), "", "python3.13"),
        ((3, 11, 2), ("python3.12", "python3.13"), "python3.13", "python3.12"),  # without python3-venv
        ((3, 11, 2), ("python3.10",), "", "python3"),
        ((3, 13, 0), ("python3.12", "python3.13"), "", "python3"),
        ((3, 14, 0), ("python3.13",), "", "python3"),
    ],
)
def test_the_newest_python_that_can_is_taken(start, monkeypatch, version, there, broken, taken):
    of_version(start, monkeypatch, *version)
    have(monkeypatch, start, *there)
    start.exit_codes = {broken: 1}
    start.make_environment()
    assert words(start)[-1].startswith(f"{taken} -m venv --clear")


def test_a_python_that_is_too_old_hands_over_to_a_newer_one(start, monkeypatch):
    of_version(start, monkeypatch, 3, 10, 1)
    have(monkeypatch, start, "python3.12")
    assert start.main(["lab", "--no-browser"]) == 0
    assert words(start)[-1] == f"python3.12 {start.__file__} lab --no-browser"
    have(monkeypatch, start)
    with pytest.raises(SystemExit, match=r"needs Python 3.11 or newer; python3 is 3\.10\.1"):
        start.main(["lab"])


def test_keeps_an_environment_that_works(start, monkeypatch):
    have(monkeypatch, start, "python")
    start.make_environment()
    assert not any("venv --clear" in line for line in words(start))


def test_debian_without_venv_gets_it_from_apt_as_root(start, monkeypatch):
    have(monkeypatch, start, "apt-get")
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(start.os, "geteuid", lambda: 0)
    start.make_environment()
    apt = [line for line in words(start) if "apt-get" in line]
    assert "update" in apt[0]
    assert apt[1].endswith("install -y --no-install-recommends python3-venv")
    assert "-m venv" in words(start)[-1]


def test_without_root_and_sudo_it_says_what_to_type(start, monkeypatch):
    have(monkeypatch, start, "apt-get")
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(start.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="sudo apt-get install -y --no-install-recommends python3-venv"):
        start.make_environment()


def test_sudo_without_a_password_serves(start, monkeypatch):
    have(monkeypatch, start, "apt-get", "sudo")
    monkeypatch.setattr(start.os, "geteuid", lambda: 1000)
    start.apt_install(["chromium"], "to test")
    assert words(start)[-1].startswith("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install")


def test_a_browser_that_is_there_is_used(start, monkeypatch):
    have(monkeypatch, start, "google-chrome")
    assert start.find_browser() == "google-chrome"
    assert start.commands == []


def test_a_browser_is_installed_where_there_is_none(start, monkeypatch):
    have(monkeypatch, start, "apt-get")
    monkeypatch.setattr(start.os, "geteuid", lambda: 0)
    assert start.find_browser() is None  # the recorded apt-get has installed nothing
    assert "chromium" in words(start)[-1]


def test_a_machine_without_apt_goes_on_without_a_browser(start, monkeypatch, capsys):
    have(monkeypatch, start)
    assert start.find_browser() is None
    assert "skipped" in capsys.readouterr().out
    assert start.commands == []


def test_checks_stop_at_the_first_failure_with_its_exit_code(start, monkeypatch):
    have(monkeypatch, start, "chromium")
    start.exit_codes = {"format": 7}
    assert start.run_checks([]) == 7
    assert [command[0] for command in start.commands] == ["ruff", "ruff"]


def test_test_passes_options_on_and_ends_with_pytest(start, monkeypatch):
    have(monkeypatch, start, "chromium", "python")
    assert start.main(["test", "-k", "bottleneck", "-x"]) == 0
    assert start.commands[-1][1:] == ["-m", "pytest", *start.IN_PARALLEL, "-k", "bottleneck", "-x"]
    assert [command[0] for command in start.commands[-4:]] == ["ruff", "ruff", "pyright", "python"]


@pytest.mark.parametrize(("command", "extras"), [("lab", "[jupyter]"), ("test", "[jupyter,test]")])
def test_both_commands_install_the_page_s_own_needs(start, monkeypatch, command, extras):
    have(monkeypatch, start, "chromium", "python")
    start.main([command])
    (pip,) = [line for line in words(start) if "--editable" in line]
    assert pip.endswith(extras)


def test_lab_passes_options_on_and_its_exit_code_back(start, monkeypatch):
    have(monkeypatch, start, "python")
    start.exit_codes = {"--port": 2}
    assert start.main(["lab", "--port", "9000"]) == 2
    assert start.commands[-1] == ["cogrnn-lab", "--port", "9000"]


def test_the_ci_runs_the_test_command_of_the_readme(repository: Path):
    command = "python3 start.py test"
    assert command in (repository / ".ci" / "run").read_text()
    assert command in (repository / "README.md").read_text()
