"""The search for the structure with the fewest numbers."""
