"""Import of networks that other packages trained."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.models.interop.haiku import from_haiku
from cogrnn_lab.models.interop.psychrnn import from_psychrnn

__all__ = ["from_haiku", "from_psychrnn"]

check_public(globals(), __all__)
