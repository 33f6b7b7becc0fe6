"""Maximum likelihood of agents: from choices to the numbers of a classical model."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.fitting.fit import fit_agent
from cogrnn_lab.fitting.result import AgentFit

__all__ = ["AgentFit", "fit_agent"]

check_public(globals(), __all__)
