"""What flows through a network: bits by channel and condition, channels closed, and the wiring as a graph."""
