"""How a PDF is read: pdfium's characters and paths, pdfplumber's tables; used by `scrapers.pdf`.

`shapes` are the values, `pdfium` is the door to the library, `opening` and `streams` look at the
bytes first, `glyphs`, `words`, `drawings` and `grids` make pages of them, `second` is pdfminer,
`images` draws, `textdigest` says whether two documents say the same.
"""
