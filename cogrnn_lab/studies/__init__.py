"""Many fits in one folder: what is finished stays, and what was interrupted goes on."""

from cogrnn_lab.studies.study import Study

__all__ = ["Study"]
