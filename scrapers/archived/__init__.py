"""What the Internet Archive answers, made sense of: the parts of `wayback`."""
