"""Files of antennas: what two formats say, against other programs' values, and damaged ones."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planner import radio
from planner.layers.alone import look_at_file
from planner.layers.files import FORMATS, open_source
from planner.layers.findings import Findings
from planner.layers.kinds import READERS, Book
from planner.layers.notices import NOTICES
from planner.scenario import InputFile, Scenario
from tests.damage import damaged
from tests.layers.plants.patterns import (
    HEAD,
    HORIZONTAL,
    VERTICAL,
    planet,
    radio_mobile,
    turned,
)
from tests.toy import write_toy_county


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("county")))


def read(
    scenario: Scenario, folder: Path, lines: list[str], name: str = "panel.msi", **said: Any
) -> tuple[pd.DataFrame, Findings]:
    """The rows of a file of an antenna, and what is said of it."""
    (folder / name).write_bytes(("\n".join(lines) + "\n").encode())
    findings = Findings(NOTICES)
    entry = InputFile(file=name, **{"band": "n78", **said})
    source = open_source(folder, name, FORMATS, findings, None, entry)
    assert source is not None
    frame = READERS["antennas"](source, Book(scenario, findings, None, None))  # type: ignore[arg-type]
    assert frame is not None, [str(notice) for notice in findings.notices]
    return frame, findings


def pattern_of(frame: pd.DataFrame) -> radio.PatternTable:
    cuts = [frame[frame["cut"] == name] for name in ("horizontal", "vertical")]
    return radio.pattern_table(*(cut[name] for cut in cuts for name in ("angle_deg", "loss_db")))


def test_a_panel_is_the_form_that_it_was_written_of(scenario: Scenario, tmp_path: Path) -> None:
    """Cuts of TR 38.901: the sum of both where neither bound of the form is reached."""
    form = radio.Antenna(h_beamwidth_deg=65.0, v_beamwidth_deg=10.0, front_to_back_db=60.0)
    bearing, depression = np.meshgrid(np.arange(-90.0, 91.0, 7.0), np.arange(-12.0, 13.0))
    for lines, name in ((planet(*HEAD), "panel.msi"), (radio_mobile(), "panel.ant")):
        frame, _ = read(scenario, tmp_path, lines, name)
        assert len(frame) == 720 and set(frame["band"]) == {"n78"}
        ours = radio.attenuation(pattern_of(frame), bearing, depression, electrical_tilt_deg=2.0)
        theirs = radio.attenuation(form, bearing, depression, electrical_tilt_deg=2.0)
        assert ours == pytest.approx(theirs, abs=0.006)  # two decimals in the file


def test_a_real_beam_keeps_its_shape_and_loses_its_tilt(scenario: Scenario, tmp_path: Path) -> None:
    """Rows of a published file, Huawei AMB4520R8v06 at 1845 MHz, named ``04T`` for 4 degrees.

    The reader of crc-covlib gives 18.61 dBi and -3.24 dB at the horizon, as the file stands. Our
    reader was held against that one on eleven published files: all 65,160 directions of each and
    every gain are the same.
    """
    rows = {-2: 8.19, -1: 5.33, 0: 3.24, 1: 1.73, 2: 0.70, 3: 0.13, 4: 0.0, 5: 0.27, 6: 0.98,
            7: 2.14, 8: 3.86, 9: 6.21}  # fmt: skip
    vertical = [rows.get(turn if turn < 180 else turn - 360, 25.0) for turn in range(360)]
    head = ("FREQUENCY 1845", "GAIN 16.46 dBd", "TILT ELECTRICAL")
    frame, findings = read(scenario, tmp_path, planet(*head, vertical=vertical))
    said = {notice.column: notice for notice in findings.notices}
    assert "18.61 dBi" in said["GAIN"].en and "18.61 dBi" in said["GAIN"].zh
    assert said["VERTICAL"].value == "4" and said["FREQUENCY"].severity == "W"
    pattern = pattern_of(frame)
    for down, loss in rows.items():
        as_it_stands = radio.attenuation(pattern, 0.0, down, electrical_tilt_deg=4.0)
        at_the_horizon = radio.attenuation(pattern, 0.0, down - 4.0)
        assert as_it_stands == at_the_horizon == pytest.approx(-loss)


@pytest.mark.parametrize("told", [(), ("TILT ELECTRICAL",), ("ELECTRICAL_TILT 6",)])
@pytest.mark.parametrize("write", [planet, radio_mobile])
def test_a_tilt_in_the_cut_is_not_applied_twice(
    scenario: Scenario, tmp_path: Path, told: tuple[str, ...], write: Any
) -> None:
    """A station's tilt stands in the place of that of the file, whatever that one was."""
    lines = planet(*told, vertical=turned(VERTICAL, 6))
    name = "panel.msi"
    if write is radio_mobile:
        # at the horizon of a tilted antenna the azimuths lie as low as the elevation does
        low = [loss + turned(VERTICAL, 6)[0] for loss in HORIZONTAL]
        lines, name = radio_mobile(low, turned(VERTICAL, 6)), "panel.ant"
    pattern = pattern_of(read(scenario, tmp_path, lines, name)[0])
    level = pattern_of(read(scenario, tmp_path, planet(*HEAD))[0])
    assert pattern.vertical == pytest.approx(level.vertical)
    assert pattern.horizontal == pytest.approx(level.horizontal, abs=0.011)


