"""Options of the lab's page, and of the command that opens it for a workshop."""

import argparse
from pathlib import Path
from typing import Any


def add_page(parser: argparse.ArgumentParser, *, after: bool = False) -> None:
    """Options of the lab's page; `after` a command, where what stood before it holds unless said again."""
    again: dict[str, Any] = {"default": argparse.SUPPRESS} if after else {}
    ip: dict[str, Any] = {"default": "127.0.0.1"} | again
    theme: dict[str, Any] = {"default": "light"} | again
    parser.add_argument(
        "--ip",
        help="address to listen on (default: 127.0.0.1, which only this machine reaches; 0.0.0.0: every one)",
        **ip,
    )
    parser.add_argument(
        "--port", type=int, help="port to listen on (default: the first free one from 8866)", **again
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address, with its key",
        **again,
    )  # fmt: skip
    parser.add_argument("--theme", choices=["light", "dark"], help="colors of the page", **theme)


def add_workshop(commands: Any) -> None:
    """The command `workshop`."""
    workshop = commands.add_parser(
        "workshop",
        help="open the lab with the questions of a workshop, or see how far a room is",
        description="Open the lab in the browser with a guided sequence of questions on a two-armed bandit, "
        "and small networks that were discovered before. Answers are kept, a file for each student.",
    )
    workshop.add_argument(
        "--room", metavar="FOLDER", type=Path,
        help="where the answers of everybody in the room are kept, such as a shared folder (default: "
        "cogrnn_runs/workshop)",
    )  # fmt: skip
    workshop.add_argument(
        "--teacher", metavar="FOLDER", type=Path,
        help="open no page, but show how far the students are whose answers are in this folder, or in "
        "folders within it: anew whenever something changes, until Ctrl-C",
    )  # fmt: skip
    add_page(workshop, after=True)
