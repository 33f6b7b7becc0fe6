"""Networks whose latents are updated one by one through information bottlenecks."""
