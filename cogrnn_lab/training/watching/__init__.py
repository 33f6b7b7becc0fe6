"""What goes on along a training run: the progress bar, and the best network so far."""
