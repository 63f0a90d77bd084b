"""Measurements, which are no tests: nothing here fails when a figure changes."""
