"""Documents made to break their reader are refused by name, in bounded time and memory."""

import base64
import functools
import io
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from scrapers import sandbox
from scrapers.limits import Limits
from scrapers.pdf import Document
from storage.model import Reading
from tests.handmade import CATALOGUE, FLATE, FONT, HELLO, document, one_page, stream

PLAIN = "tests.readers.plain"
SAMPLES = sorted((Path(__file__).parents[1] / "flows" / "demo").glob("*.pdf"))
LIMITS = Limits(deadline_s=60, memory_bytes=512 * 2**20)
LEAF = (
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
    b"/Resources<</Font<</F1 5 0 R>>>>>>"
)
BLANKS = 600_000_000
"""Bytes that a bomb expands to: more than a stream may have, less than would take minutes."""


def read(path: Path, body: bytes) -> Reading:
    file = path / "hostile.pdf"
    file.write_bytes(body)
    return sandbox.read(file, PLAIN, limits=LIMITS)


def pages(kids: bytes, *more: bytes) -> bytes:
    """A document with this page tree."""
    return document([CATALOGUE, b"<</Type/Pages%s>>" % kids, *more])


@functools.cache
def deflated_blanks() -> bytes:
    packer = zlib.compressobj(9)
    pieces = [packer.compress(b" " * 10**6) for _ in range(BLANKS // 10**6)]
    return b"".join([*pieces, packer.flush()])


def bomb() -> bytes:
    return one_page(stream(deflated_blanks(), packed=False))


def bomb_in_a_bomb() -> bytes:
    filters = b"/Filter[/FlateDecode/FlateDecode/FlateDecode]"
    return one_page(
        stream(zlib.compress(zlib.compress(deflated_blanks(), 9), 9), filters, packed=False)
    )


def bomb_in_hexadecimal() -> bytes:
    filters = b"/Filter[/ASCIIHexDecode/FlateDecode]"
    return one_page(stream(deflated_blanks().hex().encode() + b">", filters, packed=False))


def form_that_draws_itself() -> bytes:
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>" + FLATE
    return one_page(stream(b"/X Do " + HELLO), more=[stream(b"/X Do /X Do", form)])


def unmapped_font() -> bytes:
    """A page in an embedded font, the /ToUnicode of which is taken away."""
    made = io.BytesIO()
    with pikepdf.open(SAMPLES[-1]) as pdf:
        for font in pdf.pages[3].Resources.Font.values():
            del font.ToUnicode
            font.Encoding = pikepdf.Dictionary(
                Type=pikepdf.Name.Encoding,
                Differences=[0, *(pikepdf.Name(f"/g{code}") for code in range(256))],
            )
        pdf.save(made)
    return made.getvalue()


def scan(text: str = "") -> bytes:
    """Two pages of a picture, over what may have been recognised in it."""
    made = io.BytesIO()
    canvas = Canvas(made)
    picture = Image.effect_noise((200, 260), 60)
    for _ in range(2):
        under = canvas.beginText(72, 700)
        under.setTextRenderMode(3)
        under.textLine(text)
        canvas.drawText(under)
        canvas.drawImage(ImageReader(picture), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def locked(body: bytes, *, user: str = "", **how: Any) -> bytes:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(body)) as pdf:
        pdf.save(made, encryption=pikepdf.Encryption(user=user, owner="owner", **how))
    return made.getvalue()


def in_ascii85(content: bytes) -> bytes:
    text = base64.a85encode(zlib.compress(content, 9), wrapcol=72) + b"~>"
    return one_page(stream(text, b"/Filter[/ASCII85Decode/FlateDecode]", packed=False))


def in_hexadecimal(content: bytes) -> bytes:
    text = zlib.compress(content, 9).hex().encode() + b">"
    return one_page(stream(text, b"/Filter[/AHx/Fl]", packed=False))


CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "decompression bomb": (bomb, "too-large"),
    "bomb in a bomb": (bomb_in_a_bomb, "too-large"),
    "bomb in hexadecimal": (bomb_in_hexadecimal, "too-large"),
    "bomb in a locked file": (lambda: locked(bomb()), "too-large"),
    "form that draws itself": (form_that_draws_itself, "too-large"),
    "millions of paths": (lambda: one_page(stream(b"0 0 1 1 re f " * 600_000)), "too-large"),
    "millions of characters": (
        lambda: one_page(stream(b"BT /F1 1 Tf (%s) Tj ET " % (b"a" * 30_000) * 20)),
        "too-large",
    ),
    "page tree in a loop": (lambda: pages(b"/Kids[2 0 R 2 0 R]/Count 3"), "damaged"),
    "page tree in a loop, not counted": (lambda: pages(b"/Kids[2 0 R 2 0 R]"), "damaged"),
    "no pages": (lambda: pages(b"/Kids[]/Count 0"), "damaged"),
    "pages that are not there": (
        lambda: pages(b"/Kids[3 0 R]/Count 90", LEAF, stream(HELLO), FONT),
        "damaged",
    ),
    "more pages than may be": (
        lambda: pages(b"/Kids[3 0 R]/Count 900000", LEAF, stream(HELLO), FONT),
        "too-large",
    ),
    "pages kept quiet": (
        lambda: pages(b"/Kids[3 0 R 6 0 R]/Count 1", LEAF, stream(HELLO), FONT, LEAF),
        "damaged",
    ),
    "arrays in arrays": (lambda: one_page(stream(b"[" * 300_000 + HELLO)), "damaged"),
    "font without a map": (unmapped_font, "damaged"),
    "web page": (lambda: b"<!DOCTYPE html><html><p>Not found</html>", "not-a-pdf"),
    "web page, indented": (lambda: b"\xef\xbb\xbf \n<HTML><body>%PDF</body>", "not-a-pdf"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), "not-a-pdf"),
    "empty file": (lambda: b"", "not-a-pdf"),
    "bare header": (lambda: b"%PDF-1.7\n", "damaged"),
    "header and end": (lambda: b"%PDF-1.7\n%%EOF\n", "damaged"),
    "locked for users": (lambda: locked(one_page(stream(HELLO)), user="secret"), "encrypted"),
    "scan": (scan, "no-text-layer"),
    "scan in which text was recognised": (lambda: scan("C1ark, Nevada 5l"), "no-text-layer"),
}


