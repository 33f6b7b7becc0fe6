"""The rows of the table, a script each: `python -m tests.benchmarks.rows.gru_step`."""
