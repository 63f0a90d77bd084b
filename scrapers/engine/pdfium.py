"""The one door to pdfium: its functions with plain types, documents and pages with an end.

Handles are bare addresses (`int`), since a ctypes pointer object for each character would cost
more than reading the character.
"""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import c_double, c_float, c_int, c_uint, c_ulong, c_void_p
from typing import Any

import pypdfium2_raw as raw  # type: ignore[import-untyped]  # generated bindings without types

PATH, IMAGE, FORM = 2, 3, 5
"""Kinds of page objects; text is 1, shading 4."""
TEXT = 1
UNSEEN = frozenset({3, 7})
"""Modes of text that draw none of it: what was recognised in a scan lies under its picture so."""
BEZIER, LINE, MOVE = 1, 0, 2
"""Kinds of path segments. (FPDF_SEGMENT_LINETO, _BEZIERTO, _MOVETO)"""

BGR = 2
"""The format of a picture with three bytes a pixel."""
ANNOTATIONS, RED_FIRST = 0x01, 0x10
"""Flags of drawing: with annotations; red, green, blue instead of blue, green, red."""
AS_DISPLAYED = 0
"""What is made a part of the page: what a screen shows, not a printer. (FLAT_NORMALDISPLAY)"""
UNLOCKED = 3
"""The way of saving that takes encryption off. (FPDF_REMOVE_SECURITY)"""
NO_TYPE = 0
"""The type of a mark's parameter that is not there."""

FORMAT_ERROR, PASSWORD_ERROR, SECURITY_ERROR = 3, 4, 5
"""What `last_error` may say; others are 1 (unknown), 2 (file), 6 (page)."""

Matrix = tuple[float, float, float, float, float, float]


class Rect(ctypes.Structure):
    """pdfium's FS_RECTF, in its order."""

    _fields_ = (("left", c_float), ("top", c_float), ("right", c_float), ("bottom", c_float))


