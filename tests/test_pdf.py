"""The engine reads what stock pdfplumber reads, where both can, and shows where it stands."""

import io
from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pdfplumber
import pikepdf
import pytest
from PIL import Image
from reportlab.lib import colors
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate, Table, TableStyle

from scrapers.engine.images import Raster
from scrapers.engine.textdigest import page_texts, text_lines_of
from scrapers.errors import RefusedError
from scrapers.pdf import Document, Page
from storage.model import canonical
from tests.handmade import FLATE, FONT, HELLO, one_page, stream

SHARED = Path(__file__).parents[2] / "shared"
SAMPLES = sorted((SHARED / "samples").glob("*.pdf"))
NICS = SHARED / "real" / "fbi_nics"
TSA = SHARED / "real" / "tsa_complaints"
needs_samples = pytest.mark.skipif(not SAMPLES, reason="needs shared/samples beside the repository")
needs_real = pytest.mark.skipif(not NICS.exists(), reason="needs shared/real beside the repository")
TIE = 0.01
"""pdfium's numbers have 24 bits: a character whose middle is this near a rule may go either way."""


def name_of(path: Path) -> str:
    return path.stem


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    """Open a document from its bytes."""
    documents: list[Document] = []

    def open_(body: bytes) -> Document:
        path = tmp_path / f"made{len(documents)}.pdf"
        path.write_bytes(body)
        documents.append(Document(path))
        return documents[-1]

    yield open_
    for document in documents:
        document.close()


def folded(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split())


def stock_cells(page: Any) -> list[list[tuple[Any, str | None]]]:
    """Every row of every table of a page, as stock pdfplumber reads it."""
    return [
        [(box, folded(text)) for box, text in zip(row.cells, texts, strict=True)]
        for table in page.find_tables()
        for row, texts in zip(table.rows, table.extract(), strict=True)
    ]


def our_cells(page: Page) -> list[list[tuple[Any, str | None]]]:
    return [
        [(cell.box, cell.text) if cell else (None, None) for cell in row]
        for grid in page.grids()
        for row in grid.rows
    ]


def has_tie(page: Page, box: Any) -> bool:
    """Whether a character stands so that rounding decides whether it is in the cell."""
    for char in page.chars:
        x, y = (char.x0 + char.x1) / 2, (char.top + char.bottom) / 2
        near = [abs(x - box[0]), abs(x - box[2])] if box[1] <= y <= box[3] else []
        near += [abs(y - box[1]), abs(y - box[3])] if box[0] <= x <= box[2] else []
        if near and min(near) < TIE:
            return True
    inside = [c for c in page.chars if box[0] <= c.x0 <= box[2] and box[1] <= c.top <= box[3]]
    starts = sorted(char.x0 for char in inside)
    return any(after - before < TIE for before, after in pairwise(starts))


def assert_same_cells(page: Page, stock: Any) -> int:
    """Compare all cells of a page with stock pdfplumber's; give how many there are."""
    ours, theirs = our_cells(page), stock_cells(stock)
    assert [len(row) for row in ours] == [len(row) for row in theirs]
    cells = list(zip(chain(*ours), chain(*theirs), strict=True))
    for (our_box, our_text), (box, text) in cells:
        assert (our_box is None) == (box is None)
        if box is not None:
            assert our_box == pytest.approx(box, abs=0.1)
            assert our_text == text or has_tie(page, box), (page.number, box)
    return len(cells)


def compare(path: Path, numbers: list[int] | None = None) -> int:
    with Document(path) as document, pdfplumber.open(path, pages=numbers) as stock:
        count = 0
        for page in stock.pages:
            count += assert_same_cells(document.page(page.page_number), page)
            page.close()
        return count


@needs_samples
@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_cells_are_stock_pdfplumbers(sample: Path) -> None:
    assert compare(sample, list(range(1, 40, 4))) > 150


@needs_samples
@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_cells_of_all_pages_are_stock_pdfplumbers(sample: Path) -> None:
    assert compare(sample) > 900


@needs_real
@pytest.mark.parametrize("report", sorted(NICS.glob("*.pdf")), ids=name_of)
def test_cells_of_real_reports_are_stock_pdfplumbers(report: Path) -> None:
    assert compare(report, [2, 30]) > 300


@needs_real
@pytest.mark.slow
@pytest.mark.parametrize("report", sorted(NICS.glob("*.pdf")), ids=name_of)
def test_cells_of_a_third_of_real_reports_are_stock_pdfplumbers(report: Path) -> None:
    assert compare(report, list(range(1, 256, 3))) > 5000


