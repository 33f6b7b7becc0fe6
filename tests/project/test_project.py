"""What stands about the project in several places is the same in all of them, and true."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from matrix import SETTINGS
from packaging.requirements import Requirement
from PIL import Image


@pytest.fixture(scope="module")
def settings(repository: Path) -> dict[str, Any]:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project(settings) -> dict[str, Any]:
    return settings["project"]


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_conda_recipe_asks_for_what_pip_asks_for(repository, project):
    recipe = read_yaml(repository / "conda" / "recipe.yaml")
    wanted = {}
    for one in map(Requirement, [*project["dependencies"], *project["optional-dependencies"]["jupyter"]]):
        wanted[one.name.replace("matplotlib", "matplotlib-base")] = one.specifier
    asked = [line.partition(" ")[::2] for line in recipe["requirements"]["run"] if "python " not in line]
    assert {name: str(Requirement(f"x{bound}").specifier) for name, bound in asked} == {
        name: str(bound) for name, bound in wanted.items()
    }
    assert recipe["context"]["version"] == project["version"]
    assert f">={recipe['context']['python_min']}" == project["requires-python"]


def test_every_address_of_the_repository_is_that_of_the_project(repository, project):
    home = project["urls"]["Homepage"].removeprefix("https://github.com/")
    owner = home.partition("/")[0]
    files = [
        *repository.glob("*.md"), *repository.glob("*.cff"), *repository.glob("*.yml"),
        *repository.glob("docs/**/*.md"), *repository.glob("notebooks/*.ipynb"),
        *repository.glob(".github/**/*.yml"), *repository.glob("conda/*"), repository / "pyproject.toml",
    ]  # fmt: skip
    places = r"(?:github\.com/|githubusercontent\.com/|colab\.research\.google\.com/github/|/v2/gh/)"
    found = {
        (file.name, address)
        for file in files
        for address in re.findall(places + r"([\w-]+/[\w-]+)", file.read_text(encoding="utf-8"))
        if "cogrnn" in address
    }
    assert {address for _, address in found} == {home}
    assert len({name for name, _ in found}) > 4
    assert f"https://{owner}.github.io/" in project["urls"]["Documentation"]


def test_the_citation_names_the_papers(repository, project):
    citation = read_yaml(repository / "CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["license"] == project["license"]
    for paper in citation["references"]:
        assert {"type", "title", "authors", "year", "notes"} <= set(paper)
    said = (repository / "cogrnn_lab" / "models" / "disentangled" / "disrnn.py").read_text(encoding="utf-8")
    assert citation["references"][0]["title"] in said


def test_workflows_call_what_there_is(repository):
    jobs = read_yaml(repository / ".github" / "workflows" / "tests.yml")["jobs"]
    assert set(jobs["versions"]["strategy"]["matrix"]["set"]) == set(SETTINGS)
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert "python3 start.py test" in commands
    for folder in re.findall(r"\btests/\w+", " ".join(commands)):
        assert (repository / folder).is_dir()
    for workflow in (repository / ".github" / "workflows").glob("*.yml"):
        assert set(read_yaml(workflow)) >= {"name", "jobs", "permissions"}, workflow.name


def test_links_of_the_readme_are_whole_on_the_package_index(repository, settings):
    text = (repository / "README.md").read_text(encoding="utf-8")
    hook = settings["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    for one in hook["substitutions"]:
        text = re.sub(one["pattern"], one["replacement"], text)
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert len(targets) > 15
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    (picture,) = [target for target in targets if target.endswith("docs/discovery.gif")]
    assert picture.startswith("https://raw.githubusercontent.com/")


def test_the_moving_picture_moves_and_does_not_keep_readers_waiting(repository):
    path = repository / "docs" / "discovery.gif"
    assert path.stat().st_size < 2_000_000
    with Image.open(path) as moving:
        assert moving.n_frames > 20
        last = moving.n_frames - 1
        moving.seek(last)
        assert moving.info["duration"] >= 3_000  # milliseconds in which what was found can be read


def test_what_the_wheel_and_the_sdist_are_told_to_take_is_there(repository, settings):
    targets = settings["tool"]["hatch"]["build"]["targets"]
    for path in [*targets["sdist"]["include"], *targets["wheel"]["force-include"]]:
        assert (repository / path.lstrip("/")).exists(), path
    assert (repository / "cogrnn_lab" / "py.typed").exists()


def test_a_wheel_can_be_built_from_the_sdist(settings):
    """It could not: README.md, of which the description is made, was left out, as it is no `readme`."""
    hatch = settings["tool"]["hatch"]
    fragments = {f"/{one['path']}" for one in hatch["metadata"]["hooks"]["fancy-pypi-readme"]["fragments"]}
    assert fragments <= set(hatch["build"]["targets"]["sdist"]["include"])


def test_the_sdist_has_what_the_tests_read(repository, settings):
    """Without README.md and the workflows its tests failed."""
    sources = [path.read_text(encoding="utf-8") for path in (repository / "tests").rglob("*.py")]
    read = {name for source in sources for name in re.findall(r'\brepository / "([^"]+)"', source)}
    assert {"README.md", "pyproject.toml", ".github"} <= read
    always = {"pyproject.toml", "LICENSE"}
    include = settings["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert read - always - {path.split("/")[1] for path in include} == set()