def test_a_tilt_in_a_table_is_taken_out_too(scenario: Scenario, tmp_path: Path) -> None:
    cuts = (("horizontal", HORIZONTAL), ("vertical", turned(VERTICAL, 6)))
    rows = [f"n78,{cut},{i},{loss}" for cut, losses in cuts for i, loss in enumerate(losses)]
    lines = ["band,cut,angle_deg,loss_db", *rows]
    frame, findings = read(scenario, tmp_path, lines, "antennas.csv")
    assert pattern_of(frame).vertical == pytest.approx(VERTICAL)
    assert [n.value for n in findings.notices if n.code == "pattern_read"] == ["6"]


def test_rows_may_be_361_and_azimuths_run_either_way(scenario: Scenario, tmp_path: Path) -> None:
    lopsided = [loss if turn < 180 else min(2.0 * loss, 30.0)
                for turn, loss in enumerate(HORIZONTAL)]  # fmt: skip
    clockwise = pattern_of(read(scenario, tmp_path, planet(*HEAD, horizontal=lopsided))[0])
    whole = planet(*HEAD, horizontal=[*lopsided, lopsided[0]], vertical=[*VERTICAL, VERTICAL[0]])
    frame, _ = read(scenario, tmp_path, whole)
    assert len(frame) == 720
    assert (pattern_of(frame).horizontal == clockwise.horizontal).all()
    # 40 degrees to the right the first loses 4.54 dB, to the left twice that
    assert radio.attenuation(clockwise, 40.0, 0.0) == pytest.approx(-4.54, abs=0.01)

    mirrored = [lopsided[-turn % 360] for turn in range(360)]
    back, _ = read(scenario, tmp_path, planet(*HEAD, horizontal=mirrored), turn="counterclockwise")
    assert pattern_of(back).horizontal == pytest.approx(clockwise.horizontal)


@pytest.mark.parametrize(
    ("gain", "dbi", "severity"),
    [("15.85 dBd", "18.00", "I"), ("15.85", "18.00", "I"), ("18 dBi", "18.00", "I"),
     ("18,5dBi", "18.50", "I"), ("15 dBi", "15.00", "W"), ("24 dBi", "24.00", "W")],
)  # fmt: skip
def test_gain_is_in_dbd_unless_it_says_dbi(
    scenario: Scenario, tmp_path: Path, gain: str, dbi: str, severity: str
) -> None:
    _, findings = read(scenario, tmp_path, planet(f"GAIN {gain}"))
    (said,) = [notice for notice in findings.notices if notice.column == "GAIN"]
    assert f"{dbi} dBi" in said.en and said.severity == severity
    assert "bands.n78.beam_gain_dbi" in (said.en + said.fix_en)


@pytest.mark.parametrize(
    ("frequency", "word"),
    [("3500", ""), ("3300-3800", ""), ("3.3 - 3.8 GHz", ""), ("2490-2690", "over a tenth away"),
     ("", "cannot be read"), ("wide", "cannot be read")],
)  # fmt: skip
def test_a_frequency_may_be_a_range_around_the_band(
    scenario: Scenario, tmp_path: Path, frequency: str, word: str
) -> None:
    _, findings = read(scenario, tmp_path, planet(f"FREQUENCY {frequency}"))
    said = [notice.en for notice in findings.notices if notice.column == "FREQUENCY"]
    assert len(said) == bool(word) and all(word in text for text in said)


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_lines_may_end_as_any_system_ends_them(
    scenario: Scenario, tmp_path: Path, end: str
) -> None:
    frame, _ = read(scenario, tmp_path, [end.join(planet(*HEAD))])
    assert frame.index.tolist() == [*range(6, 366), *range(367, 727)]


@pytest.mark.parametrize(("lines", "name"), [(planet(*HEAD), "a.msi"), (radio_mobile(), "a.ant")])
def test_a_damaged_file_ends_in_findings(tmp_path: Path, lines: list[str], name: str) -> None:
    dice, whole = random.Random(4), "\r\n".join(lines).encode()
    refused = 0
    for _ in range(25):
        what, data = damaged(whole, dice)
        (tmp_path / name).write_bytes(data)
        _, findings = look_at_file(tmp_path / name, "antennas")
        refused += findings.errors
        for notice in findings.notices:
            assert notice.file == name and notice.zh and notice.en, what
            assert notice.severity == "I" or (notice.fix_zh and notice.fix_en), what
    assert refused


def test_a_file_of_an_antenna_is_known_by_what_it_holds(tmp_path: Path) -> None:
    for name, lines in (("panel.txt", planet(*HEAD)), ("panel.csv", radio_mobile())):
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
        kind, findings = look_at_file(tmp_path / name)
        assert kind == "antennas" and not findings.errors
        assert {"extension_mismatch", "left_to_scenario"} <= {n.code for n in findings.notices}
