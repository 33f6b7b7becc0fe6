"""The live lab: widgets over the same Python interface that a notebook uses."""

from cogrnn_lab.lab.app import Lab
from cogrnn_lab.lab.settings.state import LabState

__all__ = ["Lab", "LabState"]
