"""The options of the command line, and what their help says."""

import argparse
from importlib.metadata import version


def parser() -> argparse.ArgumentParser:
    """The parser of `cogrnn-lab` and of `cogrnn-lab fit`."""
    main = argparse.ArgumentParser(
        prog="cogrnn-lab",
        description="Open the lab in the browser. It runs on this machine and outlives its tab.",
    )
    main.add_argument("--version", action="version", version=f"cogrnn-lab {version('cogrnn-lab')}")
    main.add_argument("--port", type=int, help="port on 127.0.0.1 (default: the first free one from 8866)")
    main.add_argument("--no-browser", dest="browser", action="store_false", help="only print the address")
    main.add_argument("--theme", choices=["light", "dark"], default="light", help="colors of the page")
    main.set_defaults(command="lab")
    return main
