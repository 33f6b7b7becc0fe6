"""Readers of tables of designs that have more than one choice a trial."""
