"""The process that draws one document's pages, and ends: what `scrapers.drawing` starts."""

import io
import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapers.errors import RefusedError
from scrapers.limits import Limits
from storage.model import Json

if TYPE_CHECKING:
    from scrapers.engine.images import Raster

RESOLUTION = 100
"""Pixels per inch: small print is read without effort, and a page takes some ten kilobytes."""
COLOURS = 64
"""So many are enough for print and its grey edges, and a fifth of the bytes of all of them."""
MOST_PIXELS = 30_000_000
"""A larger page is left out: it would be drawn in another resolution than its marks."""
COMPRESSION = 8
"""Of 9 levels: the ninth took half of all the time of drawing, and saved 2.4 % of the bytes."""


def main(task: Json) -> None:
    """Draw the pages of the document that the task names, each whole or not at all."""
    limits = Limits(**task["limits"])
    _bound(limits)
    from scrapers.pdf import Document  # noqa: PLC0415 - imported under the limits

    folder = Path(task["folder"])
    with Document(Path(task["path"]), limits=limits) as document:
        for number in range(task["first"], min(document.page_count, task["last"]) + 1):
            try:
                picture = document.image(number, resolution=RESOLUTION)
            except RefusedError:
                continue
            small = _smaller(picture)
            if small:
                aside = folder / f"{number}.part"
                aside.write_bytes(small)
                aside.replace(folder / f"{number}.png")


def _smaller(picture: "Raster") -> bytes | None:
    """Reduce a picture to a few colours; give it as a PNG that tells its resolution."""
    from PIL import Image  # noqa: PLC0415 - imported under the limits

    if picture.columns * picture.rows > MOST_PIXELS:
        return None
    image = Image.frombytes("RGB", (picture.columns, picture.rows), picture.pixels)
    reduced = image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    into = io.BytesIO()
    reduced.save(into, "PNG", compress_level=COMPRESSION, dpi=(RESOLUTION, RESOLUTION))
    return into.getvalue()


def _bound(limits: Limits) -> None:
    """Give up the right to more memory, time and disk than the limits say, and to core dumps."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, int(limits.longest_s)),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
