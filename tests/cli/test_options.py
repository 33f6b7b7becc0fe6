"""The command line explains itself."""

from importlib.metadata import version

import pytest

from cogrnn_lab.cli import main
from cogrnn_lab.cli.options import parser


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"cogrnn-lab {version('cogrnn-lab')}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--help"], ["--port", "--no-browser", "--theme", "fit"]),
        (["fit", "--help"], ["--held-out-every", "--penalty-latent", "report.md", "stay", "Ctrl-C"]),
    ],
)
def test_help_names_what_matters(arguments, said, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    text = capsys.readouterr().out
    for word in said:
        assert word in text


def test_without_a_command_it_is_the_lab_with_a_browser():
    options = parser().parse_args([])
    assert (options.command, options.port, options.browser, options.theme) == (None, None, True, "light")


def test_fit_has_the_recipe_of_the_field_as_default():
    options = parser().parse_args(["fit", "c.csv", "--out", "o"])
    assert (options.warmup, options.steps, options.batch_size, options.latents) == (500, 1500, 128, 5)
    assert (options.penalty_latent, options.l2) == (3e-3, 1e-5)
    others = (options.penalty_update_input, options.penalty_update_latent, options.penalty_choice_latent)
    assert others == (1e-3, 1e-3, 1e-3)
    assert (options.session, options.choice, options.reward, options.subject) == (
        "session", "choice", "reward", None,
    )  # fmt: skip
