"""Reports for people: a Markdown file with its figures, and one HTML file that holds everything."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.reports.discovery import write_discovery
from cogrnn_lab.reports.explanation import write_explanation

__all__ = ["write_discovery", "write_explanation"]

check_public(globals(), __all__)
