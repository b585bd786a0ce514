"""The paper as a Word file with real styles, in the form of GB/T 9704-2012."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from planner.report.facts import report_title
from planner.report.fonts import FONTS, office_fonts
from planner.report.paper import MM_PT, TEXT_MM, WIDE_MM, Picture, Piece, Table
from planner.report.pdf import runs
from planner.scenario import Scenario
from planner.words import Language

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph

_LINE_PT: Final = 28.95  # 225 mm / 22 lines
_BODY_PT: Final = 16  # 3号
_LATIN: Final = "Times New Roman"
_STYLES: Final = {  # name: (font role, size in pt, first-line indent in characters, rank in the outline)
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
    "vertAlign", "rtl",
    "cs", "em", "lang", *_AFTER_LANG,
)  # fmt: skip
_AFTER_UPDATE: Final = (
    "hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids", "mathPr",
    "themeFontLang",
    "clrSchemeMapping", "shapeDefaults", "decimalSymbol", "listSeparator",
)  # fmt: skip
_KINDS: Final = {
    "title": "Title", "cover": "Subtitle", "head1": "Heading "
                                                    "1", "head2": "Heading 2", "head3": "Heading 3",
    "text": "Body Text", "point": "List Bullet",
}  # fmt: skip


def docx_bytes(pieces: Sequence[Piece], scenario: Scenario, words: Language) -> bytes:
    """Build the Word file; nothing in it depends on the clock."""
    import docx

    document = docx.Document()
    _set_page(document)
    _set_styles(document, words)
    _set_footer(document)
    breaks = False
    for piece in pieces:
        if isinstance(piece, Table | Picture) or piece.kind != "page":
            turned = _turn(document, wide=isinstance(piece, Table) and piece.is_wide)
            first = _add(document, piece, pieces, words)
            first.paragraph_format.page_break_before = (breaks and not turned) or None
            breaks = False
        else:
            breaks = True
    _set_properties(document, scenario, words)
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
    return document.add_paragraph(text, style=_KINDS[piece.kind])


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
        form = style.paragraph_format
        _set_spacing(
            style, _LINE_PT * size / _BODY_PT if name not in {"Caption", "Title"} else None
        )
        properties = style.element.get_or_add_pPr()
        for old in (
            properties.findall(_w("ind"))
            + properties.findall(_w("numPr"))
            + properties.findall(_w("pBdr"))
        ):
            properties.remove(old)
        if indent:
            form.first_line_indent = Pt(size * indent)
            properties.ind.set(_w("firstLineChars"), str(100 * indent))
        if name in {"Title", "Subtitle", "Caption"}:
            form.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if name in {"Title", "Subtitle"}:
            form.space_before, form.space_after = (
                (Pt(0), Pt(16)) if name == "Title" else (Pt(2 * _LINE_PT), Pt(0))
            )
        if rank is not None:
            form.keep_with_next = True
    _name_substitutes(document)


def _set_font(style: ParagraphStyle, role: str, size: float, words: Language) -> None:
    """The office's font for Chinese, Times for Latin letters; black, upright, not bold."""
    from docx.shared import Pt, RGBColor

    font = style.font
    font.size, font.bold, font.italic, font.color.rgb = Pt(size), False, False, RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for key in ("ascii", "hAnsi", "cs"):
        fonts.set(_w(key), _LATIN)
    fonts.set(_w("eastAsia"), office_fonts()[role])
    for old in properties.findall(_w("lang")) + properties.findall(_w("spacing")):
        properties.remove(old)
    spacing = round(
        20 * float(words("report.paper.spacing_pt"))
    )  # -0.2 points: 28 characters in 156 mm
    if spacing and size == _BODY_PT:
        _child(properties, "spacing", before=_AFTER_SPACING, val=str(spacing))
    _child(properties, "lang", before=_AFTER_LANG, val="en-US", eastAsia=words("language.html"))


def _set_spacing(style: ParagraphStyle, line_pt: float | None) -> None:
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0 if line_pt else 6)
    if line_pt:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line_pt)


