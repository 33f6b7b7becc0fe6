#!/usr/bin/env python3
"""Open the lab, or run every check, from a fresh checkout: needs python3 and nothing else.

    python3 start.py lab  [options of cogrnn-lab]
    python3 start.py test [options of pytest]

The first run makes a virtual environment in .venv, of the newest Python that it finds, and installs the
package there, editable, with what it needs; later runs skip that until pyproject.toml changes. `--extra
cuda12` or `--extra cuda13` before the command adds JAX for NVIDIA GPUs.
"""

from __future__ import annotations  # so that an older Python reads far enough to say that it is too old

import argparse
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "cogrnn_lab_install.json"
# Two processes, a file of tests in one of them: most of the time is compilation, which two cores share well.
# A process that crashes ends the run: pytest-xdist may wait for ever for one that it starts in its place.
IN_PARALLEL = ("-n", "2", "--dist", "loadfile", "--max-worker-restart", "0", "--timeout", "1200")
OLDEST, NEWEST = (3, 11), (3, 13)  # Pythons that the package is tested with
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says and return its exit code."""
    if sys.version_info < OLDEST:
        newer = find_python()
        if newer == sys.executable:
            sys.exit(f"cogrnn_lab needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
        return become([newer, __file__, *(sys.argv[1:] if argv is None else argv)])
    arguments = _parser().parse_args(argv)
    extras = {"jupyter", *arguments.extra} | ({"test"} if arguments.command == "test" else set())
    make_environment()
    install(extras)
    if arguments.command == "test":
        return run_checks(arguments.options)
    return become([tool("cogrnn-lab"), *arguments.options])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument(
        "--extra", action="append", default=[], choices=["cuda12", "cuda13"], help="also install this extra"
    )
    parser.add_argument(
        "command", choices=["lab", "test"], help="open the lab in the browser, or run every check"
    )
    parser.add_argument("options", nargs=argparse.REMAINDER, help="passed on to cogrnn-lab or to pytest")
    return parser


def tool(name: str) -> str:
    """The path of an executable inside the environment."""
    folder = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
    return str(folder / name)


def make_environment() -> None:
    """Make .venv unless a working one is there."""
    if shutil.which(tool("python")) and run([tool("python"), "-c", "import pip"], quiet=True) == 0:
        return
    python = find_python()
    # Debian ships it apart from python3
    if python == sys.executable and importlib.util.find_spec("ensurepip") is None:
        apt_install(["python3-venv"], "to make a virtual environment")
    say(f"Making a virtual environment of {python} in {ENVIRONMENT}")
    command = [python, "-m", "venv", "--clear", str(ENVIRONMENT)]
    if run(command) != 0:
        sys.exit(f"The virtual environment could not be made; the command was: {shlex.join(command)}")


def find_python() -> str:
    """The newest Python on the path that the package is tested with; this one where it is as new.

    One that cannot make a virtual environment, as Debian's without python3-venv, is passed over.
    """
    for minor in range(NEWEST[1], max(sys.version_info[1], OLDEST[1] - 1), -1):
        found = shutil.which(f"python3.{minor}")
        if found and run([found, "-c", "import ensurepip, venv"], quiet=True) == 0:
            return found
    return sys.executable


def install(extras: set[str]) -> None:
    """Install the package, editable, with `extras` and those of earlier runs, unless it stands so already."""
    stamp = json.loads(STAMP.read_text()) if STAMP.is_file() else {}
    wanted = sorted(extras | set(stamp.get("extras", [])))
    new_stamp = {
        "project": hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest(),
        "extras": wanted,
        "root": str(ROOT),
    }
    if stamp == new_stamp:
        return
    say("Installing cogrnn_lab and what it needs into .venv (a few minutes the first time)")
    target = f"{ROOT}[{','.join(wanted)}]" if wanted else str(ROOT)
    pip = [
        tool("python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--editable",
        target,
    ]
    if run(pip) != 0:
        sys.exit("The installation failed; what pip says above tells why. Is the package index reachable?")
    partial = STAMP.with_name(f"{STAMP.name}.partial")
    partial.write_text(json.dumps(new_stamp))
    partial.replace(STAMP)  # at once: half a stamp would end every later start


def run_checks(pytest_options: Sequence[str]) -> int:
    """Lint, formatting, types, then the tests; the first that fails ends the run with its exit code."""
    browser = find_browser()
    checks = (
        ("Lint", [tool("ruff"), "check", "."]),
        ("Formatting", [tool("ruff"), "format", "--check", "."]),
        ("Types", [tool("pyright"), "--pythonpath", tool("python")]),
        ("Tests", [tool("python"), "-m", "pytest", *IN_PARALLEL, *pytest_options]),
    )
    for name, command in checks:
        say(f"{name}: {shlex.join([Path(command[0]).name, *command[1:]])}")
        code = run(command, COGRNN_LAB_BROWSER=browser or "", PYRIGHT_PYTHON_IGNORE_WARNINGS="1")
        if code != 0:
            return code
    return 0


def find_browser() -> str | None:
    """The Chromium that the browser tests drive; installed where there is none and the system has apt-get."""
    named = os.environ.get("COGRNN_LAB_BROWSER")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and shutil.which("apt-get"):
        apt_install(["chromium", "fonts-dejavu-core"], "to test the lab in a browser")
        found = shutil.which("chromium")
    if found is None:
        say("No Chromium found: the tests in the browser are skipped (COGRNN_LAB_BROWSER may name one)")
    return found


def apt_install(packages: Sequence[str], purpose: str) -> None:
    """Install Debian packages as root or by sudo without a password; else stop and say what to type."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    as_root = _as_root()
    if shutil.which("apt-get") is None or as_root is None:
        sys.exit(
            f"{' and '.join(packages)} must be installed {purpose}, which needs root here. "
            f"Type this, then the same command again: sudo {shlex.join(command)}"
        )
    say(f"Installing {' and '.join(packages)} {purpose}")
    quietly = ["env", "DEBIAN_FRONTEND=noninteractive"]
    run(
        [*as_root, *quietly, "apt-get", "update", "-qq"]
    )  # an unreachable list is no reason to stop: install tells
    if run([*as_root, *quietly, *command]) != 0:
        sys.exit(f"apt-get could not install {' and '.join(packages)}; what it says above tells why.")


def _as_root() -> list[str] | None:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    if shutil.which("sudo") and run(["sudo", "-n", "true"], quiet=True) == 0:
        return ["sudo", "-n"]
    return None


def run(command: Sequence[str], *, quiet: bool = False, **variables: str) -> int:
    """The exit code of a command run in the checkout, with more environment `variables`."""
    silence = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **variables}, stdout=silence, stderr=silence
    )
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # Ctrl-C reached the command too: let it end in its own way
            continue


def become(command: Sequence[str]) -> int:
    """Run the command in place of this process, so that whatever ends this one ends it."""
    if os.name == "nt":  # there a process cannot be replaced
        return run(command)
    sys.stdout.flush()
    os.execv(command[0], list(command))


def say(sentence: str) -> None:
    """Tell the user what happens now, in order with what the commands print."""
    print(f"[start] {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
