"""The built-in trial tasks."""
