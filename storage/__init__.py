"""What we hold: keys, stores, the archive, its manifest. Knows nothing of sites, PDFs or flows."""
