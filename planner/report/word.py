"""The paper as a Word file with real styles, in the form of GB/T 9704-2012."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from planner.model import Plan
from planner.report.facts import key_line, report_title
from planner.report.fonts import FONTS, office_fonts
from planner.report.paper import MM_PT, TEXT_MM, WIDE_MM, Picture, Piece, Table, runs
from planner.words import Language

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph

_LINE_PT: Final = 28.95  # 225 mm / 22 lines
_BODY_PT: Final = 16  # 3号
_LATIN: Final = "Times New Roman"
# Style: font role, size in pt, first-line indent in characters, rank in the outline.
_STYLES: Final = {
    "Normal": ("body", 16, 0, None),
    "Body Text": ("body", 16, 2, None),
    "List Bullet": ("body", 16, 2, None),
    "Title": ("title", 22, 0, None),
    "Subtitle": ("kai", 16, 0, None),
    "Heading 1": ("head", 16, 2, 0),
    "Heading 2": ("kai", 16, 2, 1),
    "Heading 3": ("body", 16, 2, 2),
    "Caption": ("head", 12, 0, None),
}
# What follows an element in its parent, by the schema of WordprocessingML.
_AFTER_LANG: Final = ("eastAsianLayout", "specVanish", "oMath")
_AFTER_SPACING: Final = (
    "w", "kern", "position", "sz", "szCs", "highlight", "u", "effect", "bdr", "shd", "fitText",
    "vertAlign", "rtl", "cs", "em", "lang", *_AFTER_LANG,
)  # fmt: skip
_AFTER_UPDATE: Final = (
    "hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids", "mathPr",
    "themeFontLang", "clrSchemeMapping", "shapeDefaults", "decimalSymbol", "listSeparator",
)  # fmt: skip
_KINDS: Final = {
    "title": "Title",
    "cover": "Subtitle",
    "head1": "Heading 1",
    "head2": "Heading 2",
    "head3": "Heading 3",
    "text": "Body Text",
    "point": "List Bullet",
}


def docx_bytes(pieces: Sequence[Piece], plan: Plan, words: Language) -> bytes:
    """Build the Word file; nothing in it depends on the clock."""
    import docx

    document = docx.Document()
    _set_page(document)
    _set_styles(document, words)
    _set_footer(document, key_line(plan, words))

    breaks = False
    for piece in pieces:
        if not isinstance(piece, Table | Picture) and piece.kind == "page":
            breaks = True
            continue
        # A turned section begins a page by itself: a break as well would leave an empty one.
        turned = _turn(document, wide=isinstance(piece, Table) and piece.is_wide)
        first = _add(document, piece, pieces, words)
        first.paragraph_format.page_break_before = (breaks and not turned) or None
        breaks = False

    _set_properties(document, plan, words)
    buffer = io.BytesIO()
    document.save(buffer)
    return _fixed_times(buffer.getvalue())


def _add(document: Document, piece: Piece, pieces: Sequence[Piece], words: Language) -> Paragraph:
    """Add a piece; returns its first paragraph."""
    if isinstance(piece, Table):
        return _add_table(document, piece)
    if isinstance(piece, Picture):
        return _add_picture(document, piece)
    if piece.kind == "contents":
        return _add_contents(document, pieces, words)
    text = f"— {piece.text}" if piece.kind == "point" else piece.text
    return _paragraph(document, text, _KINDS[piece.kind])


def _paragraph(document: Document, text: str, style: str) -> Paragraph:
    """Add a paragraph.

    python-docx searches all styles for each one, three times.
    """
    paragraph = document.add_paragraph(text)
    paragraph._p.style = _style_id(document, style)
    return paragraph


def _style_id(document: Document, name: str) -> str | None:
    """Id of a style in the file; None of the one that a paragraph has by itself."""
    return None if name == "Normal" else document.styles[name].style_id


def _set_page(document: Document) -> None:
    """A4 with the margins of GB/T 9704; python-docx's own example text is empty already."""
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)


