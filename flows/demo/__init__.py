"""The demonstration: a replica of the agency's site, and three weekly runs on it."""
