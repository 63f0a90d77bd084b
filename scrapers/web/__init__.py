"""How pages and documents are had from a web site: the parts of `fetch` and `page`."""