@needs_samples
@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_characters_are_stock_pdfplumbers(sample: Path) -> None:
    with Document(sample) as document, pdfplumber.open(sample, pages=[1, 7]) as stock:
        for page in stock.pages:
            ours = [c for c in document.page(page.page_number).chars if not c.text.isspace()]
            theirs = [char for char in page.chars if not char["text"].isspace()]
            assert [char.text for char in ours] == [char["text"] for char in theirs]
            for our, their in zip(ours, theirs, strict=True):
                box = [their[edge] for edge in ("x0", "top", "x1", "bottom")]
                assert [our.x0, our.top, our.x1, our.bottom] == pytest.approx(box, abs=0.1)
                assert our.size == pytest.approx(their["size"], abs=0.01)


def ruled(rows: int = 12, *, size: tuple[float, float] = (612, 792)) -> bytes:
    made = io.BytesIO()
    data = [["State", "Agency and county", "Count"]] + [
        [f"State {row}", f"Sheriff's Office\nof county {row}", str(row * 37)] for row in range(rows)
    ]
    style = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("SPAN", (0, 1), (0, 2))])
    template = SimpleDocTemplate(made, pagesize=size)
    template.build([Table(data, colWidths=[90, 160, 60], style=style, repeatRows=1)])
    return made.getvalue()


def changed(body: bytes, change: Any) -> bytes:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(body)) as pdf:
        for page in pdf.pages:
            change(page)
        pdf.save(made)
    return made.getvalue()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_pages_are_read_as_they_are_displayed(turn: int, opened: Any) -> None:
    """A page whose content is turned one way and whose /Rotate turns it back reads as ever."""
    straight = opened(ruled()).page(1)
    size = {0: (612, 792), 90: (792, 612), 180: (612, 792), 270: (792, 612)}[turn]
    matrix = {
        0: [1, 0, 0, 1, 0, 0],
        90: [0, 1, -1, 0, 792, 0],
        180: [-1, 0, 0, -1, 612, 792],
        270: [0, -1, 1, 0, 0, 612],
    }[turn]

    def turned(page: Any) -> None:
        page.contents_add(b"q %d %d %d %d %d %d cm " % tuple(matrix), prepend=True)
        page.contents_add(b" Q")
        page.mediabox = [0, 0, *size]
        page.Rotate = turn

    page = opened(changed(ruled(), turned)).page(1)
    assert (page.width, page.height) == (612, 792)
    assert [word.text for word in page.words()] == [word.text for word in straight.words()]
    for (our_box, our_text), (box, text) in zip(
        chain(*our_cells(page)), chain(*our_cells(straight)), strict=True
    ):
        assert our_text == text
        assert our_box is box is None or our_box == pytest.approx(box, abs=0.05)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_cells_of_turned_pages_are_stock_pdfplumbers(turn: int, tmp_path: Path) -> None:
    def turned(page: Any) -> None:
        page.Rotate = turn

    path = tmp_path / "turned.pdf"
    path.write_bytes(changed(ruled(), turned))
    assert compare(path) > 20


def test_coordinates_begin_at_the_displayed_corner(opened: Any, tmp_path: Path) -> None:
    def cropped(page: Any) -> None:
        page.contents_add(b"q 1 0 0 1 200 -300 cm ", prepend=True)
        page.contents_add(b" Q")
        page.mediabox = [150, -350, 900, 600]
        page.cropbox = [200, -300, 812, 492]

    page = opened(changed(ruled(), cropped)).page(1)
    straight = opened(ruled()).page(1)
    assert (page.width, page.height) == (612, 792)
    boxes = [word.x0 for word in page.words()] + [word.top for word in page.words()]
    expected = [word.x0 for word in straight.words()] + [word.top for word in straight.words()]
    assert boxes == pytest.approx(expected, abs=0.01)
    with pdfplumber.open(tmp_path / "made0.pdf") as pdf:
        shown = pdf.pages[0].crop(pdf.pages[0].cropbox)
        word = page.words()[4]
        box = (word.x0 - 1, word.top - 1, word.x1 + 1, word.bottom + 1)
        assert shown.crop(box, relative=True).extract_text() == word.text


def test_a_made_report_of_many_pages_reads_as_stock(tmp_path: Path) -> None:
    path = tmp_path / "made.pdf"
    path.write_bytes(ruled(60))
    assert compare(path) > 150


