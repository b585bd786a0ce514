"""One language: what every code is called in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from planner.errors import Said, ScenarioError
from planner.words.figures import Form, figure_parts

DEFAULT: Final = "zh"
_NAMES: Final = ("label", "name", "title")
"""How the parts of a scenario hold what they are called."""


class Language:
    """The words of one language; called with a code it says what the code is called.

    Attributes
    ----------
    code
        ``zh``, ``en``, ...: the name of its folder, of the endings of templates, and of the
        scenario's own names.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self._texts = _read(code)
        fallback = self._texts.get("language.fallback", "")
        self._next = language(fallback) if fallback else None

    def __call__(self, *path: str, **values: Any) -> str:
        """What a code is called, with values put in by name.

        Parameters
        ----------
        path
            Parts of the code, for example ``"level", "outdoor"`` or ``"level.outdoor"``.
        values
            What stands in the braces of the text.

        Raises
        ------
        KeyError
            When neither this language nor those behind it know the code: a fault of our own.
        """
        text = self.find(".".join(path))
        if text is None:
            raise KeyError(f"no word for {'.'.join(path)} in {self.code}")
        return text.format_map(values) if values else text

    def said(self, said: Said) -> str:
        """A sentence of a notice; in English for a language that notices do not speak."""
        return said.zh if self.code == "zh" else said.en

    def find(self, key: str) -> str | None:
        """The text of a dotted code as it stands, or None."""
        if key in self._texts:
            return self._texts[key]
        return self._next.find(key) if self._next is not None else None

    def keys(self) -> frozenset[str]:
        """Every dotted code that this language itself has a text for."""
        return frozenset(self._texts)

    @property
    def chain(self) -> tuple[str, ...]:
        """Its code and those of the languages behind it."""
        return (self.code, *(self._next.chain if self._next is not None else ()))

    def under(self, *parts: str) -> dict[str, str]:
        """Texts of whole parts by dotted code, filled up from the languages behind this one."""
        own = {key: text for key, text in self._texts.items() if key.split(".", 1)[0] in parts}
        behind = self._next.under(*parts) if self._next is not None else {}
        return {**behind, **own}

    def name(self, part: Any, field: str = "") -> str:
        """What the scenario calls one of its parts.

        ``label_en`` or the like in this language, in those behind it, else the bare ``label`` that
        every part has.

        Parameters
        ----------
        part
            A network, layer, phase, band, the district or the titles.
        field
            A text of the part that stands there in more than one language, such as ``source``; its
            name by default.
        """
        field = field or _name_field(part)
        named = (getattr(part, f"{field}_{code}", "") for code in self.chain)
        return next(filter(None, named), "") or str(getattr(part, field, ""))

    def join(self, parts: Iterable[str]) -> str:
        """An enumeration."""
        return self("language.comma").join(parts)

    def clauses(self, parts: Iterable[str]) -> str:
        """Texts beside each other that are longer than the words of an enumeration."""
        return self("language.semicolon").join(parts)

    def bracketed(self, text: str, inside: str) -> str:
        """A text with another one in brackets."""
        return self("language.bracketed", text=text, inside=inside)

    def length(self, metres: float) -> str:
        """A length as people say it: 950 m, 1.2 km."""
        return " ".join(figure_parts("length", metres))

    def failure(self, kind: str, form: Form, size: float) -> str:
        """Why a rule fails, as short as a table's cell: 欠2.8%, 缺1.2km, 空洞3."""
        number, unit = figure_parts(form, size)
        return self("failure", kind, number=number, unit=unit)

    def failures(self, found: Sequence[tuple[str, Form, float]]) -> str:
        """Why a layer fails: each failing rule's kind, form and size; empty for none."""
        return self("language.and_comma").join(self.failure(*failure) for failure in found)

    def borderline(self, found: Sequence[tuple[str, float]]) -> str:
        """What a verdict hangs on: 临界余0.3dB, of codes and figures; empty for none."""
        texts = [
            self(
                "borderline", code, number=f"{figure:.1f}" if code.endswith("db") else f"{figure:g}"
            )
            for code, figure in found
        ]
        return self("borderline.text", figures=self.join(texts)) if texts else ""

    def rules(self, asked: Iterable[tuple[str, str]], shape: str, *, brief: bool = False) -> str:
        """The pass rules of a layer: 面积覆盖率≥95%，且无可容半径250米圆的空洞.

        Parameters
        ----------
        asked
            Each rule's code and its limit as text.
        shape
            The layer's shape, ``area`` or ``road``.
        brief
            As where there is no room: 面≥95%且无空洞.
        """
        words, joint = ("rule_brief", "and_brief") if brief else ("rule", "and_rule")
        texts = (self(words, code, shape, limit=limit) for code, limit in asked)
        return self("language", joint).join(texts)

    def thresholds(self, own: Iterable[tuple[str, str]]) -> str:
        """Signal that a layer asks for by itself: SS-RSRP室外≥-96 dBm; empty for none.

        Parameters
        ----------
        own
            Levels and thresholds in dBm as text.
        """
        texts = [self("threshold", level=self("level_short", level), dbm=dbm) for level, dbm in own]
        return self.join(texts)


def _name_field(part: Any) -> str:
    """Under what a part of a scenario holds its name: ``label``, ``name`` or ``title``."""
    return next(
        field for field in _NAMES if hasattr(part, field) or hasattr(part, f"{field}_{DEFAULT}")
    )


@cache
def language(code: str = DEFAULT) -> Language:
    """The words of a language.

    Raises
    ------
    ScenarioError
        When there is no such language.
    """
    known = known_languages()
    if code not in known:
        raise ScenarioError(
            f"unknown language {code!r}; known: {', '.join(known)}",
            f"不认识的语言 {code!r}，可选：{'、'.join(known)}",
        )
    return Language(code)


def beside(*path: str, **values: Any) -> str:
    """What a code is called in Chinese and English: ``基站 stations``; once where they agree."""
    texts = (language(code)(*path, **values) for code in ("zh", "en"))
    return " ".join(dict.fromkeys(filter(None, texts)))


@cache
def known_languages() -> tuple[str, ...]:
    """Codes of the languages that have a folder, the office's own first."""
    items = resources.files("planner.words").iterdir()
    folders = sorted(item.name for item in items if (item / "language.yaml").is_file())
    return (DEFAULT, *(code for code in folders if code != DEFAULT))


def _read(code: str) -> dict[str, str]:
    """The texts of all files of a language's folder, by dotted code; no code stands twice."""
    folder = resources.files("planner.words").joinpath(code)
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    # ten times as fast where libyaml is there
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    texts: dict[str, str] = {}
    for name in names:
        text = folder.joinpath(name).read_text(encoding="utf-8")
        try:
            tree = yaml.load(text, loader)  # noqa: S506 (a safe loader, files of our own)
        except yaml.YAMLError as error:
            raise AssertionError(f"words/{code}/{name} is no YAML: {error}") from error
        own = dict(_flat(tree or {}))
        twice = texts.keys() & own.keys()
        assert not twice, f"words/{code}/{name} says {sorted(twice)} again"
        texts |= own
    return texts


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Leaves of nested keys as dotted code and text."""
    for key, value in tree.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            yield from _flat(value, name)
        else:
            yield name, str(value)
