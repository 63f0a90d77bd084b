"""How a PDF is read, for `scrapers.pdf`: pdfium's characters and paths, pdfplumber's rules.

`shapes` are the values, `pdfium` and `strings` are the door to the library, `opening` and
`streams` look at the bytes first; `glyphs` and `runs`, `words`, `drawings`, `ruling` and `grids`
make pages of them; `second` is pdfminer (the only pdfplumber); `images` draws; `textdigest` tells
whether two documents say the same.
"""
