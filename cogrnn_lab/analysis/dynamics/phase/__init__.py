"""Phase space of a network: where each observation moves its state, and where it comes to rest."""
