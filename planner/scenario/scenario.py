"""A scenario: a question to the planner, checked as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml
from pydantic import PrivateAttr, ValidationError, ValidationInfo, model_validator

from planner.errors import Notice, ScenarioError, grouped
from planner.parameters import Part
from planner.radio import KNOWN_BANDS
from planner.scenario.conflicts import find_conflicts
from planner.scenario.contents import Contents, is_title_block
from planner.scenario.notices import NOTICES
from planner.scenario.reading import finding, read_yaml
from planner.scenario.resolve import merged, resolved


class NotGivenError(AttributeError):
    """A part was read that a scenario of some parts alone does not hold; see Scenario.only."""


class Scenario(Contents):
    """A question to the planner. Frozen; :meth:`replace` gives a checked copy."""

    _root: Path = PrivateAttr(default=Path())
    _given: Mapping[str, Any] | None = PrivateAttr(default=None)

    def __repr__(self) -> str:
        """Name, district, counts, networks and layers, in a line."""
        path = " → ".join(map(str, self.counts))
        named = f"{', '.join(self.network_names)}; {', '.join(self.layer_names)}"
        return f"Scenario({self.name} {self.district.name}: {path}; {named})"

    __str__ = __repr__

    if not TYPE_CHECKING:  # else every name would be one

        def __getattr__(self, name: str) -> Any:
            """Refuse a part that is not there: a whole scenario has them all."""
            if name in type(self).model_fields:
                raise NotGivenError(f"{name} is none of the parts that were given")
            return super().__getattr__(name)

    @property
    def root(self) -> Path:
        """Folder that the inputs are relative to."""
        return self._root

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a scenario file.

        Parameters
        ----------
        path
            YAML file. When it lies in a folder named ``scenarios``, the inputs are relative to that
            folder's parent, else to its own folder.

        Raises
        ------
        ScenarioError
            With one notice per finding: bad YAML, unknown key, wrong type, value out of range,
            parts that conflict.
        """
        path = Path(path)
        return cls.from_tree(read_yaml(path), root=_root_of(path), file=path.name)

    @classmethod
    def look_into(cls, path: str | Path) -> tuple[Self | None, tuple[Notice, ...]]:
        """Read a scenario file to be checked: nothing is raised.

        Returns
        -------
        scenario
            None when a value cannot be read; one whose parts contradict each other is there, to be
            looked at further.
        notices
            What :meth:`from_file` would raise.
        """
        path = Path(path)
        conflicts: list[Notice] = []
        try:
            given = read_yaml(path)
            text = json.dumps(resolved(given), ensure_ascii=False)
            scenario = cls.model_validate_json(text, context=conflicts)
        except ScenarioError as error:
            return None, error.as_notices()
        except ValidationError as error:
            return None, _notices(cls, path.name, error)
        scenario._root, scenario._given = _root_of(path), given
        return scenario, tuple(replace(notice, file=path.name) for notice in conflicts)

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any], *, root: Path, file: str = "scenario") -> Self:
        """Check a tree of plain values; see :meth:`from_file`."""
        try:
            scenario = cls.model_validate_json(json.dumps(resolved(tree), ensure_ascii=False))
        except ValidationError as error:
            notices = _notices(cls, file, error)
            said = "\n".join(grouped(notices))
            raise ScenarioError(
                f"{file} cannot be used, {len(notices)} finding(s)\n{said}",
                f"情景文件 {file} 有 {len(notices)} 处问题",
                notices,
            ) from None
        scenario._root, scenario._given = root, tree
        return scenario

    def replace(self, **changes: Any) -> Self:
        """A copy with changes merged in, checked again.

        Parameters
        ----------
        changes
            Values by field; a mapping is merged into the part it names, to any depth, anything else
            replaces it. Values that follow from others, such as ``demand.share_5g`` from the
            phases, follow from the new ones unless they were given.
        """
        return self.from_tree(
            merged(self.given_tree(), changes), root=self._root, file=f"{self.name} (replace)"
        )

    def worked_in(self, crs: str) -> Self:
        """A copy with that work CRS; parts that contradict each other are no matter here."""
        district = self.district.model_copy(update={"work_crs": crs})
        copy = self.model_copy(update={"district": district})
        if copy._given is not None:
            copy._given = merged(copy._given, {"district": {"work_crs": crs}})
        return copy

    def only(self, parts: Iterable[str]) -> Self:
        """A copy that holds these parts alone, for whoever may depend on nothing else.

        Any other part raises :class:`NotGivenError` when it is read.
        """
        copy = self.model_copy()
        copy._given = None
        for part in type(self).model_fields.keys() - set(parts):
            del copy.__dict__[part]
        return copy

    def given_tree(self) -> dict[str, Any]:
        """What was given, defaults left out; every value where that is not known."""
        return self.to_tree() if self._given is None else dict(self._given)

    def to_tree(self) -> dict[str, Any]:
        """Every value, defaults included, as plain values that :meth:`from_tree` reads back."""
        tree: dict[str, Any] = json.loads(self.model_dump_json())
        return tree

    def question_tree(self) -> dict[str, Any]:
        """:meth:`to_tree` without the title block: all that a plan may follow from."""
        return {part: tree for part, tree in self.to_tree().items() if not is_title_block(part)}

    def title_tree(self) -> dict[str, Any]:
        """The title block of :meth:`to_tree`: what is said about a plan and changes nothing."""
        return {part: tree for part, tree in self.to_tree().items() if is_title_block(part)}

    def to_yaml(self) -> str:
        """The resolved scenario as text."""
        return yaml.safe_dump(self.to_tree(), allow_unicode=True, sort_keys=False, width=120)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """JSON Schema of the scenario file, with unit and source of each parameter."""
        schema = cls.model_json_schema()
        for part in (schema, *schema["$defs"].values()):
            # The lines of a docstring end where those of the source do: only its paragraphs count.
            if "description" in part:
                part["description"] = re.sub(r"(?<!\n)\n(?!\n)", " ", part["description"])
        return schema

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> Self:
        conflicts = tuple(find_conflicts(self))
        if isinstance(info.context, list):
            info.context.extend(conflicts)
        elif conflicts:
            raise Conflicts(conflicts)
        return self


class Conflicts(ValueError):
    """Parts of a scenario that contradict each other, all of them."""

    def __init__(self, notices: tuple[Notice, ...]) -> None:
        super().__init__("; ".join(notice.en for notice in notices))
        self.notices = notices


def _notices(cls: type[Part], file: str, error: ValidationError) -> tuple[Notice, ...]:
    """What was found in a file, a notice each."""
    notices: list[Notice] = []
    bare_bands: dict[str, list[str]] = {}
    for entry in error.errors(include_url=False):
        cause, loc = entry.get("ctx", {}).get("error"), entry["loc"]
        if isinstance(cause, Conflicts):
            notices += (replace(notice, file=file) for notice in cause.notices)
        elif entry["type"] == "missing" and loc[0] == "bands" and len(loc) == 3:
            bare_bands.setdefault(str(loc[1]), []).append(str(loc[2]))
        else:
            notices.append(finding(cls, file, entry))

    for band, keys in bare_bands.items():
        notices.append(
            NOTICES.notice(
                "missing_key/band",
                file=file,
                column=f"bands.{band}",
                band=band,
                keys=keys,
                known=list(KNOWN_BANDS),
            )
        )
    return tuple(notices)


def _root_of(path: Path) -> Path:
    folder = path.resolve().parent
    return folder.parent if folder.name == "scenarios" else folder
