"""From choices to the few numbers that made them: equations found, simplified, and put into words."""
