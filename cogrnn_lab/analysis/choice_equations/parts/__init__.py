"""What equations consist of: their numbers, terms and structure, and the trials along which they run."""
