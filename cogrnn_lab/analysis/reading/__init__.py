"""Reading a network: its bottlenecks, rules, latents and weights."""
