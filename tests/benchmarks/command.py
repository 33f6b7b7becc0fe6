"""The command line: all rows, or one."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .bench import Bench
from .lines import Line, markdown
from .machine import describe_machine
from .peer_environments import default_folder
from .processes import WorkFailed

Row = Callable[[Bench], list[Line]]


def run_row(measure: Row, argv: Sequence[str] | None = None) -> None:
    """Measure one row; the ratio is the last line that is printed."""
    arguments = _parser().parse_args(argv)
    with Bench(arguments.peers, arguments.repeats, arguments.processor_time) as bench:
        lines = measure(bench)
    print(_conditions(arguments), markdown(lines), lines[-1].ratio, sep="\n\n")


def run_rows(rows: dict[str, Row], argv: Sequence[str] | None = None) -> None:
    """Measure the rows that the command line names, or all, and print their table."""
    parser = _parser()
    parser.add_argument(
        "--rows", nargs="+", choices=rows, default=list(rows), metavar="NAME", help=", ".join(rows)
    )
    arguments = parser.parse_args(argv)
    lines, failed = [], False
    with Bench(arguments.peers, arguments.repeats, arguments.processor_time) as bench:
        for name in arguments.rows:
            try:
                measured = rows[name](bench)
            except WorkFailed as failure:
                print(failure, file=sys.stderr)
                measured, failed = [Line(name, "failed")], True
            lines += measured
            for line in measured:  # a long run shows how far it is
                print(f"{line.work}: {line.ours} | {line.peer} | {line.ratio}", file=sys.stderr, flush=True)
    print(_conditions(arguments), markdown(lines), sep="\n\n")
    sys.exit(failed)


def _conditions(arguments: argparse.Namespace) -> str:
    """The machine, and how it was measured."""
    measured = "processor time" if arguments.processor_time else "time"
    return f"{describe_machine()}; {measured}, {arguments.repeats} rounds in turns"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Time this package against the packages that it is compared with, in turns.",
    )
    parser.add_argument("--repeats", type=int, default=9, help="how often each side is measured (default: 9)")
    parser.add_argument(
        "--peers", type=Path, default=default_folder(), help="folder of the peers' virtual environments"
    )
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="of steps and analyses, count the seconds that cores worked: where the machine does other work "
        "too, and no measure of how well several cores are used",
    )
    return parser
