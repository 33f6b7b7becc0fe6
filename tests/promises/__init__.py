"""What docs/promises.md promises, tried again and counted: `python -m tests.promises`."""
