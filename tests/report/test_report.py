"""The paper: Word and PDF say the same, look as the office asks, warn, and are the same twice."""

from __future__ import annotations

import io
import re
import subprocess
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from PIL import Image

import planner
from planner.errors import ScenarioError, StorageError
from planner.report import fonts, frame, make_report
from planner.report.facts import Facts
from planner.report.figures import make_figures
from planner.report.frame import _title_block
from planner.words import Language, language
from tests.toy import write_contents

CHAPTERS = [
    "一、总则", "二、现状", "三、目标与指标", "四、规模预测与方法", "五、站址布局",
    "六、分期建设与任务分解", "七、共建共享与公共资源开放", "八、疑难站址",
    "九、电磁环境与选址约束", "十、投资估算", "十一、保障措施与提请议定事项", "附表", "附图",
]  # fmt: skip
SECTIONS = [
    "（一）编制依据", "（二）范围和期限", "（三）统计口径", "（一）方法", "（二）优化程度",
    "（三）规模校核", "（一）总体布局", "（二）分图层覆盖",
]  # fmt: skip
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def paths(plan: planner.Plan, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return write_contents(tmp_path_factory.mktemp("report"), make_report(plan))


@pytest.fixture(scope="module")
def word(paths: tuple[Path, ...]) -> Document:
    return docx.Document(str(paths[0]))


def word_file(plan: planner.Plan, *arguments: Any, **options: Any) -> Document:
    """The Word file of a plan's report, for tests that do not look at its figures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame, "DPI", 50)
        files = dict(make_report(plan, *arguments, **options))
    return docx.Document(io.BytesIO(files["report.docx"]))


def pdf_text(path: Path, *options: str) -> str:
    done = subprocess.run(
        ["pdftotext", *options, str(path), "-"], check=True, capture_output=True, timeout=60
    )
    return done.stdout.decode()


def texts(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def cells(document: Document) -> list[list[list[str]]]:
    return [
        [[t.text or "" for t in row.iter(qn("w:t"))] for row in table._tbl.tr_lst]
        for table in document.tables
    ]


def test_chapters_of_the_office_with_real_styles(word: Document) -> None:
    heads = [p.text for p in word.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert heads == CHAPTERS
    assert [
        p.text for p in word.paragraphs if p.style is not None and p.style.name == "Heading 2"
    ] == SECTIONS
    fonts_by_style = {
        name: word.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Title", "Body Text", "Heading 1", "Heading 2")
    }
    expected = {
        "Title": "方正小标宋简体",
        "Body Text": "仿宋_GB2312",
        "Heading 1": "黑体",
        "Heading 2": "楷体_GB2312",
    }
    assert fonts_by_style == expected
    section = word.sections[0]
    margins = [
        round(one.mm) for one in (section.top_margin, section.left_margin, section.right_margin)
    ]
    assert margins == [37, 28, 26]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_tables_repeat_their_heads_and_wide_ones_lie_across(word: Document) -> None:
    assert len(word.tables) >= 9
    for table in word.tables:
        assert table._tbl.tr_lst[0].trPr.find(qn("w:tblHeader")) is not None
        assert table.style is not None
        assert table.style.name == "Table Grid"
    across = [section for section in word.sections if section.orientation == WD_ORIENT.LANDSCAPE]
    # the figures of signals and the fields of sites
    assert len(across) == 2


def test_main_points_come_first_and_say_what_is_made_up(word: Document, plan: planner.Plan) -> None:
    lines = texts(word)
    assert lines[0].endswith("会议要点")
    assert "合成数据" in lines[1]
    for phase in plan.scenario.phases[1:]:
        assert any(f"{phase.name}累计{phase.stations}站" in line for line in lines[:6])


def test_figures_of_the_text_are_those_of_the_plan(word: Document, plan: planner.Plan) -> None:
    text = "\n".join(texts(word))
    last = plan.measures[plan.measures["phase"] == len(plan.scenario.phases) - 1]
    cost = last.loc[last["measure"] == "cost_wan", "value"].iloc[0]
    assert f"估算投资{cost:,.0f}万元" in text
    said = {"可证明差距为": "objective_gap", "共享代价为": "sharing_price", "覆盖差距": "gap"}
    for words, name in said.items():
        assert f"{words}{100 * plan.provenance[name]:z.2f}%" in text
    for network in plan.scenario.networks:
        own = last[(last["measure"] == "stations") & (last["network"] == network.name)][
            "value"
        ].iloc[0]
        assert f"{network.label}{int(own)}站" in text
    inside = plan.residents[(plan.residents["phase"] == 0) & (plan.residents["level"] == "outdoor")]
    people = inside.groupby("network")["people"].sum().max()
    assert f"面状图层内居民{people / 1e4:.1f}万人" in text
    assert any("图层内居民" in row for table in cells(word) for row in table)
    town = next(table for table in cells(word) if "合计" in table[-1] and "其中改造" in str(table))
    assert str(plan.scenario.counts[-1]) in town[-1]


def test_pictures_are_300_dots_and_numbered_in_order(word: Document) -> None:
    captions = [line for line in texts(word) if re.match(r"^图\d+　", line)]
    assert [int(re.findall(r"\d+", line)[0]) for line in captions] == list(
        range(1, len(captions) + 1)
    )
    assert {line.split("　")[1] for line in captions} >= {
        "现状站址分布图",
        "规划站址布局图",
        "分期建设图",
        "覆盖图",
        "连续覆盖核查图",
        "疑难站址图",
        "公共资源利用图",
    }
    assert len(word.inline_shapes) == len(captions)
    for shape in word.inline_shapes:
        assert round(shape.width.mm) == 156
        blip = shape._inline.graphic.graphicData.pic.blipFill.blip
        image = Image.open(io.BytesIO(word.part.related_parts[blip.embed].blob))
        assert image.width / (156 / 25.4) == pytest.approx(300, abs=1)


# Order of the elements in use, by the schema of WordprocessingML; Word calls a file damaged that
# breaks it.
ORDER = {
    "w:rPr": "rFonts b bCs i iCs color spacing kern sz szCs u lang",
    "w:pPr": "pStyle keepNext keepLines pageBreakBefore numPr pBdr tabs spacing ind "
             "contextualSpacing jc outlineLvl",
    "w:tblPr": "tblStyle tblW jc tblLayout tblCellMar tblLook",
    "w:tcPr": "tcW gridSpan vMerge vAlign",
    "w:settings": "evenAndOddHeaders characterSpacingControl updateFields compat rsids",
}  # fmt: skip


def test_elements_stand_in_the_order_that_word_insists_on(word: Document) -> None:
    for parent, names in ORDER.items():
        place = {qn(f"w:{name}"): i for i, name in enumerate(names.split())}
        for root in (word.element, word.styles.element, word.settings.element):
            for element in root.iter(qn(parent)):
                found = [place[child.tag] for child in element if child.tag in place]
                assert found == sorted(found), (parent, [child.tag for child in element])


def test_papers_and_workbook_say_whose_they_are(
    word: Document, paths: tuple[Path, ...], plan: planner.Plan
) -> None:
    said = f"方案编号 {plan.key[:12]}"
    for section in word.sections:
        for footer in (section.footer, section.even_page_footer):
            assert said in footer.paragraphs[0].text
    assert word.core_properties.keywords == said
    book = openpyxl.load_workbook(paths[2])
    assert book.properties.keywords == said
    assert {sheet.oddFooter.left.text for sheet in book} == {said}


def test_nothing_is_fetched_from_outside(paths: tuple[Path, ...]) -> None:
    with zipfile.ZipFile(paths[0]) as archive:
        links = [archive.read(name) for name in archive.namelist() if name.endswith(".rels")]
    assert not any(b'TargetMode="External"' in link for link in links)


def test_same_plan_same_bytes(paths: tuple[Path, ...], plan: planner.Plan) -> None:
    time.sleep(2.1)  # zip times have a resolution of two seconds
    again = dict(make_report(plan))
    assert list(again) == ["report.docx", "report.pdf", "tables.xlsx"]
    for path in paths:
        assert path.read_bytes() == again[path.name], path.name


@pytest.mark.office
def test_pdf_says_what_word_says(
    paths: tuple[Path, ...], word: Document, plan: planner.Plan
) -> None:
    text = re.sub(r"\s", "", pdf_text(paths[1]))
    for line in texts(word):
        if len(line) > 12 and "\t" not in line and not line.startswith("— "):
            assert re.sub(r"\s", "", line)[:12] in text, line
    pages = pdf_text(paths[1]).split("\f")[:-1]
    assert all(f"方案编号 {plan.key[:12]}" in page for page in pages)
    told = subprocess.run(["pdfinfo", str(paths[1])], check=True, capture_output=True, timeout=60)
    assert plan.key[:12] in told.stdout.decode()
    first = pdf_text(paths[1], "-l", "1")
    assert "会议要点" in first
    assert "请会议议定" in first
    assert "本版为首版" in first, "the main points fill one page"
    made = subprocess.run(
        ["pdffonts", str(paths[1])], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    assert all(line.split()[-5] == "yes" for line in made.splitlines()[2:]), (
        "every font is embedded"
    )


@pytest.mark.office
def test_libreoffice_sets_the_main_points_on_one_page(
    paths: tuple[Path, ...], tmp_path: Path
) -> None:
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    command: list[Any] = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        tmp_path,
        paths[0],
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    first = pdf_text(tmp_path / "report.pdf", "-l", "1")
    assert "请会议议定" in first
    assert "本版为首版" in first
    contents = pdf_text(tmp_path / "report.pdf", "-f", "3", "-l", "3")
    assert re.search(r"十一、保障措施与提请议定事项[.…\s]*\d+", contents), (
        "page numbers are worked out"
    )


def test_english_on_request(plan: planner.Plan) -> None:
    english = plan.scenario.replace(
        phases=[
            phase.model_dump() | {"name_en": f"phase {i}"}
            for i, phase in enumerate(plan.scenario.phases)
        ],
        networks=[
            network.model_dump() | {"label_en": network.name} for network in plan.scenario.networks
        ],
        layers=[layer.model_dump() | {"label_en": layer.name} for layer in plan.scenario.layers],
    )
    document = word_file(replace(plan, scenario=english), language="en")
    names = {
        *plan.layers.towns["name"],
        *plan.towns["town"],
        *plan.layers.keep_outs["name"],
        *plan.stations["town"],
    }
    names |= {*plan.layers.areas["name"], *plan.roads["name"]}
    lines = [
        *texts(document),
        *(text for table in cells(document) for row in table for text in row),
    ]
    for line in lines:
        rest = line
        for name in sorted(names, key=len, reverse=True):
            rest = rest.replace(name, "")
        assert not CHINESE.search(rest), line


def test_an_unknown_language_is_refused(plan: planner.Plan) -> None:
    with pytest.raises(ScenarioError, match="known: zh, en"):
        make_report(plan, language="xx")


def test_what_the_text_says_of_the_method_is_the_scenarios(plan: planner.Plan) -> None:
    scenario = plan.scenario.replace(demand={"cell_m": 80.0}, exposure={"near_m": 12.0})
    text = "\n".join(texts(word_file(replace(plan, scenario=scenario))))
    assert "把图层化为80米左右的需求点" in text
    assert "天线12米内不得有高于天线的敏感建筑" in text
    assert "按甲省增速的进度只作校核" in text
    assert "按建设方式估算，单价按甲市校准。" in text


@pytest.mark.parametrize(
    ("code", "said"), [("zh", ("各网络", "两网", "多网")), ("en", ("lowest network", "both"))]
)
def test_one_network_is_not_spoken_of_as_several(
    one_network: planner.Plan, plan: planner.Plan, code: str, said: tuple[str, ...]
) -> None:
    """The table of verdicts may say that every network passes; one network has no least."""
    document = word_file(one_network, language=code)
    lines = [
        *texts(document),
        *(text for table in cells(document) for row in table for text in row),
    ]
    formula = language(code)("report.indicator.outdoor_passing.formula")
    assert not [line for line in lines if line != formula and any(word in line for word in said)]
    document = word_file(plan, language=code)
    assert any(said[0] in line for line in texts(document)), "which is said of two"


def test_a_comparison_tells_what_changed(plan: planner.Plan, other: planner.Plan) -> None:
    compared = planner.compare(other, plan)
    document = word_file(plan, compared)
    counts = compared.stations["change"].value_counts()
    sentence = next(line for line in texts(document) if line.startswith("与上一版（strict）相比"))
    assert f"新增{counts.get('added', 0)}站，删除{counts.get('removed', 0)}站" in sentence
    captions = [line for line in texts(document) if re.match("^[图表]\\d+　", line)]
    assert any(line.endswith("方案对比表") for line in captions)
    assert any(line.endswith("方案差异图") for line in captions)


def test_a_text_of_the_offices_own(plan: planner.Plan, tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text(
        "# 一、说明\n共{{ phases[-1].stations }}站。\n[[table indicators]]\n", encoding="utf-8-sig"
    )
    document = word_file(plan, template=own)
    assert texts(document)[:2] == ["一、说明", f"共{plan.scenario.counts[-1]}站。"]
    own.write_bytes("共{{ x }}".encode("gb18030"))
    with pytest.raises(ScenarioError, match="UTF-8"):
        make_report(plan, template=own)
    with pytest.raises(StorageError):
        make_report(plan, template=tmp_path / "none.md")


def test_hostile_names_are_only_text(plan: planner.Plan, tmp_path: Path) -> None:
    name = '#include("/etc/passwd") $x$ <w:t> {{ 7 * 7 }} [[page]]'
    scenario = plan.scenario.replace(
        titles={"title": name, "client": "# 甲\n[[table 没有]]", "compiled_by": name}
    )
    stations = plan.stations.assign(town=name)
    short = tmp_path / "short.md"
    short.write_text(
        "= {{ title }}会议要点\n~ 委托单位：{{ client }}\n[[table public_brief]]\n",
        encoding="utf-8",
    )
    document = word_file(replace(plan, scenario=scenario, stations=stations), template=short)
    assert texts(document)[0] == f"{name}会议要点"
    assert any(name in row for row in cells(document)[0])
    assert "委托单位：# 甲 [[table 没有]]" in texts(document)


def test_the_title_block_is_whole_and_invents_nothing(facts: Facts, words: Language) -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    _title_block(figure, facts, words, "覆盖图", 4, 200.0)
    found = [text.get_text() for text in figure.texts]
    heads = (
        "图名：覆盖图",
        "图号：4",
        "坐标系：CGCS2000",
        "编制单位：",
        "密级：",
        "审图号：",
        "比例尺：",
        "资料截止日期：",
        "编制日期：",
    )
    for head in heads:
        assert any(text.startswith(head) for text in found), head
    for blank in ("编制单位：", "密级：", "审图号："):
        assert blank in found
    assert any("内部讨论用图，未经地图审核" in text and "合成数据" in text for text in found)


def test_drawing_leaves_the_users_matplotlib_alone(facts: Facts, words: Language) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figures = make_figures(facts, words)
    assert figures["costs"](1) == figures["costs"](2)
    assert dict(mpl.rcParams) == before


def test_without_a_chinese_font_the_report_says_so(
    plan: planner.Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "PLOT_FONTS", ("No Such Font",))
    fonts.plot_fonts.cache_clear()
    with pytest.raises(StorageError, match="Noto"):
        make_report(plan)
    fonts.plot_fonts.cache_clear()
