"""Update rules and choice rule of a model with 5 latents."""

from ..bench import Bench
from ..command import run_row
from ..lines import Line, compared


def measure(bench: Bench) -> list[Line]:
    comparison = bench.compare("rules", latents=5)
    return [compared("update + choice rules, 5 latents", comparison, target="100× / 50 ms")]


if __name__ == "__main__":
    run_row(measure)
