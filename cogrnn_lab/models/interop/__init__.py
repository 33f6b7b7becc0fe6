"""Import of networks that other packages trained."""

from cogrnn_lab.models.interop.haiku import from_haiku

__all__ = ["from_haiku"]
