"""The command line explains itself."""

import inspect
import re
import subprocess
import sys
from importlib.metadata import version

import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli import main
from cogrnn_lab.cli.fitting import COLUMNS, TWO_STEP_COLUMNS
from cogrnn_lab.cli.options import PENALIZED, as_options, parser


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"cogrnn-lab {version('cogrnn-lab')}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--help"], ["--port", "--no-browser", "--theme", "fit", "explain"]),
        (["explain", "--help"], ["FOUND", "--no-play", "--level", "--subject", "explanation.html", "Ctrl-C"]),
        (["fit", "--help"], ["--held-out-every", "--penalty-latent", "report.md", "stay", "Ctrl-C"]),
    ],
)
def test_help_names_what_matters(arguments, said, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    text = capsys.readouterr().out
    for word in said:
        assert word in text


def test_fit_takes_what_read_table_takes():
    options = parser().parse_args(
        [
            "fit",
            "c.csv",
            "--out",
            "o",
            "--subject",
            "subjID",
            "--no-session",
            "--missed",
            "-1",
            "9",
            "--classes",
            "1",
            "2",
            "--trial",
            "n",
            "--reward",
            "gain",
            "loss",
            "--previous-inputs",
            "second",
            "rt",
            "--options",
            "first",
            "second",
            "--stimulus",
            "cue",
            "--foregone",
            "other",
        ]
    )
    given = {name: getattr(options, name) for name in COLUMNS}
    assert given == {
        "subject": "subjID", "session": None, "choice": "choice", "reward": ["gain", "loss"], "inputs": [],
        "instructed": None, "classes": ["1", "2"], "missed": ["-1", "9"], "trial": "n",
        "previous_inputs": ["second", "rt"], "options": ["first", "second"], "stimulus": ["cue"],
        "foregone": "other",
    }  # fmt: skip
    assert set(COLUMNS) | {"frame_or_csv_path"} == set(inspect.signature(cl.read_table).parameters)
    plain = parser().parse_args(["fit", "c.csv", "--out", "o", "--missed", "--one-subject", "--as-it-stands"])
    assert (plain.missed, plain.subject, plain.trial) == ([], False, False)


def test_two_steps_are_read_by_what_read_two_step_takes():
    taken = set(inspect.signature(cl.read_two_step).parameters)
    assert {*TWO_STEP_COLUMNS, "first", "frame_or_csv_path"} == taken
    options = parser().parse_args(
        ["discover", "c.csv", "--out", "o", "--second", "level2", "--state", "planet"]
    )
    assert (options.second, options.state, options.transition) == ("level2", "planet", None)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("missed=[2] or classes=[0, 1, 2].", "--missed 2 or --classes 0 1 2."),
        ("missed=['no response'] says so", '--missed "no response" says so'),
        ('session=None takes all, with subject="subjID"', "--no-session takes all, with --subject subjID"),
        ('trial="n" sorts by it, trial=False takes', "--trial n sorts by it, --as-it-stands takes"),
        ("subject=False takes all", "--one-subject takes all"),
        ("reward=['gain', 'loss'] takes their sum", "--reward gain loss takes their sum"),
        ('previous_inputs=["level2"] shows it', "--previous-inputs level2 shows it"),
        ('state="..." or transition="..." names', "--state ... or --transition ... names"),
        ("split(every=2, offset=1) leaves nothing", "--held-out-every 2 leaves nothing"),
        ("for that, write split(0.3).", "for that, write --held-out-every 0.3."),
        ("every = 1; expected 2 or more", "--held-out-every 1; expected 2 or more"),
        ("Set block_trials, or hold out more", "Set --block-trials, or hold out more"),
    ],
)
def test_what_the_reader_advises_is_told_as_options(sentence, told):
    assert as_options(sentence) == told


def test_no_option_is_advised_that_discover_lacks():
    """It advised --held-out-every and --block-trials, which are of fit."""
    (commands,) = (action for action in parser()._actions if action.dest == "command")
    known = {name for action in commands.choices["discover"]._actions for name in action.option_strings}
    said = 'missed=[2], hold_out="blocks" or block_trials=5; split(every=2, offset=1), every = 1'
    told = as_options(said, splits=False)
    assert told.startswith("--missed 2, --hold-out blocks or block_trials=5")
    assert set(re.findall(r"--[a-z-]+", told)) <= known
    assert "--block-trials 5" in as_options(said)


def test_without_a_command_it_is_the_lab_with_a_browser():
    options = parser().parse_args([])
    assert (options.command, options.port, options.browser, options.theme) == (None, None, True, "light")


def test_the_lab_page_does_not_wait_for_the_import_of_training():
    script = "import sys; from cogrnn_lab.cli.options import parser; parser(fit=False).parse_args([]); "
    script += "print('jax' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_fit_trains_by_the_default_recipe():
    options = parser().parse_args(["fit", "c.csv", "--out", "o"])
    recipe = cl.DEFAULT_RECIPE
    assert (options.warmup, options.steps, options.batch_size, options.noise) == (
        recipe.warm_up, recipe.steps, recipe.batch_size, recipe.noise,
    )  # fmt: skip
    assert (options.warmup_rate, options.learning_rate) == (recipe.warm_up_rate, recipe.rate)
    given = {name.removeprefix("penalty_"): value for name, value in vars(options).items()}
    for name in (*PENALIZED, "l2"):
        assert given[name] == getattr(recipe.penalties, name)


def test_help_says_the_defaults(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["fit", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert f"steps of the warm-up ({cl.DEFAULT_RECIPE.warm_up})" in text
    assert f"trial to trial ({cl.DEFAULT_RECIPE.penalties.latent})" in text


def test_fit_has_the_recipe_of_the_field_as_default():
    options = parser().parse_args(["fit", "c.csv", "--out", "o"])
    assert (options.warmup, options.steps, options.batch_size, options.latents) == (500, 1500, 128, 5)
    assert (options.penalty_latent, options.l2) == (3e-3, 1e-5)
    others = (options.penalty_update_input, options.penalty_update_latent, options.penalty_choice_latent)
    assert others == (1e-3, 1e-3, 1e-3)
    assert (options.session, options.choice, options.reward, options.subject) == (
        "session", "choice", "reward", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--seeds", "two"], "'two'; expected a whole number of at least 0"),
        (["--equation-starts", "-1"], "-1 is negative; expected a whole number of at least 0"),
        (["--seed", "-1"], "-1 is negative; expected a whole number of at least 0"),
        (["--levels", "a"], "'a' is no number; expected one of at least 0"),
    ],
)
def test_a_number_that_is_none_is_told_in_a_sentence(wrong, said, capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["discover", "c.csv", "--out", "o", *wrong])
    assert f"{wrong[0]}: {said}" in capsys.readouterr().err
