"""Recorded and simulated behavior in one container, and the readers that fill it."""

from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.table import read_table

__all__ = ["Dataset", "read_table"]
