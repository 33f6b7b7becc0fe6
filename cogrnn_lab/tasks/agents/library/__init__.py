"""The agents that come with the package."""
