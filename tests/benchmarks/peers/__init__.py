"""What the peers do, each script for the peer's own environment."""
