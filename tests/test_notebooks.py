"""The notebooks run from top to bottom, and what they show is what running them gives."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


def shown(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """Return the texts that each code cell shows; a picture's bytes depend on the machine."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        [output.get("text") or output["data"].get("text/plain", "") for output in cell.outputs]
        for cell in cells
    ]


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_running_it_gives(path: Path, tmp_path: Path) -> None:
    stored = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    NotebookClient(fresh, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    again = "run: python scripts/run_notebooks.py"
    for number, (old, new) in enumerate(zip(shown(stored), shown(fresh), strict=True), start=1):
        assert old == new, (
            f"code cell {number} of {path.name} shows something else now; if that is meant, {again}"
        )


def test_there_is_a_notebook_that_walks_the_path() -> None:
    assert "path" in [path.stem for path in NOTEBOOKS]
