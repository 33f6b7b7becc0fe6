"""Speed of this package against the packages that it is compared with: `python -m tests.benchmarks`."""
