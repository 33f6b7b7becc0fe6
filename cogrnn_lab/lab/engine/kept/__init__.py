"""What of the lab is kept on disk: saved runs, their discoveries, and the visit that was lost."""