def _turn(document: Document, *, wide: bool) -> bool:
    """Begin a section across the page, or upright again, where the last one lies otherwise."""
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.shared import Mm

    section = document.sections[-1]
    if (section.orientation == WD_ORIENT.LANDSCAPE) == wide:
        return False

    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if wide else (Mm(210), Mm(297))
    section.top_margin, section.bottom_margin = (Mm(28), Mm(26)) if wide else (Mm(37), Mm(35))
    section.left_margin, section.right_margin = (Mm(35), Mm(37)) if wide else (Mm(28), Mm(26))
    section.footer_distance = Mm(16) if wide else Mm(25)
    return True


def _set_styles(document: Document, words: Language) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    scale = float(words("report.paper.letter_pt")) / _BODY_PT
    for name, (role, size, indent, rank) in _STYLES.items():
        style: Any = document.styles[name]
        size = size if name == "Caption" else round(scale * size)
        _set_font(style, role, size, words)
        is_tight = name in {"Caption", "Title"}
        _set_spacing(style, None if is_tight else _LINE_PT * size / _BODY_PT)

        # Word's own styles indent, number and underline: what they say goes first.
        properties = style.element.get_or_add_pPr()
        for tag in ("ind", "numPr", "pBdr"):
            for old in properties.findall(_w(tag)):
                properties.remove(old)

        form = style.paragraph_format
        if indent:
            form.first_line_indent = Pt(size * indent)
            properties.ind.set(_w("firstLineChars"), str(100 * indent))
        if name in {"Title", "Subtitle", "Caption"}:
            form.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if name == "Title":
            form.space_before, form.space_after = Pt(0), Pt(16)
        if name == "Subtitle":
            form.space_before, form.space_after = Pt(2 * _LINE_PT), Pt(0)
        if rank is not None:
            form.keep_with_next = True
    _name_substitutes(document)


def _set_font(style: ParagraphStyle, role: str, size: float, words: Language) -> None:
    """The office's font for Chinese, Times for Latin letters; black, upright, not bold."""
    from docx.shared import Pt, RGBColor

    font = style.font
    font.size = Pt(size)
    font.bold = False
    font.italic = False
    font.color.rgb = RGBColor(0, 0, 0)

    # The themes of Word's template go before the names of fonts: all that is said there goes.
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for key in ("ascii", "hAnsi", "cs"):
        fonts.set(_w(key), _LATIN)
    fonts.set(_w("eastAsia"), office_fonts()[role])

    for old in properties.findall(_w("lang")) + properties.findall(_w("spacing")):
        properties.remove(old)
    # In twentieths of a point; -0.2 points set 28 characters in 156 mm.
    spacing = round(20 * float(words("report.paper.spacing_pt")))
    if spacing and size == _BODY_PT:
        _child(properties, "spacing", before=_AFTER_SPACING, val=str(spacing))
    _child(properties, "lang", before=_AFTER_LANG, val="en-US", eastAsia=words("language.html"))


def _set_spacing(style: ParagraphStyle, line_pt: float | None) -> None:
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0 if line_pt else 6)
    if line_pt:
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        form.line_spacing = Pt(line_pt)


def _name_substitutes(document: Document) -> None:
    """Tell Word which fonts stand in where the office's are missing."""
    from lxml import etree

    parts = document.part.package.iter_parts()
    part = next(part for part in parts if part.partname == "/word/fontTable.xml")
    root = etree.fromstring(part.blob)
    for role, name in sorted(office_fonts().items()):
        font = etree.SubElement(root, _w("font"))
        font.set(_w("name"), name)
        alternative = etree.SubElement(font, _w("altName"))
        alternative.set(_w("val"), ",".join(FONTS[role][:3]))
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _set_footer(document: Document, key: str) -> None:
    """Page number between dashes, outside: right on odd pages, left on even ones.

    The plan's key stands small beside it.
    """
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        is_odd = side == WD_ALIGN_PARAGRAPH.RIGHT
        if is_odd:
            _run_font(paragraph.add_run(key), "song", 9)
        _add_page_number(paragraph)
        if not is_odd:
            _run_font(paragraph.add_run(key), "song", 9)


