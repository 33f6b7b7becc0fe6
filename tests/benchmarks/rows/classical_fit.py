"""Maximum likelihood of Q-learning for many subjects; no peer fits agents."""

from ..bench import Bench
from ..command import run_row
from ..comparison import Spread
from ..lines import Line, duration

SIZES = {"subjects": 20, "sessions": 10, "trials": 200}


def measure(bench: Bench) -> list[Line]:
    fit = bench.prepared(bench.ours, "classical_fit", **SIZES)
    seconds = Spread.of([fit() for _ in range(bench.repeats)])
    work = "fit Q-learning to {subjects} subjects, {sessions} sessions of {trials} trials each".format(
        **SIZES
    )
    spread = f"quartiles {duration(seconds.low)} – {duration(seconds.high)}"
    return [Line(work, duration(seconds.median), remark=f"default starts; {spread}")]


if __name__ == "__main__":
    run_row(measure)
