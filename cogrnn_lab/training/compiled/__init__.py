"""Compiled side of training: many steps in one call, the batches that enter it, and its devices."""
