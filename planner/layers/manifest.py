"""The manifest: where each input comes from, under which licence, how exact and how true it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from planner.layers.files import Source, open_source
from planner.layers.findings import Findings
from planner.layers.tables import read_table

COLUMNS: Final = ("file", "source", "date", "licence", "accuracy", "datum", "basis", "sha256")


def read_manifest(root: Path, name: str, findings: Findings) -> dict[str, dict[str, str]] | None:
    """Rows of the manifest by file; None, with a finding, when the case has no manifest."""
    if not name:
        findings.add("no_manifest")
        return None
    if not (root / name).is_file():
        findings.add("manifest_not_found", file=name)
        return None

    source = open_source(root, name, ("csv",), findings)
    # how many rows a file has is for its readers
    may = (*COLUMNS[1:], "rows")
    table = None if source is None else read_table(source, findings, ("file",), may)
    if table is None:
        return {}

    cells = [table.text(column).tolist() for column in COLUMNS]
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*cells, strict=True)]
    return {row["file"]: row for row in rows}


def check_record(source: Source, findings: Findings) -> None:
    """Say when an input has no row in the manifest, or was changed after its row was written."""
    if not source.record:
        findings.add("manifest_missing", file=source.name)
    elif source.record.get("sha256") and source.record["sha256"] != source.sha256:
        findings.add("manifest_mismatch", file=source.name)
