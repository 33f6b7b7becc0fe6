"""The live lab: widgets over the same Python interface that a notebook uses."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.lab.app import Lab
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.catalog import register_network
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.lab.view import View
from cogrnn_lab.lab.workshop.progress import workshop_progress

__all__ = ["Lab", "LabState", "Panel", "View", "register", "register_network", "workshop_progress"]

check_public(globals(), __all__)
