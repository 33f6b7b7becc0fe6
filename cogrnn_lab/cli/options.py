"""Options of the command line and their help texts."""

import argparse
import ast
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cogrnn_lab.cli.descriptions import DISCOVER, DISCOVERED, EXPLAIN, EXPLAINED, FILES, FIT, STUDY
from cogrnn_lab.cli.page_options import add_page, add_workshop

# The bottleneck groups of the network that `fit` trains.
PENALIZED = ("latent", "update_input", "update_latent", "choice_latent")


def parser(*, fit: bool = True) -> argparse.ArgumentParser:
    """Make the parser of `cogrnn-lab`, and of its commands unless `fit`, their options, is not asked for.

    The defaults of `fit` are those of training, which takes seconds to import; the lab's page need not wait.
    """
    main = argparse.ArgumentParser(
        prog="cogrnn-lab",
        description="Open the lab in the browser. It runs on this machine and outlives its tab; its page "
        "asks for the key in the printed address. `cogrnn-lab fit --help`, `cogrnn-lab discover --help` and "
        "`cogrnn-lab explain --help` are about working without one.",
    )
    main.add_argument("--version", action="version", version=f"cogrnn-lab {version('cogrnn-lab')}")
    add_page(main)
    commands = main.add_subparsers(dest="command", metavar="{fit,discover,explain,study,notebooks,workshop}")
    _add_fit(commands, with_options=fit)
    _add_discover(commands, with_options=fit)
    _add_explain(commands)
    _add_study(commands)
    notebooks = commands.add_parser("notebooks", help="copy the notebooks that teach into a folder")
    notebooks.add_argument("folder", metavar="DIR", type=Path, help="new or not; a notebook there is kept")
    add_workshop(commands)
    return main


def _add_fit(commands, *, with_options: bool) -> None:
    fit = _add_command(
        commands, "fit", "fit a table of choices without a browser", FIT, FILES, "must be empty or not exist"
    )
    if not with_options:
        return
    _add_columns(fit.add_argument_group("columns of the table"))
    _add_two_step(fit.add_argument_group("columns of a two-step task"))
    _add_network(fit.add_argument_group("network"))
    _add_training(fit.add_argument_group("training"))
    _add_penalties(fit.add_argument_group("penalties: weight of information, in loss per nat and choice"))


def _add_discover(commands, *, with_options: bool) -> None:
    discover = _add_command(
        commands,
        "discover",
        "discover the model behind a table of choices",
        DISCOVER,
        DISCOVERED,
        "one of the same command goes on",
    )
    if not with_options:
        return
    _add_columns(discover.add_argument_group("columns of the table"))
    _add_two_step(discover.add_argument_group("columns of a two-step task"))
    _add_network(discover.add_argument_group("network"))
    _add_path(discover.add_argument_group("penalty path"))
    _add_beside(discover.add_argument_group("equations and models beside it"))


