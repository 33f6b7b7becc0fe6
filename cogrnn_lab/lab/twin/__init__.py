"""Code that does by the public API what the lab did: the run as a script and a notebook, and its figures."""
