"""A profile: which columns a list has, under which heads. A file an office can edit, never code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from planner.errors import ScenarioError, nearest
from planner.exports.rows import CELL_FIELDS, FIELDS
from planner.parameters import Part
from planner.scenario import read_yaml
from planner.sheets import Column, Kind


class ListColumn(Part):
    """One column: its head, the field it shows, and how."""

    head: str = Field(min_length=1, description="Text in the header row.")
    field: str = Field(
        "", description="Field of a list row; empty = the column stays empty for others to fill in."
    )
    kind: Kind = Field("text", description="What its cells hold.")
    group: str = Field("", description="Text of the upper header row.")
    note: str = Field("", description="Explanation on the sheet that explains the list.")
    values: Mapping[str, str] = Field({}, description="Words of this list for the planner's words.")

    @property
    def column(self) -> Column:
        """The column as a sheet takes it."""
        return Column(self.head, self.kind, self.group)


class Profile(Part):
    """A kind of list."""

    title: str = Field(min_length=1, description="Name of the list, also part of the file name.")
    row: Literal["station", "site"] = Field(
        "station", description="One row per station, or per site and network."
    )
    states: tuple[Literal["open", "retrofitted", "candidate"], ...] = Field(
        ("open", "retrofitted", "candidate"), description="States of the stations that are listed."
    )
    columns: tuple[ListColumn, ...] = Field(min_length=1, description="Columns of the list.")
    cells: tuple[ListColumn, ...] = Field((), description="Columns of the sheet of sectors.")

    @property
    def key(self) -> str:
        """Head of the column of the 规划编号, by which a list is matched when it comes back."""
        return next(column.head for column in self.columns if column.field == "station_id")

    def without(self, field: str) -> Self:
        """The profile less the columns of a field that a plan cannot know."""
        columns = tuple(column for column in self.columns if column.field != field)
        cells = tuple(column for column in self.cells if column.field != field)
        return self.model_copy(update={"columns": columns, "cells": cells})

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if all(column.field != "station_id" for column in self.columns):
            raise ValueError(
                "缺少规划编号列，清单无法回收 no column shows station_id, by which rows are matched"
            )
        _check_columns(self.columns, FIELDS)
        _check_columns(self.cells, CELL_FIELDS)
        return self

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """Read a profile.

        Parameters
        ----------
        name
            ``operator``, ``tower_demand`` or ``tower_stock``, or the path of a YAML file of the
            same form.

        Raises
        ------
        ScenarioError
            When there is no such profile or the file cannot be used.
        """
        folder = resources.files("planner.exports") / "profiles"
        files = [Path(item.name) for item in folder.iterdir()]
        known = sorted(file.stem for file in files if file.suffix == ".yaml")
        if str(name) in known:
            with resources.as_file(folder / f"{name}.yaml") as path:
                return cls._from_tree(read_yaml(path), str(name))

        # Anything else is a file; a bare word is more likely a packaged profile misspelt.
        if not str(name).endswith((".yaml", ".yml")):
            raise ScenarioError(
                f"unknown profile {name}; known: {', '.join(known)}, or the path of a .yaml file",
                f"没有名为 {name} 的清单模板，可选：{'、'.join(known)}，或 .yaml 文件路径",
            )
        return cls._from_tree(read_yaml(Path(name)), Path(name).name)

    @classmethod
    def _from_tree(cls, tree: Mapping[str, object], file: str) -> Self:
        try:
            return cls.model_validate_json(json.dumps(tree, ensure_ascii=False))
        except ValidationError as error:
            found = [
                f"{'.'.join(map(str, fault['loc'])) or file}: {fault['msg']}"
                for fault in error.errors(include_url=False)
            ]
            raise ScenarioError(
                f"profile {file} cannot be used:\n" + "\n".join(found),
                f"清单模板 {file} 不可用，共 {len(found)} 处问题",
            ) from None


def _check_columns(columns: Sequence[ListColumn], known: Sequence[str]) -> None:
    """Refuse heads that stand twice, and fields that are not known."""
    heads = [column.head for column in columns]
    twice = sorted({head for head in heads if heads.count(head) > 1})
    if twice:
        raise ValueError(f"表头重复 heads stand twice: {', '.join(twice)}")

    for column in columns:
        if column.field and column.field not in known:
            hint = nearest(column.field, known)
            raise ValueError(f"列 {column.head} 的字段 {column.field} 不存在 no such field{hint}")