def _add_explain(commands) -> None:
    explain = commands.add_parser(
        "explain",
        help="explain what was found, as a story with figures",
        description=EXPLAIN,
        epilog=EXPLAINED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explain.add_argument("found", metavar="FOUND", help="folder of a discovery or a fit, or file of a run")
    _add_table_and_folder(explain, "must be empty or not exist")
    _add(explain, "--seed", 0, "of what is played; the same seed gives the same story", type=_count)
    explain.add_argument(
        "--level",
        metavar="N",
        type=_count,
        help="explain the network of another level of the discovery's path, which then has no equations",
    )
    explain.add_argument(
        "--no-play",
        dest="plays",
        action="store_false",
        help="leave out how the network behaves when it plays, which takes most of the time",
    )
    _add_columns(explain.add_argument_group("columns of the table"))
    _add_two_step(explain.add_argument_group("columns of a two-step task"))


def _add_study(commands) -> None:
    study = commands.add_parser(
        "study",
        help="train many networks, as a TOML file describes them",
        description=STUDY,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    study.add_argument("study", metavar="STUDY.toml", help="what is trained on what")
    study.add_argument("--out", metavar="DIR", help="folder of the study (default: STUDY, beside the file)")
    study.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers train the runs")
    study.add_argument("--retry-failed", action="store_true", help="try runs that failed again")


def _add_command(
    commands, name: str, help: str, description: str, epilog: str, folder: str
) -> argparse.ArgumentParser:
    """A command that reads a table and writes into a folder."""
    command = commands.add_parser(
        name,
        help=help,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_table_and_folder(command, folder)
    return command


def _add_table_and_folder(command: argparse.ArgumentParser, folder: str) -> None:
    command.add_argument("table", metavar="DATA.csv", help="CSV file, one row per trial")
    command.add_argument("--out", required=True, metavar="DIR", help=f"folder to write; {folder}")
    command.add_argument("--overwrite", action="store_true", help="write into --out although it has files")


def _add_columns(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--subject", metavar="COLUMN", help="who chose (default: all trials are of one subject)"
    )
    group.add_argument("--session", metavar="COLUMN", default="session", help="default: %(default)s")
    group.add_argument(
        "--no-session",
        dest="session",
        action="store_const",
        const=None,
        help="all trials of a subject are one session",
    )
    group.add_argument("--choice", metavar="COLUMN", default="choice", help="text or whole numbers")
    group.add_argument(
        "--classes", metavar="LABEL", nargs="+", help="the alternatives in the column of choices, in order"
    )
    group.add_argument(
        "--missed",
        metavar="LABEL",
        nargs="*",
        help="labels in the column of choices that are trials without a choice, beside empty cells (default: "
        "what can be nothing else, as -1 beside names; what may be a choice is refused)",
    )
    group.add_argument(
        "--reward",
        metavar="COLUMN",
        nargs="+",
        default="reward",
        help="default: reward; several are summed, such as gains and losses",
    )
    group.add_argument(
        "--trial",
        metavar="COLUMN",
        help="trial numbers: rows are sorted by them, and numbers left out are missed trials",
    )
    _add_shown_columns(group)


def _add_shown_columns(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--inputs",
        metavar="COLUMN",
        nargs="+",
        default=[],
        help="further columns that the network is shown before the choice of their row",
    )
    group.add_argument(
        "--previous-inputs",
        metavar="COLUMN",
        nargs="+",
        default=[],
        help="columns known only after the choice, which are shown on the next trial",
    )
    group.add_argument(
        "--stimulus",
        metavar="COLUMN",
        nargs="+",
        default=[],
        help="columns of kinds (text or numbers) shown before the choice, an input for each kind",
    )
    group.add_argument(
        "--foregone",
        metavar="COLUMN",
        help="what the other alternative would have paid, which is shown on the next trial",
    )
    group.add_argument(
        "--options",
        metavar="COLUMN",
        nargs="+",
        help="what was on offer: a column of lists, columns of an alternative each, or of 1 and 0 by class",
    )
    group.add_argument(
        "--instructed", metavar="COLUMN", help="1 where the choice was prescribed and is not to be predicted"
    )
    group.add_argument(
        "--one-subject",
        dest="subject",
        action="store_const",
        const=False,
        help="all trials are of one subject, though a column is called as people are",
    )
    group.add_argument(
        "--as-it-stands",
        dest="trial",
        action="store_const",
        const=False,
        help="the rows are in order, though a column of trial numbers says otherwise",
    )


def _add_two_step(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--second",
        metavar="COLUMN",
        help="the second choice: the table is of two-step trials, whose first choice is the column --choice",
    )
    group.add_argument("--state", metavar="COLUMN", help="the second state, of two labels")
    group.add_argument(
        "--transition", metavar="COLUMN", help="instead of --state: common or rare, or 1 and 0"
    )


def _add_network(group: argparse._ArgumentGroup) -> None:
    sizes = {
        "--latents": (5, "latent variables"),
        "--update-width": (8, "units in a layer of an update network"),
        "--update-depth": (4, "its layers"),
        "--choice-width": (4, "units in a layer of the choice network"),
        "--choice-depth": (2, "its layers"),
    }
    for option, (default, help) in sizes.items():
        _add(group, option, default, help, type=_count, metavar="N")


def _add_training(group: argparse._ArgumentGroup) -> None:
    from cogrnn_lab.training.recipe import DEFAULT_RECIPE as recipe

    steps = {"type": _count, "metavar": "STEPS"}
    _add(group, "--warmup", recipe.warm_up, "steps of the warm-up", **steps)
    _add(group, "--steps", recipe.steps, "penalized steps", **steps)
    _add(group, "--batch-size", recipe.batch_size, "sessions in a step", type=_count, metavar="N")
    rate = {"type": _number, "metavar": "RATE"}
    _add(group, "--warmup-rate", recipe.warm_up_rate, "learning rate of the warm-up", **rate)
    _add(group, "--learning-rate", recipe.rate, "learning rate after the warm-up", **rate)
    _add(group, "--noise", recipe.noise, "scale of the bottlenecks' noise", type=_number, metavar="SCALE")
    _add(group, "--seed", 0, "the same seed gives the same run", type=_count)
    group.add_argument(
        "--hold-out",
        choices=["sessions", "subjects", "blocks"],
        help="what is held out: sessions of each subject (default), whole subjects, or blocks of trials "
        "within each session, as for people with one session each",
    )
    help = "hold out every Nth of them, or a fraction such as 0.2"
    _add(group, "--held-out-every", 2, help, type=_every, metavar="N")
    group.add_argument(
        "--block-trials",
        type=_count,
        metavar="N",
        help="trials of a block, with --hold-out blocks (default: about 25)",
    )
    _add(group, "--report-every", 50, "steps between reports", **steps)


def _add_path(group: argparse._ArgumentGroup) -> None:
    _add(group, "--seeds", 5, "networks trained side by side", type=_count, metavar="N")
    _add(group, "--seed", 0, "of the first network; the same seed gives the same discovery", type=_count)
    group.add_argument(
        "--levels",
        metavar="PRICE",
        nargs="+",
        type=_number,
        help="penalties of the path, ascending, in multiples of the default ones (default: in steps until "
        "nothing varies any more)",
    )
    _add(group, "--warmup", 1000, "most steps of the warm-up", type=_count, metavar="STEPS")
    _add(group, "--level-steps", 1000, "most steps of a level", type=_count, metavar="STEPS")
    group.add_argument("--batch-size", type=_count, metavar="N", help="sessions in a step")
    group.add_argument(
        "--hold-out",
        choices=["sessions", "subjects", "blocks"],
        help="what is chosen by and reported: sessions, whole subjects, or blocks of trials within each "
        "session (default: sessions, or blocks where these are few)",
    )
    group.add_argument(
        "--one-network",
        action="store_true",
        help="do not try a network that knows its subjects beside one for all",
    )
    group.add_argument(
        "--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers make the parts of the discovery"
    )
    group.add_argument(
        "--best",
        action="store_true",
        help="choose the level of the highest likelihood, not the simplest near it",
    )
    group.add_argument(
        "--n-latents", type=_count, metavar="N", help="choose the best level with this many latents"
    )


def _add_beside(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--no-equations", dest="equations", action="store_false", help="do not look for equations"
    )
    _add(group, "--equation-latents", 4, "most latents of their random starts", type=_count, metavar="N")
    _add(group, "--equation-starts", 4, "random starts of each size", type=_count, metavar="N")
    group.add_argument(
        "--classical",
        metavar="NAME",
        nargs="*",
        help="classical models to compare with, by the names of cogrnn_lab.classical_models() (default: all)",
    )
    _add(group, "--gru-units", 16, "units of the GRU; 0 for none", type=_count, metavar="N")
    group.add_argument(
        "--no-story",
        dest="story",
        action="store_false",
        help="leave out of the report what the network does, which cogrnn-lab explain tells at any time",
    )


def _add_penalties(group: argparse._ArgumentGroup) -> None:
    from cogrnn_lab.models.group_names import group_name
    from cogrnn_lab.training.recipe import DEFAULT_RECIPE as recipe

    weight = {"type": _number, "metavar": "X"}
    defaults = recipe.penalties.as_dict()
    for name in PENALIZED:
        option = f"--penalty-{name.replace('_', '-')}"
        _add(group, option, defaults[name], f"on {group_name(name).description}", **weight)
    _add(group, "--l2", defaults["l2"], f"on the {group_name('l2').description}", **weight)


def _add(
    group: argparse._ActionsContainer, option: str, default: int | float, help: str, **kind: Any
) -> None:
    group.add_argument(option, default=default, help=f"{help} (%(default)s)", **kind)


# arguments of `read_table`, `read_two_step` and `split` that are options
_AS_OPTIONS = (
    "subject|session|choice|first|second|state|transition|reward|classes|missed|trial|inputs|previous_inputs|"
    "stimulus|options|foregone|instructed|hold_out"
)
# how `split` speaks of its numbers
_OF_SPLIT = {
    r"\bsplit\(every=([\d.]+), offset=\d+\)": r"--held-out-every \1",
    r"\bsplit\((0\.\d+)\)": r"--held-out-every \1",
    r"\bevery = ": "--held-out-every ",
    r"\bblock_trials = ": "--block-trials ",
    r"\bblock_trials\b(?!=)": "--block-trials",
}


def as_options(sentence: str, *, splits: bool = True) -> str:
    """A sentence of `read_table` or `split` with its arguments as options of the command line.

    Arguments: `splits`, whether the command has options for how much is held out, which `discover` has not.
    """
    for said, told in _OF_SPLIT.items() if splits else ():
        sentence = re.sub(said, told, sentence)
    value = r"(\[[^\]]*\]|\"[^\"]*\"|None|False|\d+)"
    options = f"{_AS_OPTIONS}|block_trials" if splits else _AS_OPTIONS
    return re.sub(rf"\b({options})={value}", _as_option, sentence)


def _as_option(found: re.Match[str]) -> str:
    name, value = found[1], found[2] if found[2][0].isdigit() else ast.literal_eval(found[2])
    special = {("session", None): "--no-session", ("subject", False): "--one-subject"}
    special |= {("trial", False): "--as-it-stands"}
    if not isinstance(value, (str, list)):
        return special.get((name, value), found[0])
    values = [str(one) for one in (value if isinstance(value, list) else [value])]
    quoted = [f'"{one}"' if " " in one else one for one in values]
    option = "choice" if name == "first" else name.replace("_", "-")
    return " ".join([f"--{option}", *quoted])


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a whole number of at least 0") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative; expected a whole number of at least 0")
    return number


def _every(text: str) -> int | float:
    """A count, or a fraction."""
    return _number(text) if "." in text else _count(text)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number; expected one of at least 0") from None
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number of at least 0")
    return number
