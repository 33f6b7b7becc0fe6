"""The `cogrnn-lab` command: open the lab in the browser, or work on a table of choices without one."""

import os
import sys
from collections.abc import Sequence

from cogrnn_lab.cli.options import parser
from cogrnn_lab.extras import check_extra

# One of Jupyter's checks of configuration files would compile a grammar of web addresses, which takes as long
# as everything else here together; without this package it leaves the check out.
sys.modules.setdefault("rfc3987_syntax", None)  # pyright: ignore[reportArgumentType]

ROOM = "COGRNN_LAB_ROOM"  # variable in which the page of a workshop finds the folder of its room


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; wrong input is one sentence and code 2."""
    given = sys.argv[1:] if argv is None else argv
    options = parser(fit=bool({"fit", "discover"} & set(given))).parse_args(given)
    if options.command == "fit":
        from cogrnn_lab.cli.fitting import fit_table

        return fit_table(options, own_process=argv is None)
    if options.command == "discover":
        from cogrnn_lab.cli.discovering import discover_table

        return discover_table(options, own_process=argv is None)
    if options.command == "explain":
        from cogrnn_lab.cli.explaining import explain_found

        return explain_found(options, own_process=argv is None)
    if options.command == "study":
        from cogrnn_lab.cli.studying import study_file

        return study_file(options)
    if options.command == "notebooks":
        from cogrnn_lab.cli.notebooks import copy_notebooks

        return copy_notebooks(options.folder)
    if options.command == "workshop" and options.teacher is not None:
        from cogrnn_lab.cli.teaching import show_progress

        return show_progress(options.teacher)
    try:
        for package in ("voila", "ipykernel"):
            check_extra(package, "jupyter", "The lab's page")
    except ModuleNotFoundError as error:
        print(f"cogrnn-lab: {error}", file=sys.stderr)
        return 2
    from cogrnn_lab.cli.page import WORKSHOP, NoSuchAddress, PortInUse, serve

    page = None  # the lab
    if options.command == "workshop":
        page = WORKSHOP
        os.environ[ROOM] = "" if options.room is None else str(options.room.absolute())
    try:
        serve(
            ip=options.ip, port=options.port, theme=options.theme, browser=options.browser, notebook=page
        )  # fmt: skip
    except (NoSuchAddress, PortInUse) as error:
        print(f"cogrnn-lab: {error}", file=sys.stderr)
        return 2
    return 0
