"""How a report of titled sections and tables is read: the parts of `readings` and `records`."""