@pytest.mark.parametrize("name", CASES)
def test_is_refused_by_name(name: str, tmp_path: Path) -> None:
    make, reason = CASES[name]
    body = make()
    started = time.monotonic()
    reading = read(tmp_path, body)
    assert (reading.status, reading.reason) == ("quarantined", reason), reading.detail
    assert reading.detail
    assert not reading.tables
    assert time.monotonic() - started < LIMITS.deadline_s


def test_an_owner_password_alone_is_normal(tmp_path: Path) -> None:
    reading = read(tmp_path, locked(one_page(stream(HELLO))))
    assert reading.tables["pages"][0].fields["text"] == "Hello world"


def test_deeply_nested_objects_that_no_page_needs_do_no_harm(tmp_path: Path) -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    body = one_page(stream(HELLO), more=[stream(b""), deep])
    assert read(tmp_path, body).status == "complete"


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.pdf"
    with file.open("wb") as sparse:
        sparse.truncate(2**30)
    assert sandbox.read(file, PLAIN).reason == "too-large"


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("ended", [False, True], ids=["cut", "cut and ended"])
def test_a_cut_file_is_damaged(kept: float, tmp_path: Path, *, ended: bool) -> None:
    whole = SAMPLES[-1].read_bytes()
    cut = whole[: int(len(whole) * kept)].replace(b"%%EOF", b"") + b"\n%%EOF\n" * ended
    assert read(tmp_path, cut).reason == "damaged"


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "deflated": lambda content: one_page(stream(content)),
    "deflated, in ASCII 85": in_ascii85,
    "deflated, in hexadecimal": in_hexadecimal,
    "locked with AES": lambda content: locked(one_page(stream(content))),
    "locked with RC4": lambda content: locked(
        one_page(stream(content)), R=3, aes=False, metadata=False
    ),
    "locked, in ASCII 85": lambda content: locked(in_ascii85(content)),
}
"""Ways to pack a stream whose damage shows when it is unpacked."""


