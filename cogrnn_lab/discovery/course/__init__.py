"""How a discovery goes: the networks it tries, what it has finished, where it stands, its equations."""
