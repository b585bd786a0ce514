"""The files that a scenario names, as they are today: found or not, and what they hold."""

from __future__ import annotations

from pathlib import Path

from planner.layers.files import open_source
from planner.layers.findings import Findings
from planner.layers.manifest import read_manifest
from planner.layers.notices import NOTICES
from planner.layers.read import formats_for
from planner.scenario import PARTS, FileState, InputFile, Scenario


def file_states(scenario: Scenario) -> tuple[list[FileState], Findings]:
    """Look at every file that a scenario names, in the order of its keys; none is read as a whole.

    Returns
    -------
    states
        One for each file.
    findings
        Why a file could not be found or opened.
    """
    findings = Findings(NOTICES)
    manifest = read_manifest(scenario.root, scenario.inputs.manifest, findings) or {}
    states = [
        _state(scenario, part, entry, manifest.get(Path(entry.file).as_posix(), {}), findings)
        for part in PARTS
        for entry in scenario.inputs.files(part)
    ]
    return states, findings


def _state(
    scenario: Scenario, part: str, entry: InputFile, record: dict[str, str], findings: Findings
) -> FileState:
    allowed = formats_for(part)
    source = open_source(scenario.root, entry.file, allowed, findings, record, entry)
    declared = record.get("datum", "").strip().lower().replace("-", "")
    datum = entry.datum or declared or scenario.inputs.datum
    if source is not None:
        return FileState(part, entry, "usable", source.format, datum)
    is_there = (scenario.root / entry.file).exists()
    return FileState(part, entry, "unusable" if is_there else "missing", "", datum)