def _add_page_number(paragraph: Paragraph) -> None:
    already = len(paragraph.runs)
    paragraph.add_run("　— ")
    _field(paragraph, "PAGE", "1")
    paragraph.add_run(" —　")
    for run in paragraph.runs[already:]:
        _run_font(run, "song", 14)


def _run_font(run: Any, role: str, size: float) -> None:
    from docx.shared import Pt

    run.font.size = Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(_w("eastAsia"), office_fonts()[role])


def _field(paragraph: Paragraph, code: str, shown: str) -> None:
    """A field that Word works out; `shown` stands there until it does."""
    _child(paragraph.add_run()._element, "fldChar", fldCharType="begin")
    _child(paragraph.add_run()._element, "instrText", text=f" {code} ")
    _child(paragraph.add_run()._element, "fldChar", fldCharType="separate")
    paragraph.add_run(shown)
    _child(paragraph.add_run()._element, "fldChar", fldCharType="end")


def _add_contents(document: Document, pieces: Sequence[Piece], words: Language) -> Paragraph:
    """Title and a line per chapter and section.

    Word works the page numbers out when the file is opened.
    """
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Mm, Pt

    first = _paragraph(document, words("report.contents"), "Title")
    blocks = [piece for piece in pieces if not isinstance(piece, Table | Picture)]
    heads = [block for block in blocks if block.kind in {"head1", "head2"}]
    for number, piece in enumerate(heads):
        line = document.add_paragraph()
        form = line.paragraph_format
        form.line_spacing = Pt(24)
        form.left_indent = Mm(0 if piece.kind == "head1" else 11)
        form.tab_stops.add_tab_stop(Mm(TEXT_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        line.add_run(f"{piece.text}\t")
        _field(line, f"PAGEREF _Head{number} \\h", "")
    _child(document.settings.element, "updateFields", before=_AFTER_UPDATE, val="true")
    return first


def _mark_heads(document: Document) -> None:
    """Bookmarks that the contents point to."""
    number = 0
    heads = {_style_id(document, name) for name in ("Heading 1", "Heading 2")}
    for paragraph in document.paragraphs:
        element = paragraph._p
        if element.style in heads:
            start = _child(element, "bookmarkStart", id=str(number), name=f"_Head{number}")
            element.remove(start)
            element.insert(1 if element.pPr is not None else 0, start)
            _child(element, "bookmarkEnd", id=str(number))
            number += 1


def _add_picture(document: Document, piece: Picture) -> Paragraph:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Mm

    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    form.line_spacing = 1.0
    form.keep_with_next = True
    form.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run().add_picture(io.BytesIO(piece.png), width=Mm(TEXT_MM))
    _paragraph(document, piece.caption, "Caption")
    return paragraph


def _add_table(document: Document, piece: Table) -> Paragraph:
    """Caption, table with repeated header rows, and its notes."""
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm

    caption = _paragraph(document, piece.caption, "Caption")
    caption.paragraph_format.keep_with_next = True

    # Word keeps the widths that are set only while it may not fit them to the text.
    grid = document.add_table(rows=0, cols=len(piece.heads), style="Table Grid")
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    for column, share in zip(grid.columns, piece.shares, strict=True):
        column.width = Mm(share * _width_mm(piece))

    for texts in (piece.groups, piece.heads):
        if texts:
            _add_row(grid, piece, texts, role="head", is_header=True)
    for i, texts in enumerate(piece.rows):
        _add_row(grid, piece, texts, role="head" if i in piece.totals else "body")
    if piece.groups:
        _merge_groups(grid, piece)
    _set_margins(grid)

    for note in piece.notes or ("",):
        _add_note(document, note)
    return caption


def _width_mm(piece: Table) -> float:
    return WIDE_MM if piece.is_wide else TEXT_MM


def _add_note(document: Document, text: str) -> None:
    """A small line below a table; an empty one keeps the text off it."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    if text:
        form.line_spacing_rule = WD_LINE_SPACING.SINGLE
        _run_font(paragraph.add_run(text), "body", 9)
    else:
        form.line_spacing = Pt(8)


def _add_row(
    grid: Any, piece: Table, texts: Sequence[str], *, role: str, is_header: bool = False
) -> None:
    """A row as XML in one go.

    python-docx looks every cell up anew, which takes minutes for long tables.
    """
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if is_header else "")
    size = round(2 * piece.size_pt)
    fonts = f'<w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="{office_fonts()[role]}"/>'
    letters = f'<w:rPr>{fonts}<w:sz w:val="{size}"/></w:rPr>'

    cells = []
    for text, side, share in zip(texts, piece.aligns, piece.shares, strict=True):
        width = round(share * _width_mm(piece) * 20 * MM_PT)
        cells.append(_cell_xml(text, letters, width, "center" if is_header else side))
    row = f"<w:tr {nsdecls('w')}><w:trPr>{marks}</w:trPr>{''.join(cells)}</w:tr>"
    grid._tbl.append(parse_xml(row))


def _cell_xml(text: str, letters: str, width: int, align: str) -> str:
    """A cell of one line; its width in twentieths of a point."""
    from xml.sax.saxutils import escape

    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
        f'<w:jc w:val="{align}"/></w:pPr>'
        f'<w:r>{letters}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
    )


def _merge_groups(grid: Any, piece: Table) -> None:
    """Neighbours with one group share a cell; a column without a group has one over both rows."""
    upper, lower = (row.cells for row in grid.rows[:2])
    start = 0
    for group, span in runs(piece.groups):
        end = start + span
        if group:
            _merge(upper[start:end], group)
        else:
            for column in range(start, end):
                _merge((upper[column], lower[column]), piece.heads[column])
        start = end


def _merge(cells: Sequence[Any], text: str) -> None:
    """One cell with one text; merged as they are, each cell would bring a paragraph of its own."""
    for cell in cells:
        for run in cell.paragraphs[0].runs:
            run.text = ""
    cells[0].paragraphs[0].runs[0].text = text
    merged = cells[0].merge(cells[-1])
    for extra in merged.paragraphs[1:]:
        extra._element.getparent().remove(extra._element)


def _set_margins(grid: Any) -> None:
    """Narrow cell margins, so that Chinese heads keep their words together."""
    properties = grid._tbl.tblPr
    margins = _child(properties, "tblCellMar", before=("tblLook", "tblCaption"))
    for side in ("left", "right"):
        _child(margins, side, w="40", type="dxa")


def _set_properties(document: Document, plan: Plan, words: Language) -> None:
    _mark_heads(document)
    scenario = plan.scenario
    made = dt.datetime.combine(dt.date.fromisoformat(scenario.as_of), dt.time())
    core = document.core_properties
    core.title = report_title(scenario, words)
    core.author = scenario.titles.compiled_by
    core.keywords = key_line(plan, words)
    core.comments = ""
    core.created = core.modified = core.last_printed = made
    core.language = words("language.html")


def _fixed_times(data: bytes) -> bytes:
    """The same package with the earliest time a zip knows at every member."""
    out = io.BytesIO()
    old = zipfile.ZipFile(io.BytesIO(data))
    with old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            fixed = zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0))
            new.writestr(fixed, old.read(member), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _w(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))


def _child(
    parent: Any, tag: str, /, *, before: Sequence[str] = (), text: str = "", **attributes: str
) -> Any:
    """Add an element of Word's namespace, in front of the first of `before`.

    Word refuses a file whose elements stand in another order than its schema's.
    """
    from docx.oxml import OxmlElement

    element = OxmlElement(f"w:{tag}")
    for key, value in attributes.items():
        element.set(_w(key), value)
    if text:
        element.text = text
    if before:
        parent.insert_element_before(element, *(f"w:{name}" for name in before))
    else:
        parent.append(element)
    return element
