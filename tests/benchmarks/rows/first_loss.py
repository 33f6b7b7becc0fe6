"""From a click to the first loss in a cold process, with the lab's own settings."""

import tempfile
from pathlib import Path

from ..bench import Bench
from ..command import run_row
from ..comparison import Comparison, in_turns
from ..lines import Line, compared, duration
from ..peer_environments import DISENTANGLED_RNNS

# Sessions of a batch, sessions that are trained on, and trials: the defaults of the lab.
SIZES = {"batch": 64, "sessions": 200, "trials": 200}


def measure(bench: Bench) -> list[Line]:
    """With nothing compiled before; then with a cache of what an earlier process has compiled."""
    with tempfile.TemporaryDirectory() as folder:
        warm_cache = {"COGRNN_LAB_COMPILATION_CACHE": str(Path(folder))}
        _ours(bench, warm_cache)
        warm, warm_imports = _compared(bench, warm_cache)
    cold, cold_imports = _compared(bench, {})
    remark = (
        "ours: makes data and widgets too; imports take another {}; the peer: its first step on made data"
    )
    return [
        compared(
            "click to first loss, warm compilation cache",
            warm,
            target="2 s",
            remark=remark.format(duration(warm_imports)),
        ),
        compared(
            "click to first loss, nothing compiled",
            cold,
            target="3× and ≤ 5 s",
            remark=remark.format(duration(cold_imports)),
        ),
    ]


def _compared(bench: Bench, variables: dict[str, str]) -> tuple[Comparison, float]:
    imports: list[float] = []

    def ours() -> float:
        seconds, importing = _ours(bench, variables)
        imports.append(importing)
        return seconds

    return in_turns(ours, lambda: _theirs(bench), max(bench.repeats // 2, 1)), min(imports)


def _ours(bench: Bench, variables: dict[str, str]) -> tuple[float, float]:
    with bench.fresh(**variables) as process:
        answer = process.ask("first_loss", times=0)
        seconds = answer.result["first loss"]
        return seconds, process.import_seconds + answer.result["import"]


def _theirs(bench: Bench) -> float:
    with bench.fresh(DISENTANGLED_RNNS) as process:
        return process.ask("first_loss", times=0, **SIZES).result["first loss"]


if __name__ == "__main__":
    run_row(measure)