@needs_samples
def test_each_row_cropped_with_stock_pdfplumber_gives_its_own_words() -> None:
    sample = SAMPLES[-1]
    with Document(sample) as document, pdfplumber.open(sample, pages=[4, 11]) as stock:
        for page in stock.pages:
            for grid in document.page(page.page_number).grids():
                for row, box in zip(grid.rows, grid.row_boxes, strict=True):
                    words = sorted(" ".join(cell.text for cell in row if cell).split())
                    text = page.within_bbox(box).extract_text() or ""
                    cropped = page.crop(box).extract_text() or ""
                    assert words == sorted(text.split()) or words == sorted(cropped.split())


def pixels(picture: Raster) -> Image.Image:
    body = picture.png()
    assert body.startswith(b"\x89PNG")
    shown = Image.open(io.BytesIO(body))
    assert (shown.mode, shown.size) == ("RGB", (picture.columns, picture.rows))
    assert shown.tobytes() == picture.pixels
    return shown


def test_a_crop_shows_what_stands_in_its_box(opened: Any) -> None:
    document = opened(ruled())
    box = document.page(1).grids()[0].row_boxes[3]
    whole = pixels(document.image(1, resolution=72))
    assert whole.size == (612, 792)
    crop = pixels(document.image(1, resolution=144, crop=box))
    assert crop.size == pytest.approx((2 * (box[2] - box[0]), 2 * (box[3] - box[1])), abs=1)
    dark = sum(1 for value in crop.convert("L").tobytes() if value < 100)
    assert dark > 400


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_mark_covers_its_box_on_turned_pages(turn: int, opened: Any) -> None:
    def turned(page: Any) -> None:
        page.Rotate = turn

    document = opened(changed(ruled(), turned))
    word = document.page(1).words()[0]
    box = (word.x0, word.top, word.x1, word.bottom)
    plain = pixels(document.image(1, resolution=144))
    marked = pixels(document.image(1, resolution=144, marked=[box]))
    place = tuple(round(2 * edge) for edge in box)
    assert marked.size == plain.size
    assert marked.crop(place).tobytes() != plain.crop(place).tobytes()
    assert min(plain.crop(place).convert("L").tobytes()) < 100
    outside = (0, 0, plain.width, max(0, place[1] - 2))
    assert marked.crop(outside).tobytes() == plain.crop(outside).tobytes()


def drawn(*parts: bytes, font: bytes | None = None) -> bytes:
    content = stream(b"BT /F1 12 Tf 72 700 Td " + b" ".join(parts) + b" ET")
    return one_page(content, font=font) if font else one_page(content)


def test_a_space_drawn_by_itself_parts_words(opened: Any) -> None:
    body = drawn(b"(El) Tj ( ) Tj (Paso) Tj")
    assert [word.text for word in opened(body).page(1).words()] == ["El", "Paso"]


def test_kerning_parts_no_words(opened: Any) -> None:
    body = drawn(b"[(De) -200 (clined)] TJ")
    assert [word.text for word in opened(body).page(1).words()] == ["Declined"]


def test_a_no_break_space_parts_words(opened: Any) -> None:
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    page = opened(drawn(b"(El\\240Paso) Tj", font=font)).page(1)
    assert [word.text for word in page.words()] == ["El", "Paso"]


def test_a_hyphen_at_a_lines_end_stays_a_hyphen(opened: Any) -> None:
    body = drawn(b"(non-) Tj 0 -14 Td (citizen) Tj")
    assert [word.text for word in opened(body).page(1).words()] == ["non-", "citizen"]


def test_text_struck_twice_is_read_once(opened: Any) -> None:
    body = drawn(b"(Total) Tj 0.3 0 Td (Total) Tj")
    assert [word.text for word in opened(body).page(1).words()] == ["Total"]


@pytest.mark.parametrize("points", [5, 7, 10, 14])
@pytest.mark.parametrize(("share", "rise"), [(0.58, 0.33), (0.65, 0.33), (0.7, 0.3), (0.6, 0.5)])
def test_a_footnotes_mark_is_no_digit_of_the_figure_beside_it(
    points: int, share: float, rise: float, opened: Any
) -> None:
    size = (points, points * share, points * rise, points)
    shown = b"/F1 %d Tf (1,054) Tj /F1 %.2f Tf %.2f Ts (1) Tj 0 Ts /F1 %d Tf ( of 20) Tj" % size
    ruled = b"ET 70 690 99 30 re S 169 690 9 30 re S BT"
    page = opened(drawn(shown, ruled)).page(1)
    assert sorted(word.text for word in page.words()) == ["1", "1,054", "20", "of"]
    assert "1,0541" not in "".join(
        cell.text for row in page.grids()[0].rows for cell in row if cell
    )


