"""Reading a scenario file: YAML without surprises, and findings that name the key and its nearest match."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from planner.errors import Notice, ScenarioError
from planner.parameters import Part

MAX_DEPTH = 20
MAX_BYTES = 4_000_000

_MOVED: Final = {
    "demand.network_share": (
        "请删去该键，把份额写到 networks 下各网络的 share；不写则各网络平分。",
        (
            "Remove it and write each share into its network, as `share` under `networks`; "
            "without any they are even."
        ),
    ),
}
"""Keys of earlier scenario files, and what to do about them in Chinese and English."""


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses aliases and double keys and reads dates and yes/no words as text."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event: Any = self.get_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases (&, *) are not allowed 不允许使用别名",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(
                    problem=f"key {key!r} is not text 键须为文字", problem_mark=key_node.start_mark
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key!r} stands twice, lines {seen[key]} and {line} 键重复",
                    problem_mark=key_node.start_mark,
                )
            seen[key] = line
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.endswith((":null", ":int", ":float", ":bool"))
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _first, _resolvers in list(_Loader.yaml_implicit_resolvers.items()):
    # YAML 1.1 reads NO as false, 010 as 8 and 12:30 as 750: only plain JSON words and numbers count
    # here
    _Loader.yaml_implicit_resolvers[_first] = [
        (
            tag,
            {
                ":bool": re.compile(r"^(?:true|false)$"),
                ":int": re.compile(r"^-?(?:0|[1-9][0-9_]*)$"),
            }.get(
                tag[tag.rindex(":") :],
                re.compile(r"^-?[0-9][0-9_]*\.[0-9]*(?:[eE][-+]?[0-9]+)?$")
                if tag.endswith(":float")
                else pattern,
            ),
        )
        for tag, pattern in _resolvers
    ]


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping: no aliases, no double keys, at most 20 levels, 4 MB.

    Raises
    ------
    ScenarioError
        When the file cannot be read or is not such a mapping; names line and column.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioError(
                f"{path.name} is over {MAX_BYTES} bytes", f"{path.name} 超过 {MAX_BYTES} 字节"
            )
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise ScenarioError(
            f"cannot read {path}: {reason}", f"无法读取情景文件 {path}：{reason}"
        ) from None
    try:
        _check_depth(text)
        tree = yaml.load(text, _Loader)  # noqa: S506 (a subclass of SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, 0)
        problem = getattr(error, "problem", None) or str(error)
        notice = Notice(
            "yaml_syntax_error",
            "E",
            f"第 {line} 行第 {column} 列：YAML 无法解析",
            f"line {line}, column {column}: {problem}",
            file=path.name,
            line=line,
        )
        raise ScenarioError(
            f"{path.name}: {notice.en}", f"{path.name}：{notice.zh}", (notice,)
        ) from None
    if not isinstance(tree, dict):
        raise ScenarioError(f"{path.name} holds no mapping of keys", f"{path.name} 不是键值结构")
    return tree


def _check_depth(text: str) -> None:
    depth = 0
    events: Iterable[Any] = yaml.parse(text, yaml.SafeLoader)
    for event in events:
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark: Any = event.start_mark
                raise yaml.MarkedYAMLError(
                    problem=f"nested deeper than {MAX_DEPTH} 嵌套过深", problem_mark=mark
                )
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint at the known word that is most like this one, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (最接近 nearest: {close[0]})" if close else ""


def finding(cls: type[Part], file: str, entry: Any) -> Notice:
    """What pydantic found in a file of the class, as a notice that names the key."""
    where = ".".join(str(part) for part in entry["loc"])
    if entry["type"] == "extra_forbidden":
        if where in _MOVED:
            return Notice(
                "unknown_key",
                "E",
                f"键 {where} 已移至 networks",
                f"key {where} has moved to networks",
                *_MOVED[where],
                file=file,
                column=where,
            )
        known = _keys_at(cls, entry["loc"][:-1])
        key = str(entry["loc"][-1])
        near = nearest(key, known)
        return Notice(
            "unknown_key",
            "E",
            f"不认识的键 {where}{near}",
            f"unknown key {where}{near}; known: {', '.join(known)}",
            file=file,
            column=where,
        )
    if entry["type"] == "missing":
        return Notice(
            "missing_key",
            "E",
            f"缺少键 {where}",
            f"key {where} is missing",
            file=file,
            column=where,
        )
    kind = {"value_error": "conflicting_options"}.get(
        entry["type"], "wrong_type" if entry["type"].endswith("_type") else "value_out_of_range"
    )
    value = "" if isinstance(entry["input"], dict) else str(entry["input"])
    message = entry["msg"].removeprefix("Value error, ")
    return Notice(
        kind, "E", f"{where or '情景'} 的值不可用", message, file=file, column=where, value=value
    )


def _keys_at(cls: type[Part], loc: tuple[Any, ...]) -> list[str]:
    """Keys that the schema knows at a place."""
    schema = cls.model_json_schema()
    node: Any = schema
    for step in loc:
        node = _resolved(schema, node)
        if isinstance(step, int):
            node = node.get("items", node.get("prefixItems", [{}])[0])
        else:
            node = node.get("properties", {}).get(step, node.get("additionalProperties", {}))
    return list(_resolved(schema, node).get("properties", {}))


def _resolved(schema: dict[str, Any], node: Any) -> dict[str, Any]:
    while isinstance(node, dict) and "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node if isinstance(node, dict) else {}
