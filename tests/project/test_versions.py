"""What the package asks for: Colab's own versions do, and the lab needs nothing of the extra `jupyter`."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from matrix import changed, colab, lowest, missing
from packaging.requirements import Requirement


@pytest.fixture(scope="module")
def core(repository: Path) -> dict[str, Requirement]:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {one.name: one for one in map(Requirement, project["dependencies"])}


def test_colab_has_versions_that_do(core):
    has = dict(line.split("==") for line in colab())
    assert {"jax", "numpy", "pandas", "ipywidgets", "bqplot"} <= set(has) & set(core)
    refused = {
        name: str(core[name]) for name in set(has) & set(core) if not core[name].specifier.contains(has[name])
    }
    assert refused == {}


def test_the_lowest_set_is_what_the_project_says(core):
    named = dict(line.split("==") for line in lowest())
    for name, version in named.items():
        if name != "jaxlib":
            assert f">={version}" in str(core[name].specifier)
    assert set(core) - set(named) == {"lineax"}  # it has an upper bound alone


def test_a_version_that_changed_or_went_is_seen():
    assert changed({"jax": "0.7.2", "numpy": "2.1", "x": "1"}, {"jax": "0.12", "numpy": "2.1"}) == {
        "jax": "0.7.2 -> 0.12",
        "x": "1 -> gone",
    }


def test_a_wheel_without_a_style_sheet_or_a_notebook_is_seen(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as wheel:
        wheel.writestr("cogrnn_lab/__init__.py", "")
    lacking = missing(tmp_path / "x.whl")
    assert {"cogrnn_lab/lab/page/lab.css", "cogrnn_lab/py.typed", "cogrnn_lab/notebooks/lab.ipynb"} <= set(
        lacking
    )
    assert "cogrnn_lab/__init__.py" not in lacking


def test_the_lab_imports_nothing_of_the_page_s_extra():
    code = (
        "import sys\n"
        "for name in ('voila', 'jupyterlab', 'ipykernel', 'jupyter_server', 'nbclient'):\n"
        "    sys.modules[name] = None\n"  # importing it raises ModuleNotFoundError
        "import cogrnn_lab as cl\n"
        "print(cl.Lab.__name__, cl.plots.__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "Lab cogrnn_lab.plots\n"), done.stderr
