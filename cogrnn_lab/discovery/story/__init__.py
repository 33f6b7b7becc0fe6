"""What was found, told as a story: sentences, figures and experiments put together."""
