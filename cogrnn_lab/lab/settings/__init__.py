"""Everything that the lab can be set to."""
