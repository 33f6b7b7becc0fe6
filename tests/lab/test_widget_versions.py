"""What differs between ipywidgets 7, which Colab has, and ipywidgets 8."""

import pytest
from ipywidgets import FileUpload
from uploads import send

from cogrnn_lab.lab.page import widget_versions
from cogrnn_lab.lab.page.widget_versions import forget_upload, themed, uploaded_file

OLD = {"a.csv": {"metadata": {"name": "a.csv", "size": 3}, "content": b"x,y"}}
NEW = ({"name": "a.csv", "size": 3, "content": memoryview(b"x,y")},)


@pytest.mark.parametrize("value", [OLD, NEW])
def test_an_upload_is_read_in_either_form(value):
    assert uploaded_file(value) == ("a.csv", b"x,y")


def test_an_upload_that_is_forgotten_tells_of_the_same_file_again():
    upload = FileUpload()
    told = []
    upload.observe(lambda change: told.append(bool(change.new)), "value")
    for _ in range(2):
        send(upload, "a.csv", b"x,y")
        forget_upload(upload)
    assert told == [True, False, True, False]


def test_a_color_of_the_theme_is_one_that_either_version_knows(monkeypatch):
    monkeypatch.setattr(widget_versions, "IS_EIGHT", True)
    assert themed("--jp-layout-color1", "#ffffff") == "var(--jp-layout-color1, #ffffff)"
    monkeypatch.setattr(widget_versions, "IS_EIGHT", False)
    assert themed("--jp-layout-color1", "#ffffff") == "#ffffff"
