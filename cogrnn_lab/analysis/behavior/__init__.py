"""Statistics of behavior."""
