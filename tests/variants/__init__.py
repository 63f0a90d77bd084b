"""Makers of invented reports that differ from the samples in every way that a reader must bear."""
