"""Tables and files of clicks, read into a `Dataset`."""