def test_equal_rows_close_together_are_all_read(opened: Any) -> None:
    line = b"(Philadelphia County Sheriff, Philadelphia County) Tj 0 -6 Td"
    body = drawn(b"/F1 5 Tf", *[line] * 5)
    assert len(opened(body).page(1).lines()) == 5


def test_what_is_drawn_is_read_not_what_a_reader_should_say_instead(opened: Any) -> None:
    body = drawn(b"/Span <</ActualText (nothing)>> BDC (1,234) Tj EMC")
    assert [word.text for word in opened(body).page(1).words()] == ["1,234"]


def test_text_beyond_the_page_is_not_shown_and_not_read(opened: Any) -> None:
    body = drawn(b"(here) Tj 900 0 Td (beyond) Tj")
    assert [word.text for word in opened(body).page(1).words()] == ["here"]


@pytest.mark.parametrize("mode", [3, 7], ids=["invisible", "clipping"])
def test_text_that_is_not_drawn_is_not_read(mode: int, opened: Any) -> None:
    body = drawn(b"(here) Tj %d Tr 0 -14 Td (under) Tj 0 Tr 0 -14 Td (there) Tj" % mode)
    assert [word.text for word in opened(body).page(1).words()] == ["here", "there"]


def annotated(entries: bytes, content: bytes) -> bytes:
    """Make a page with an annotation of these entries, which looks as the content draws it."""
    look = b"/Type/XObject/Subtype/Form/BBox[0 0 90 20]/Resources<</Font<</F1 5 0 R>>/XObject"
    shown = stream(content, look + b"<</X 9 0 R>>>>" + FLATE)
    inner = stream(HELLO.replace(b"72 700", b"5 5"), look + b"<<>>>>" + FLATE)
    note = b"<</Type/Annot/Rect[72 600 162 620]/AP<</N 8 0 R>>%s>>" % entries
    page = b"/MediaBox[0 0 612 792]/Annots[7 0 R]"
    return one_page(stream(b"0 0 9 9 re f"), page=page, more=[b"null", note, shown, inner])


@pytest.mark.parametrize(
    ("entries", "content", "is_shown"),
    [
        (b"/F 4/Subtype/FreeText", b"BT /F1 9 Tf 5 5 Td (Hello world) Tj ET", True),
        (b"/F 4/Subtype/Widget/FT/Tx", b"/X Do", True),
        (b"/F 2/Subtype/FreeText", b"BT /F1 9 Tf 5 5 Td (Hello world) Tj ET", False),
        (b"/F 4/Subtype/Square", b"5 5 80 10 re S", False),
    ],
    ids=["text", "form field", "hidden", "frame"],
)
def test_what_an_annotation_says_is_read_as_it_is_shown(
    entries: bytes, content: bytes, opened: Any, *, is_shown: bool
) -> None:
    page = opened(annotated(entries, content)).page(1)
    assert [word.text for word in page.words()] == ["Hello", "world"] * is_shown
    for word in page.words():
        assert 72 <= word.x0 < word.x1 <= 162
        assert 792 - 620 <= word.top < word.bottom <= 792 - 600
    assert len(page.drawing.rects) == 1, "what says nothing is no part of the page"


MAP = b"""begincmap 1 begincodespacerange <00> <FF> endcodespacerange
%d beginbfchar %s endbfchar endcmap"""


def mapped(meanings: dict[bytes, bytes], *parts: bytes) -> bytes:
    """Draw in a font that says of some characters, as UTF-16, which others they stand for."""
    font = FONT.replace(b">>", b"/ToUnicode 6 0 R>>")
    said = b" ".join(b"<%s> <%s>" % (code.hex().encode(), to) for code, to in meanings.items())
    content = stream(b"BT /F1 12 Tf 72 700 Td " + b" ".join(parts) + b" ET")
    return one_page(content, font=font, more=[stream(MAP % (len(meanings), said))])