def _name_substitutes(document: Document) -> None:
    """Tell Word which fonts stand in where the office's are missing."""
    from lxml import etree

    part = next(
        part
        for part in document.part.package.iter_parts()
        if part.partname == "/word/fontTable.xml"
    )
    root = etree.fromstring(part.blob)
    for role, name in sorted(office_fonts().items()):
        font = etree.SubElement(root, _w("font"))
        font.set(_w("name"), name)
        alternative = etree.SubElement(font, _w("altName"))
        alternative.set(_w("val"), ",".join(FONTS[role][:3]))
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _set_footer(document: Document) -> None:
    """Page number between dashes, outside: right on odd pages, left on even ones."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        paragraph.add_run("　— ")
        _field(paragraph, "PAGE", "1")
        paragraph.add_run(" —　")
        for run in paragraph.runs:
            _run_font(run, "song", 14)


def _run_font(run: Any, role: str, size: float) -> None:
    from docx.shared import Pt

    run.font.size = Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(_w("eastAsia"), office_fonts()[role])


def _field(paragraph: Paragraph, code: str, shown: str) -> None:
    """A field that Word works out; `shown` stands there until it does."""
    for kind, text in (
        ("begin", ""),
        ("instr", code),
        ("separate", ""),
        ("text", shown),
        ("end", ""),
    ):
        run = paragraph.add_run(text if kind == "text" else "")
        element = run._element
        if kind == "instr":
            _child(element, "instrText", text=f" {code} ")
        elif kind != "text":
            _child(element, "fldChar", fldCharType=kind)


def _add_contents(document: Document, pieces: Sequence[Piece], words: Language) -> Paragraph:
    """Title and a line per chapter and section, with page numbers that Word works out when the file is opened."""
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Mm, Pt

    first = document.add_paragraph(words("report.contents"), style="Title")
    heads = [
        piece
        for piece in pieces
        if not isinstance(piece, Table | Picture) and piece.kind in {"head1", "head2"}
    ]
    for number, piece in enumerate(heads):
        line = document.add_paragraph(style="Normal")
        line.paragraph_format.line_spacing = Pt(24)
        line.paragraph_format.left_indent = Mm(0 if piece.kind == "head1" else 11)
        line.paragraph_format.tab_stops.add_tab_stop(
            Mm(TEXT_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
        )
        line.add_run(f"{piece.text}\t")
        _field(line, f"PAGEREF _Head{number} \\h", "")
    _child(document.settings.element, "updateFields", before=_AFTER_UPDATE, val="true")
    return first


def _mark_heads(document: Document) -> None:
    """Bookmarks that the contents point to."""
    number = 0
    for paragraph in document.paragraphs:
        if paragraph.style is not None and paragraph.style.name in {"Heading 1", "Heading 2"}:
            element = paragraph._element
            start = _child(element, "bookmarkStart", id=str(number), name=f"_Head{number}")
            element.remove(start)
            element.insert(1 if element.pPr is not None else 0, start)
            _child(element, "bookmarkEnd", id=str(number))
            number += 1


def _add_picture(document: Document, piece: Picture) -> Paragraph:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Mm

    paragraph = document.add_paragraph(style="Normal")
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing, form.keep_with_next = (
        WD_LINE_SPACING.SINGLE,
        1.0,
        True,
    )
    form.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run().add_picture(io.BytesIO(piece.png), width=Mm(TEXT_MM))
    document.add_paragraph(piece.caption, style="Caption")
    return paragraph


def _add_table(document: Document, piece: Table) -> Paragraph:
    """Caption, table with repeated header rows, and its notes."""
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm

    caption = document.add_paragraph(piece.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    grid = document.add_table(rows=0, cols=len(piece.heads), style="Table Grid")
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, share in zip(grid.columns, piece.shares, strict=True):
        column.width = Mm(share * (WIDE_MM if piece.is_wide else TEXT_MM))
    header = [piece.heads]
    if piece.groups:
        header.insert(0, piece.groups)
    for texts in header:
        _add_row(grid, piece, texts, "center", role="head", is_header=True)
    for i, texts in enumerate(piece.rows):
        _add_row(
            grid, piece, texts, "", role="head" if i in piece.totals else "body", is_header=False
        )
    if piece.groups:
        _merge_groups(grid, piece)
    _set_margins(grid)
    for note in piece.notes or ("",):
        _add_note(document, note)
    return caption


def _add_note(document: Document, text: str) -> None:
    """A small line below a table; an empty one keeps the text off it."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    paragraph = document.add_paragraph(style="Normal")
    form = paragraph.paragraph_format
    if text:
        form.line_spacing_rule = WD_LINE_SPACING.SINGLE
        _run_font(paragraph.add_run(text), "body", 9)
    else:
        form.line_spacing = Pt(8)


