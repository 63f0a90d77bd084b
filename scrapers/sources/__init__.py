"""One file per series; a file here is a source."""