@pytest.mark.parametrize("half", [b"D800", b"DC00"])
def test_half_a_character_is_none_and_noted(half: bytes, opened: Any) -> None:
    document = opened(mapped({b"A": half}, b"(El PAso) Tj"))
    page = document.page(1)
    assert [word.text for word in page.words()] == ["El", "P\ufffdso"]
    assert page.words()[1].x1 == pytest.approx(72 + stringWidth("El PAso", "Helvetica", 12))
    assert document.notes == ["page 1: 1 characters are drawn without saying which"]
    assert canonical(document.page_texts()) == '{"1":"El P\ufffdso"}\n'.encode()
    assert len(document.text_digest()) == 64


def test_halves_in_the_wrong_order_are_two_of_no_meaning(opened: Any) -> None:
    page = opened(mapped({b"A": b"DC00", b"B": b"D835"}, b"(xABy) Tj")).page(1)
    assert [word.text for word in page.words()] == ["x\ufffd\ufffdy"]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("meanings", "drawn_as"),
    [
        ({b"A": b"D835DC00"}, "A"),
        ({b"A": b"D835", b"B": b"DC00"}, "AB"),
        ({b"A": b"D835DC00", b"B": b"0000"}, "A"),  # so that each is asked for by itself
    ],
    ids=["one-glyph", "two-glyphs", "one-by-one"],
)
def test_a_character_of_two_halves_is_one_with_its_own_box(
    meanings: dict[bytes, bytes], drawn_as: str, turn: int, opened: Any
) -> None:
    matrix = {0: b"1 0 0 1", 90: b"0 1 -1 0", 180: b"-1 0 0 -1", 270: b"0 -1 1 0"}[turn]
    text = b"x%sy" % drawn_as.encode()
    page = opened(mapped(meanings, matrix + b" 300 400 Tm (%s) Tj" % text)).page(1)
    assert [glyph.text for glyph in page.chars] == ["x", "\U0001d400", "y"]
    edges = (0, 2) if turn in (0, 180) else (1, 3)
    places = [sorted(glyph[1:5][edge] for edge in edges) for glyph in page.chars]
    widths = [high - low for low, high in places]
    expected = [stringWidth(each, "Helvetica", 12) for each in ("x", drawn_as, "y")]
    assert widths == pytest.approx(expected, abs=0.01)


def test_a_character_of_two_halves_parts_no_word(opened: Any) -> None:
    body = mapped({b"A": b"D835", b"B": b"DC00", b"C": b"D835DC00"}, b"(El PABsCo) Tj")
    page = opened(body).page(1)
    assert [word.text for word in page.words()] == ["El", "P\U0001d400s\U0001d400o"]
    assert page.words()[1].x1 == pytest.approx(72 + stringWidth("El PABsCo", "Helvetica", 12))


def test_the_second_reader_gives_no_half_characters_either(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Document, "_first_reading", lambda *_, **__: None)
    whole = opened(mapped({b"A": b"D835DC00"}, b"(xAy) Tj")).page(1)
    assert [word.text for word in whole.words()] == ["x\U0001d400y"]
    # As a font's own table of characters, which may name any number, can tell it.
    monkeypatch.setattr("pdfminer.pdffont.PDFSimpleFont.to_unichr", lambda *_: "\ud800")
    document = opened(mapped({}, b"(A) Tj"))
    assert [word.text for word in document.page(1).words()] == ["\ufffd"]
    assert canonical(document.page_texts())


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_text_reads_in_its_own_direction(turn: int, opened: Any) -> None:
    matrix = {90: b"0 1 -1 0", 180: b"-1 0 0 -1", 270: b"0 -1 1 0"}[turn]
    page = opened(drawn(matrix + b" 300 400 Tm (Long Gun) Tj")).page(1)
    words = page.words()
    assert sorted(word.text for word in words) == ["Gun", "Long"]
    assert all(word.size == pytest.approx(12, abs=0.1) for word in words)
    long = next(word for word in words if word.text == "Long")
    length = stringWidth("Long", "Helvetica", 12)
    across = long.x1 - long.x0 if turn == 180 else long.bottom - long.top
    assert across == pytest.approx(length, abs=0.1)


def test_reading_order_is_by_line_even_where_columns_stand_lower_and_lower(opened: Any) -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    for row in range(4):
        for column in range(6):
            canvas.drawString(60 + 80 * column, 700 - 12 * row - 2 * column, f"r{row}c{column}")
    canvas.save()
    words = [word.text for word in opened(made.getvalue()).page(1).words()]
    assert len(words) == 24
    assert words.index("r0c0") < words.index("r1c0") < words.index("r2c0") < words.index("r3c0")


