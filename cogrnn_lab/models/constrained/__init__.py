"""The network with Dale's law, given connections and fixed weights."""
