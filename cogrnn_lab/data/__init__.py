"""Recorded and simulated behavior in one container, and the readers that fill it."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.outcome_scale import OutcomeScale
from cogrnn_lab.data.published_sets import fetch, published, published_names, published_set
from cogrnn_lab.data.reading.click_table import read_clicks
from cogrnn_lab.data.reading.designs.two_step import read_two_step
from cogrnn_lab.data.reading.table import read_table
from cogrnn_lab.data.subjects import join_subjects
from cogrnn_lab.data.trial_arrays import TrialArrays

__all__ = [
    "Dataset",
    "OutcomeScale",
    "TrialArrays",
    "fetch",
    "join_subjects",
    "published",
    "published_names",
    "published_set",
    "read_clicks",
    "read_table",
    "read_two_step",
]

check_public(globals(), __all__)
