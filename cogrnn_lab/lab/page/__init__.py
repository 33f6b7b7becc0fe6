"""What makes and carries the page."""
