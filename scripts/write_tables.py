"""Write docs/tables.md: every table that passes between rooms, as it is declared; a test compares.

python scripts/write_tables.py
"""

from __future__ import annotations

from pathlib import Path

from planner.model import tables
from planner.schema import Table

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Tables

Every table that passes from room to room, as `planner/fields.py` and `planner/model/tables.py`
declare it and as it is checked when it is made. A name with braces stands for a column per layer,
level, network, rule or count. A plan keeps its tables as parquet or CSV in `OUT/plan/`. Written by
`scripts/write_tables.py`.
"""


def tables_text() -> str:
    """The document."""
    return HEAD + "".join(_section(table) for table in tables.TABLES)


def _section(table: Table) -> str:
    index = f" Index: `{table.index}`." if table.index else ""
    lines = [
        f"\n## {table.name}\n\nA row: {table.meaning}.{index}\n",
        "| column | holds | unit | meaning |",
        "|---|---|---|---|",
    ]
    for column in table:
        kind = table.kinds.get(column.name, column.kind)
        if column.name in table.nullable:
            kind += " or missing"
        unit, meaning = (text.replace("|", "\\|") for text in (column.unit, column.meaning))
        lines.append(f"| `{column.name}` | {kind} | {unit} | {meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "tables.md").write_text(tables_text(), encoding="utf-8", newline="\n")
