"""The process that draws one document's pages, and ends: what `scrapers.drawing` starts."""

import contextlib
import io
import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapers.drawing import BLANK, REFUSED
from scrapers.errors import RefusedError
from scrapers.limits import Limits
from storage.model import Json

if TYPE_CHECKING:
    from scrapers.engine.images import Raster
    from scrapers.pdf import Document

RESOLUTION = 100
"""Pixels per inch: small print is read without effort, and a page takes some ten kilobytes."""
COLOURS = 64
"""So many are enough for print and its grey edges, and a fifth of the bytes of all of them."""
MOST_PIXELS = 30_000_000
"""A larger page is left out: it would be drawn in another resolution than its marks."""
COMPRESSION = 8
"""Of 9 levels: the ninth took half of all the time of drawing, and saved 2.4 % of the bytes."""


def main(task: Json) -> None:
    """Draw the pages of the document that the task names, each whole or not at all.

    While one is drawn, a file named as it and `.part` stands there.
    """
    limits = Limits(**task["limits"])
    _bound(limits)
    from PIL import Image  # noqa: F401, PLC0415 - under the limits, and before a page is begun

    from scrapers.pdf import Document  # noqa: PLC0415 - imported under the limits

    try:
        document = Document(Path(task["path"]), limits=limits)
    except RefusedError:
        sys.exit(REFUSED)
    with document:
        for number in task["pages"]:
            if number <= document.page_count or number == task["pages"][-1]:
                _draw(document, number, Path(task["folder"]))


def _draw(document: "Document", number: int, folder: Path) -> None:
    aside = folder / f"{number}.part"
    aside.touch()
    picture = BLANK
    if number <= document.page_count:
        with contextlib.suppress(RefusedError):
            picture = _smaller(document.image(number, resolution=RESOLUTION)) or BLANK
    aside.write_bytes(picture)
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
