"""What a trial says while it goes."""

import sys


def say(text: object) -> None:
    """Say it at once, whoever reads it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
