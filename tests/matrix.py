"""A selection of the tests on other versions: `python -m tests.matrix [colab] [lowest] [newest]`.

Each set gets a virtual environment of its own. The wheel is installed into it, not this checkout, and must
leave the versions that were there as they are: on Colab another jax would no longer find the GPU.

    colab   Python 3.13 with the versions of Colab (colab.txt)
    lowest  Python 3.11 with the lowest versions that pyproject.toml allows
    newest  Python 3.13 with what pip finds
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLAB = Path(__file__).with_name("colab.txt")
TOOLS = ("pytest", "pytest-timeout", "beartype", "hypothesis", "openpyxl", "nbclient", "nbformat")
# About three minutes on one core: networks, training, reading, fixed points, the lab, and a notebook.
SELECTION = (
    "tests/models/test_disrnn.py",
    "tests/training/test_trainer.py",
    "tests/analysis/test_rules.py",
    "tests/analysis/phase/test_fixed_points.py",
    "tests/lab/test_tables.py",
    "tests/lab/test_controls.py",
    "tests/lab/test_widget_versions.py",
    "tests/notebooks/test_notebooks.py::test_runs[train_a_gru]",
)


@dataclass(frozen=True)
class Setting:
    """Versions to test on: a Python, what pip installs before the wheel, extras of the wheel.

    `warnings` are options of pytest: old versions of other packages warn of newer Pythons. Without any it is
    what pyproject.toml says, errors but for a few; a -W here would come before those few.
    """

    python: str
    before: Callable[[], tuple[str, ...]]
    extra: str = ""
    warnings: tuple[str, ...] = ("-W", "default")


def colab() -> tuple[str, ...]:
    """The requirements of Colab's versions."""
    lines = COLAB.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


def lowest() -> tuple[str, ...]:
    """The requirements of the lowest versions that the package allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = [re.match(r"([\w-]+)>=([\d.]+)", one) for one in project["dependencies"]]
    named = {found[1]: found[2] for found in bounds if found}
    return tuple(f"{name}=={version}" for name, version in {**named, "jaxlib": named["jax"]}.items())


SETTINGS = {
    "colab": Setting("3.13", colab),
    "lowest": Setting("3.11", lowest),
    "newest": Setting("3.13", tuple, "[jupyter]", warnings=()),
}


def find_python(version: str) -> str:
    """An interpreter of this version: on the path, or of pyenv."""
    named = f"python{version}"
    of_pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for candidate in filter(None, [shutil.which(named), *map(str, of_pyenv)]):
        if subprocess.run([candidate, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0:
            return candidate
    sys.exit(f"No Python {version} was found on the path (as {named}) or below ~/.pyenv/versions.")


def installed(python: str) -> dict[str, str]:
    """The version of every package in an environment, by name."""
    freeze = [python, "-m", "pip", "list", "--format=freeze"]
    lines = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(line.split("==", 1) for line in lines if "==" in line)


def changed(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """What has another version than before, or is gone, in words."""
    return {
        name: f"{version} -> {after.get(name, 'gone')}"
        for name, version in before.items()
        if after.get(name) != version
    }


def missing(wheel: Path) -> list[str]:
    """Files of the package, and notebooks, that a wheel lacks."""
    with zipfile.ZipFile(wheel) as archive:
        has = set(archive.namelist())
    files = [path for path in (ROOT / "cogrnn_lab").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    wanted = [path.relative_to(ROOT).as_posix() for path in files]
    wanted += [f"cogrnn_lab/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")]
    return sorted(set(wanted) - has)


def check(name: str, folder: Path, selection: Sequence[str]) -> int:
    """Install the wheel beside a set of versions and run the tests there; the exit code of pytest, or 1."""
    setting, environment = SETTINGS[name], folder / name
    python = str(environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    subprocess.run([find_python(setting.python), "-m", "venv", "--clear", str(environment)], check=True)

    def pip(*arguments: str) -> None:
        quiet = ("--quiet", "--disable-pip-version-check")
        subprocess.run([python, "-m", "pip", *quiet, *arguments], check=True)

    pip("wheel", "--no-deps", "--wheel-dir", str(environment / "wheel"), str(ROOT))
    (wheel,) = (environment / "wheel").glob("*.whl")
    if lacking := missing(wheel):
        print(f"{name}: the wheel lacks {', '.join(lacking)}", flush=True)
        return 1
    if before := setting.before():
        pip("install", *before)
    versions = installed(python)
    pip("install", f"{wheel}{setting.extra}")
    lost = changed(versions, installed(python))
    print(f"{name}: versions that installing cogrnn_lab changed: {lost or 'none'}", flush=True)
    if lost:
        return 1
    kept = environment / "kept.txt"
    kept.write_text("".join(f"{one}=={version}\n" for one, version in versions.items()))
    pip("install", "--constraint", str(kept), "nbformat", *TOOLS)
    # -P, and no path of the shell's: the package of the wheel, not the folder of this checkout
    tests = [python, "-P", "-m", "pytest", "-q", *setting.warnings, "-p", "no:cacheprovider", *selection]
    shell = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(tests, cwd=ROOT, env=shell).returncode


def main() -> int:
    """Check the sets that the command line names, all by default; the first exit code that is not 0."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("settings", nargs="*", choices=[*SETTINGS, []], help="which sets (all)")
    parser.add_argument("--folder", type=Path, help="where the environments are kept (a temporary folder)")
    parser.add_argument("--tests", nargs="+", default=SELECTION, help="what pytest runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cogrnn_lab_matrix_") as temporary:
        folder = options.folder or Path(temporary)
        codes = {name: check(name, folder, options.tests) for name in options.settings or SETTINGS}
    for name, code in codes.items():
        print(f"{name}: {'passed' if code == 0 else f'failed ({code})'}")
    return next((code for code in codes.values() if code), 0)


if __name__ == "__main__":
    sys.exit(main())
