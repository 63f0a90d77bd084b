"""Tests: one for each promise."""
