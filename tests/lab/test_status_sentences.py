"""What the lab says when training is done."""

import pytest

from cogrnn_lab.analysis.scoring.baseline import STAY
from cogrnn_lab.lab.engine.status_sentences import caution
from cogrnn_lab.lab.figures.learning import Curve


@pytest.mark.parametrize(
    ("training", "held_out", "reference", "said"),
    [
        (0.75, 0.52, (STAY, 0.70), "it knows its own sessions by heart. Raise the penalties"),
        (0.53, 0.52, (STAY, 0.70), "it has learned too little"),
        (0.75, 0.71, (STAY, 0.70), ""),
        (0.75, 0.52, ("generating agent", 0.70), ""),  # no network beats that one
        (0.75, 0.52, None, ""),
    ],
)
def test_a_run_that_a_baseline_beats_is_told_with_what_to_do(training, held_out, reference, said):
    told = caution(Curve(likelihood=[training], valid_likelihood=[held_out], reference=reference))
    assert said in told
    assert bool(said) == told.startswith("Done, but the stay baseline predicts the held-out sessions better")


def test_without_held_out_sessions_nothing_is_compared():
    assert caution(Curve(likelihood=[0.6], reference=(STAY, 0.7))) == ""
