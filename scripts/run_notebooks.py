"""Run the notebooks and store what they show; the tests hold them to it. Usage: python scripts/run_notebooks.py"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

for path in sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb")):
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=600, record_timing=False, resources=resources).execute()
    notebook.metadata = {
        "kernelspec": notebook.metadata["kernelspec"]
    }  # no version of the machine it ran on
    nbformat.write(notebook, path)
    print(path.name)
