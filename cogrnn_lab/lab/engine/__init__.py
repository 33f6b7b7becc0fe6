"""What trains behind the lab: runs, the worker, saved runs."""
