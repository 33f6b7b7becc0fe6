"""What the lab says when training is done."""

from types import SimpleNamespace

import pytest

from cogrnn_lab.lab.figures.learning import Curve
from cogrnn_lab.lab.run import STAY
from cogrnn_lab.lab.runner import FINISHED
from cogrnn_lab.lab.status_sentences import status_sentence


@pytest.mark.parametrize(
    ("training", "held_out", "reference", "said"),
    [
        (
            0.75,
            0.52,
            (STAY, 0.70),
            "better: it knows its own sessions by heart",
        ),
        (0.53, 0.52, (STAY, 0.70), "it has learned too little"),
        (0.75, 0.71, (STAY, 0.70), "Done. To go on"),
        (0.75, 0.52, ("generating agent", 0.70), "Done. To go on"),  # no network beats that one
        (0.75, 0.52, None, "Done. To go on"),
    ],
)
def test_a_run_that_a_baseline_beats_is_told_with_what_to_do(training, held_out, reference, said):
    curve = Curve(likelihood=[training], valid_likelihood=[held_out], reference=reference)
    run = SimpleNamespace(curriculum=None, held_out=object(), curve=curve)
    assert said in status_sentence(FINISHED, run)


def test_without_held_out_sessions_nothing_is_compared():
    curve = Curve(likelihood=[0.6], reference=(STAY, 0.7))
    run = SimpleNamespace(curriculum=None, held_out=None, curve=curve)
    assert status_sentence(FINISHED, run).startswith("Done. To go on")