@pytest.mark.parametrize("packed", PACKED)
def test_a_damaged_stream_is_never_half_a_page(packed: str, tmp_path: Path) -> None:
    shown = b" ".join(b"BT /F1 9 Tf 72 %d Td (row %d) Tj ET" % (5 * n, n * n) for n in range(150))
    body = PACKED[packed](shown)
    assert "row 22201" in str(read(tmp_path, body).tables["pages"][0].fields["text"])
    first, end = max(
        (found.span(1) for found in re.finditer(rb"(?s)stream\r?\n(.*?)endstream", body)),
        key=lambda span: span[1] - span[0],
    )
    middle = (first + end) // 2
    letter = b"7" if body[middle : middle + 1] != b"7" else b"8"
    damaged = body[:middle] + letter + body[middle + 1 :]
    reading = read(tmp_path, damaged)
    assert (reading.reason, reading.tables) == ("damaged", {})


def test_a_broken_table_of_objects_is_mended_and_noted(tmp_path: Path) -> None:
    body = one_page(stream(HELLO)).replace(b"startxref\n", b"startxref\n9")
    reading = read(tmp_path, body)
    assert reading.tables["pages"][0].fields["text"] == "Hello world"
    assert any("made anew" in note for note in reading.notes)


def test_letters_as_high_as_towers_are_read_in_time(tmp_path: Path) -> None:
    """Whether one is drawn again is looked for as far around as a part of its height."""
    file = tmp_path / "towers.pdf"
    shown = b"BT /F1 1 Tf 1000000 0 0 1000000 %d 700 Tm (D) Tj ET "
    file.write_bytes(one_page(stream(HELLO + shown % 72 + shown % -900_000)))
    assert sandbox.read(file, PLAIN, limits=Limits(deadline_s=15)).status == "complete"


def test_memory_stays_bounded(tmp_path: Path) -> None:
    """A hundred dense pages take a fraction of what may be taken."""
    file = tmp_path / "many.pdf"
    leaf = b" ".join(b"%d 0 R" % number for number in range(5, 105))
    file.write_bytes(
        document(
            [CATALOGUE, b"<</Type/Pages/Kids[%s]/Count 100>>" % leaf, FONT]
            + [stream(b"BT /F1 8 Tf 9 700 Td " + b"(Hello) Tj " * 800 + b"ET")]
            + [LEAF.replace(b"F1 5", b"F1 3")] * 100
        )
    )
    code = (
        "import re, sys\nfrom pathlib import Path\nfrom scrapers.pdf import Document\n"
        "with Document(Path(sys.argv[1])) as document:\n"
        "    for page in document.pages():\n        page.words(), page.grids()\n"
        # Not ru_maxrss: that begins at what the process had from which this one was made.
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(file)], check=True, capture_output=True, text=True
    )
    assert int(told.stdout) < 300 * 1024


REASONS = {"not-a-pdf", "damaged", "encrypted", "no-text-layer", "too-large", "timed-out"}
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True), st.sampled_from(["flip", "drop", "copy", "zero"]),
        st.integers(1, 4000),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def mutated(body: bytes, edits: list[tuple[float, str, int]]) -> bytes:
    for place, kind, size in edits:
        at = int(place * len(body))
        part = body[at : at + size]
        body = (
            body[:at]
            + {
                "flip": bytes([part[0] ^ (size % 255 + 1)]) + part[1:] if part else b"",
                "drop": b"",
                "copy": part + part,
                "zero": bytes(len(part)),
            }[kind]
            + body[at + size :]
        )
    return body


def check_mutation(path: Path, sample: int, edits: list[tuple[float, str, int]]) -> None:
    reading = read(path, mutated(SAMPLES[sample % len(SAMPLES)].read_bytes(), edits))
    assert reading.status in {"complete", "flagged"} or reading.reason in REASONS


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(sample=st.integers(0, 2), edits=EDITS)
@example(sample=0, edits=[(0.5, "flip", 1)])
def test_no_mutation_crashes_hangs_or_escapes(
    tmp_path: Path, sample: int, edits: list[tuple[float, str, int]]
) -> None:
    check_mutation(tmp_path, sample, edits)


@pytest.mark.soak
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(sample=st.integers(0, 2), edits=EDITS)
def test_no_mutation_of_two_thousand_crashes_hangs_or_escapes(
    tmp_path: Path, sample: int, edits: list[tuple[float, str, int]]
) -> None:
    check_mutation(tmp_path, sample, edits)


def test_the_engine_alone_gives_the_reason_too(tmp_path: Path) -> None:
    file = tmp_path / "empty.pdf"
    file.write_bytes(b"")
    with pytest.raises(Exception, match="not-a-pdf: the file is empty"):
        Document(file)
