"""The command where the page's own packages are not installed."""

import pytest

import cogrnn_lab.extras
from cogrnn_lab.cli import main


@pytest.mark.parametrize("package", ["voila", "ipykernel"])
def test_the_page_without_its_extra_is_told_in_one_sentence(package, monkeypatch, capsys):
    found = cogrnn_lab.extras.find_spec
    monkeypatch.setattr(cogrnn_lab.extras, "find_spec", lambda name: None if name == package else found(name))
    assert main(["--no-browser"]) == 2
    said = capsys.readouterr().err
    assert said == (
        f"cogrnn-lab: The lab's page needs the package {package}, which is not installed: "
        'pip install "cogrnn-lab[jupyter]"\n'
    )
