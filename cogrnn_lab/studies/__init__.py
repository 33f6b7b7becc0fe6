"""Many fits in one folder: what is finished stays, and what was interrupted goes on."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.studies.study import Study

__all__ = ["Study"]

check_public(globals(), __all__)
