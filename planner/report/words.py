"""The words of a report in its language: what the scenario calls its parts, and the heads of tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from planner.scenario import Layer, Network, Phase, Scenario

Language = Literal["zh", "en"]
SCENES = ("dense-urban", "urban", "township", "industrial", "rural")


def template_text(name: str) -> str:
    """A file of the folder ``templates``."""
    return (resources.files("planner.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _translations() -> Mapping[str, str]:
    """English for the Chinese words of tables and figures."""
    words: Mapping[str, str] = yaml.safe_load(template_text("words.en.yaml"))
    return words


class Words:
    """Gives every label in the report's language.

    Parameters
    ----------
    scenario
        Holds the names of phases, networks and layers in both languages.
    language
        ``zh`` or ``en``; an English name that the scenario leaves blank falls back to the Chinese one.
    """

    def __init__(self, scenario: Scenario, language: Language) -> None:
        self.language = language
        self.scenario = scenario
        self._phases = {phase.name: phase for phase in scenario.phases}
        self._networks = {network.name: network for network in scenario.networks}
        self._layers = {layer.name: layer for layer in scenario.layers}

    def __call__(self, text: str, **values: Any) -> str:
        """A fixed Chinese text in the report's language, with values put in by name."""
        shown = text if self.language == "zh" else _translations()[text]
        return shown.format_map(values) if values else shown

    def _pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en or zh

    def phase(self, phase: str | Phase) -> str:
        """Name of a phase; the name itself where this scenario has no such phase (another plan's, or none)."""
        one = self._phases.get(phase) if isinstance(phase, str) else phase
        return self._pick(one.name, one.name_en) if one else str(phase)

    def network(self, network: str | Network) -> str:
        """Name of a network."""
        one = self._networks[network] if isinstance(network, str) else network
        return self._pick(one.label, one.label_en)

    def layer(self, layer: str | Layer) -> str:
        """Name of a layer."""
        one = self._layers[layer] if isinstance(layer, str) else layer
        return self._pick(one.label, one.label_en)

    def level(self, level: str) -> str:
        """Name of a service level."""
        return self({"outdoor": "室外连续", "deep": "深度"}[level])

    def scene(self, scene: str) -> str:
        """Name of a scene."""
        return self(dict(zip(SCENES, ("密集市区", "一般市区", "乡镇", "工业园区", "农村"), strict=True))[scene])

    def district(self) -> str:
        """Name of the district."""
        return self._pick(self.scenario.district.name, self.scenario.district.name_en)

    def title(self) -> str:
        """Title of the report: the map's, which ends in 图."""
        return self._pick(self.scenario.titles.title.removesuffix("图"), self.scenario.titles.title_en)

    def join(self, parts: list[str]) -> str:
        """An enumeration."""
        return ("、" if self.language == "zh" else ", ").join(parts)
