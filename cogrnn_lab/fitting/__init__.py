"""Maximum likelihood of agents: from choices to the numbers of a classical model."""

from cogrnn_lab.fitting.fit import fit_agent
from cogrnn_lab.fitting.result import AgentFit

__all__ = ["AgentFit", "fit_agent"]
