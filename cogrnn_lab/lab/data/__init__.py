"""Where the lab's data come from."""