def _add_row(
    grid: Any, piece: Table, texts: Sequence[str], align: str, *, role: str, is_header: bool
) -> None:
    """A row as XML in one go: python-docx looks every cell up anew, which takes minutes for long tables."""
    from xml.sax.saxutils import escape

    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    size = str(round(2 * piece.size_pt))
    fonts = f'<w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="{office_fonts()[role]}"/>'
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if is_header else "")
    cells = []
    widths = [
        round(share * (WIDE_MM if piece.is_wide else TEXT_MM) * 20 * MM_PT)
        for share in piece.shares
    ]
    for text, side, width in zip(texts, piece.aligns, widths, strict=True):
        cells.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign '
            f'w:val="center"/></w:tcPr><w:p><w:pPr>'
            '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
            f'<w:jc w:val="{align or side}"/></w:pPr><w:r><w:rPr>{fonts}<w:sz '
            f'w:val="{size}"/></w:rPr>'
            f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
        )
    grid._tbl.append(
        parse_xml(f"<w:tr {nsdecls('w')}><w:trPr>{marks}</w:trPr>{''.join(cells)}</w:tr>")
    )


def _merge_groups(grid: Any, piece: Table) -> None:
    """Neighbours with one group share a cell; a column without a group is one cell over both header rows."""
    start = 0
    for group, span in runs(piece.groups):
        for place in range(start, start + span) if not group else (start,):
            top, other = (
                grid.cell(0, place),
                grid.cell(0, place + span - 1) if group else grid.cell(1, place),
            )
            text = group or piece.heads[place]
            for cell in {id(c._tc): c for c in (top, other)}.values():
                for run in cell.paragraphs[0].runs:
                    run.text = ""
            for between in range(start, start + span) if group else ():
                for run in grid.cell(0, between).paragraphs[0].runs:
                    run.text = ""
            top.paragraphs[0].runs[0].text = text
            merged = top.merge(other)
            for extra in merged.paragraphs[1:]:
                extra._element.getparent().remove(extra._element)
        start += span


def _set_margins(grid: Any) -> None:
    """Narrow cell margins, so that Chinese heads keep their words together."""
    properties = grid._tbl.tblPr
    margins = _child(properties, "tblCellMar", before=("tblLook", "tblCaption"))
    for side in ("left", "right"):
        _child(margins, side, w="40", type="dxa")


def _set_properties(document: Document, scenario: Scenario, words: Language) -> None:
    _mark_heads(document)
    made = dt.datetime.combine(dt.date.fromisoformat(scenario.as_of), dt.time())
    core = document.core_properties
    core.title, core.author, core.comments = (
        report_title(scenario, words),
        scenario.titles.compiled_by,
        "",
    )
    core.created = core.modified = core.last_printed = made
    core.language = words("language.html")


def _fixed_times(data: bytes) -> bytes:
    """The same package with the earliest time a zip knows at every member."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            new.writestr(
                zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0)),
                old.read(member),
                zipfile.ZIP_DEFLATED,
            )
    return out.getvalue()


def _w(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))


def _child(
    parent: Any, tag: str, /, *, before: Sequence[str] = (), text: str = "", **attributes: str
) -> Any:
    """Add an element of Word's namespace, in front of the first of `before`: Word insists on its order."""
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
