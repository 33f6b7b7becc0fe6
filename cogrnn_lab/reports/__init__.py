"""Reports for people: a Markdown file with its figures, and one HTML file that holds everything."""

from cogrnn_lab.reports.discovery import write_discovery

__all__ = ["write_discovery"]
