"""Networks whose update is linear, with another map after each observation."""