def test_a_page_that_pdfium_finds_empty_is_read_by_the_second_reader(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = opened(ruled())
    straight = our_cells(document.page(1))
    monkeypatch.setattr(Document, "_first_reading", lambda *_, **__: None)
    page = document.page(1)
    assert [[text for _, text in row] for row in our_cells(page)] == [
        [text for _, text in row] for row in straight
    ]
    assert document.notes == ["page 1: read by pdfminer, since pdfium finds nothing on it"]


def numbered(first: int, total: int, *, said: str = "same") -> bytes:
    made = io.BytesIO()
    canvas = Canvas(made)
    for page in range(4):
        canvas.drawString(72, 600, f"Alabama {page * 31} {said}")
        canvas.drawString(72, 780, f"Annex {first + page}")
        canvas.drawString(500, 30, f"Page {first + page} of {total}")
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def digest_of(document: Document) -> str:
    for _ in document.pages():
        pass
    return document.text_digest()


def test_renumbered_pages_say_the_same(opened: Any) -> None:
    assert digest_of(opened(numbered(1, 4))) == digest_of(opened(numbered(2, 5)))


def test_other_words_or_figures_are_another_text(opened: Any) -> None:
    assert digest_of(opened(numbered(1, 4))) != digest_of(opened(numbered(1, 4, said="else")))


def test_figures_near_an_edge_are_no_page_numbers(opened: Any) -> None:
    def report(step: int) -> bytes:
        made = io.BytesIO()
        canvas = Canvas(made)
        for page in range(5):
            canvas.drawString(72, 800, f"Alabama {1000 + step * page * page}")
            canvas.showPage()
        canvas.save()
        return made.getvalue()

    assert digest_of(opened(report(3))) != digest_of(opened(report(4)))


def past_months(numbers: range) -> list[list[str]]:
    """The texts of the same months in two editions; the later one begins with a further month."""
    texts = []
    for name, further in (("nics_2019-12-02", 0), ("nics_2020-01-06", 1)):
        with Document(NICS / f"{name}.pdf") as document:
            pages = (document.page(number + further) for number in numbers)
            lines = {page.number: text_lines_of(page.lines(), page.height) for page in pages}
            texts.append(list(page_texts(lines).values()))
    return texts


@needs_real
def test_past_months_say_the_same_in_the_next_edition() -> None:
    before, after = past_months(range(2, 10))
    assert before == after
    assert all("Alabama" in text for text in before)


@needs_real
@pytest.mark.slow
def test_all_past_months_say_the_same_in_the_next_edition() -> None:
    before, after = past_months(range(2, 255))
    assert before == after
    assert len(before) == 253


@needs_real
@pytest.mark.slow
def test_a_regenerated_file_says_the_same() -> None:
    digests = []
    for month in ("2024-01", "2024-02"):
        with Document(TSA / f"tsa_{month}.pdf") as document:
            digests.append((document.digest, digest_of(document)))
    assert digests[0][0] != digests[1][0]
    assert digests[0][1] == digests[1][1]


def test_a_cover_picture_is_noted_and_the_rest_read(opened: Any) -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    canvas.drawInlineImage(Image.effect_noise((100, 140), 50), 0, 0, 595, 842)
    canvas.showPage()
    canvas.drawString(72, 700, "Section I")
    canvas.save()
    document = opened(made.getvalue())
    assert [len(page.words()) for page in document.pages()] == [0, 2]
    assert document.notes == ["page 1: a picture without text, taken for a cover"]


def test_a_scan_among_pages_of_text_is_refused(opened: Any) -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    for page in range(3):
        canvas.drawString(72, 700, f"Section {page}")
        canvas.showPage()
    canvas.drawInlineImage(Image.effect_noise((100, 140), 50), 0, 0, 595, 842)
    canvas.save()
    document = opened(made.getvalue())
    with pytest.raises(RefusedError) as caught:
        list(document.pages())
    assert (caught.value.reason, caught.value.page) == ("no-text-layer", 4)


def test_a_document_gives_back_what_it_held(tmp_path: Path) -> None:
    path = tmp_path / "made.pdf"
    path.write_bytes(one_page(stream(HELLO)))
    with Document(path) as document:
        page = document.page(1)
    document.close()
    assert [word.text for word in page.words()] == ["Hello", "world"]
