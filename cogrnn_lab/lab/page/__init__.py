"""The page: its looks, its first widgets, and its conversation with the browser."""