def _prototype(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:  # noqa: ANN401 - ctypes' own types have no common name
    """Give a pdfium function under plain types.

    PYFUNCTYPE keeps the interpreter's lock: pdfium must not be entered by two threads.
    """
    function: Callable[..., Any] = ctypes.cast(
        getattr(raw, name), ctypes.PYFUNCTYPE(result, *arguments)
    )
    return function


_init = _prototype("FPDF_InitLibraryWithConfig", None, c_void_p)
_load_document = _prototype(
    "FPDF_LoadMemDocument64", c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p
)
_close_document = _prototype("FPDF_CloseDocument", None, c_void_p)
last_error = _prototype("FPDF_GetLastError", c_ulong)
page_count = _prototype("FPDF_GetPageCount", c_int, c_void_p)
_save = _prototype("FPDF_SaveAsCopy", c_int, c_void_p, c_void_p, c_ulong)
_load_page = _prototype("FPDF_LoadPage", c_void_p, c_void_p, c_int)
_close_page = _prototype("FPDF_ClosePage", None, c_void_p)
_count_annotations = _prototype("FPDFPage_GetAnnotCount", c_int, c_void_p)
_annotation = _prototype("FPDFPage_GetAnnot", c_void_p, c_void_p, c_int)
_close_annotation = _prototype("FPDFPage_CloseAnnot", None, c_void_p)
_count_drawn = _prototype("FPDFAnnot_GetObjectCount", c_int, c_void_p)
_drawn = _prototype("FPDFAnnot_GetObject", c_void_p, c_void_p, c_int)
_flatten = _prototype("FPDFPage_Flatten", c_int, c_void_p, c_int)
_bounding_box = _prototype("FPDF_GetPageBoundingBox", c_int, c_void_p, c_void_p)
rotation = _prototype("FPDFPage_GetRotation", c_int, c_void_p)
count_objects = _prototype("FPDFPage_CountObjects", c_int, c_void_p)
get_object = _prototype("FPDFPage_GetObject", c_void_p, c_void_p, c_int)
object_type = _prototype("FPDFPageObj_GetType", c_int, c_void_p)
transform_object = _prototype("FPDFPageObj_Transform", None, c_void_p, *[c_double] * 6)
_object_matrix = _prototype("FPDFPageObj_GetMatrix", c_int, c_void_p, c_void_p)
form_count = _prototype("FPDFFormObj_CountObjects", c_int, c_void_p)
form_object = _prototype("FPDFFormObj_GetObject", c_void_p, c_void_p, c_ulong)
count_segments = _prototype("FPDFPath_CountSegments", c_int, c_void_p)
get_segment = _prototype("FPDFPath_GetPathSegment", c_void_p, c_void_p, c_int)
segment_type = _prototype("FPDFPathSegment_GetType", c_int, c_void_p)
segment_point = _prototype("FPDFPathSegment_GetPoint", c_int, c_void_p, c_void_p, c_void_p)
segment_closes = _prototype("FPDFPathSegment_GetClose", c_int, c_void_p)
count_marks = _prototype("FPDFPageObj_CountMarks", c_int, c_void_p)
get_mark = _prototype("FPDFPageObj_GetMark", c_void_p, c_void_p, c_ulong)
mark_parameter_type = _prototype(
    "FPDFPageObjMark_GetParamValueType", c_int, c_void_p, ctypes.c_char_p
)
remove_mark = _prototype("FPDFPageObj_RemoveMark", c_int, c_void_p, c_void_p)
_load_text = _prototype("FPDFText_LoadPage", c_void_p, c_void_p)
_close_text = _prototype("FPDFText_ClosePage", None, c_void_p)
count_glyphs = _prototype("FPDFText_CountChars", c_int, c_void_p)
text_into = _prototype("FPDFText_GetText", c_int, c_void_p, c_int, c_int, c_void_p)
glyph_unicode = _prototype("FPDFText_GetUnicode", c_uint, c_void_p, c_int)
glyph_object = _prototype("FPDFText_GetTextObject", c_void_p, c_void_p, c_int)
_loose_box = _prototype("FPDFText_GetLooseCharBox", c_int, c_void_p, c_int, c_void_p)
glyph_origin = _prototype("FPDFText_GetCharOrigin", c_int)  # given arguments as ctypes wants them
is_generated = _prototype("FPDFText_IsGenerated", c_int, c_void_p, c_int)
is_hyphen = _prototype("FPDFText_IsHyphen", c_int, c_void_p, c_int)
is_unmapped = _prototype("FPDFText_HasUnicodeMapError", c_int, c_void_p, c_int)
text_font = _prototype("FPDFTextObj_GetFont", c_void_p, c_void_p)
text_mode = _prototype("FPDFTextObj_GetTextRenderMode", c_int, c_void_p)
_text_font_size = _prototype("FPDFTextObj_GetFontSize", c_int, c_void_p, c_void_p)
_font_descent = _prototype("FPDFFont_GetDescent", c_int, c_void_p, c_float, c_void_p)
_font_name = _prototype(
    "FPDFFont_GetBaseFontName", ctypes.c_size_t, c_void_p, c_void_p, ctypes.c_size_t
)
_glyph_width = _prototype("FPDFFont_GetGlyphWidth", c_int, c_void_p, c_uint, c_float, c_void_p)

_create_bitmap = _prototype("FPDFBitmap_CreateEx", c_void_p, c_int, c_int, c_int, c_void_p, c_int)
_destroy_bitmap = _prototype("FPDFBitmap_Destroy", None, c_void_p)
_fill = _prototype("FPDFBitmap_FillRect", c_int, c_void_p, *[c_int] * 4, c_ulong)
_render = _prototype("FPDF_RenderPageBitmap", None, c_void_p, c_void_p, *[c_int] * 6)
has_valid_xref = _prototype("FPDF_DocumentHasValidCrossReferenceTable", c_int, c_void_p)

# Where pdfium writes what it is asked for one at a time: a place made anew for each call would take
# longer than the call.
_six = (c_float * 6)()
_six_at = ctypes.addressof(_six)
_one = c_float()
_one_at = ctypes.addressof(_one)

_config = raw.FPDF_LIBRARY_CONFIG(version=2)
_init(ctypes.addressof(_config))


def open_document(body: bytes) -> int:
    """Give a document's handle, 0 where pdfium cannot open it; `body` must outlive it."""
    return _load_document(body, len(body), None) or 0


def close_document(document: int) -> None:
    """Give back all that pdfium holds of a document."""
    _close_document(document)


_Taking = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_ulong)


