"""From a URL to a table: fetching, reading pages and PDFs, and the sources that say how."""