class _Taker(ctypes.Structure):
    """pdfium's FPDF_FILEWRITE."""

    _fields_ = (("version", c_int), ("take", _Taking))


def unlocked(document: int) -> bytes:
    """Give an encrypted document's file written anew without the lock, its streams as packed."""
    written = bytearray()

    def take(_: int, piece: int, size: int) -> int:
        written.extend(ctypes.string_at(piece, size))
        return 1

    taker = _Taker(1, _Taking(take))
    _save(document, ctypes.addressof(taker), UNLOCKED)
    return bytes(written)


@contextmanager
def opened_page(document: int, index: int) -> Iterator[int]:
    """Lend a page (index from 0); 0 where pdfium cannot load it.

    Text of annotations that are shown, as what a form is filled in with, is the page's own in it.
    """
    page = _load_page(document, index) or 0
    if page and any(_may_say(page, at) for at in range(_count_annotations(page))):
        _flatten(page, AS_DISPLAYED)
        _close_page(page)
        page = _load_page(document, index) or 0
    try:
        yield page
    finally:
        if page:
            _close_page(page)


def _may_say(page: int, index: int) -> bool:
    """Whether an annotation draws text, or a form, in which text may be."""
    annotation = _annotation(page, index)
    if not annotation:
        return False
    drawn = (_drawn(annotation, at) for at in range(_count_drawn(annotation)))
    says = any(handle and object_type(handle) in {TEXT, FORM} for handle in drawn)
    _close_annotation(annotation)
    return says


@contextmanager
def opened_text(page: int) -> Iterator[int]:
    """Lend a page's text; 0 where there is none."""
    text = _load_text(page) or 0
    try:
        yield text
    finally:
        if text:
            _close_text(text)


def bounding_box(page: int) -> tuple[float, float, float, float]:
    """Give left, bottom, right, top of what is displayed, in the page's own coordinates."""
    rect = Rect()
    _bounding_box(page, ctypes.addressof(rect))
    return rect.left, rect.bottom, rect.right, rect.top


def object_matrix(handle: int) -> Matrix:
    """Give a page object's own matrix."""
    _object_matrix(handle, _six_at)
    a, b, c, d, e, f = _six[:]
    return a, b, c, d, e, f


def loose_box(text: int, index: int) -> list[float]:
    """Give the box of a character that holds its advance, its font's height and its ink.

    Returns:
        Its left, top, right and bottom edge.
    """
    _loose_box(text, index, _six_at)
    return _six[:4]


def text_font_size(handle: int) -> float:
    """Give a text object's font size, before any matrix."""
    _text_font_size(handle, _one_at)
    return _one.value


def font_descent(font: int) -> float:
    """Give how deep a font reaches below the baseline for size 1: negative as a rule."""
    descent = c_float()
    _font_descent(font, 1.0, ctypes.addressof(descent))
    return descent.value


def font_name(font: int) -> str:
    """Give a font's name, without the prefix of a subset."""
    name = ctypes.create_string_buffer(256)
    _font_name(font, ctypes.addressof(name), len(name))
    return name.value.decode("utf-8", "replace")


def glyph_width(font: int, character: int) -> float:
    """Give a character's advance for font size 1."""
    _glyph_width(font, character, 1.0, _one_at)
    return _one.value


def rendered(page: int, size: tuple[int, int], placed: tuple[int, int, int, int]) -> bytes:
    """Draw a page on white: rows of red, green and blue bytes.

    Args:
        page: as loaded.
        size: columns and rows of the picture.
        placed: where the page's upper left corner stands in it, and the whole page's size.

    Raises:
        MemoryError: there is no room for the picture.
    """
    columns, rows = size
    stride = 3 * columns
    buffer = (ctypes.c_uint8 * (stride * rows))()
    bitmap = _create_bitmap(columns, rows, BGR, ctypes.addressof(buffer), stride)
    if not bitmap:
        raise MemoryError(f"no room for a picture of {columns} x {rows}")
    _fill(bitmap, 0, 0, columns, rows, 0xFFFFFFFF)
    _render(bitmap, page, *placed, 0, ANNOTATIONS | RED_FIRST)
    _destroy_bitmap(bitmap)
    return bytes(buffer)
