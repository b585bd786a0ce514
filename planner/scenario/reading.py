"""Reading a scenario file: YAML without surprises, and findings that name the key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from planner.errors import Notice, Said, ScenarioError, nearest
from planner.parameters import Part, UnfitError
from planner.scenario.notices import NOTICES, PATTERNS, REASONS, TERMS

MAX_DEPTH = 20
MAX_BYTES = 4_000_000

# JSON words and plain numbers; YAML 1.1 reads NO as false, 010 as 8 and 12:30 as 750
_PLAIN = {
    "tag:yaml.org,2002:bool": re.compile(r"^(?:true|false)$"),
    "tag:yaml.org,2002:int": re.compile(r"^-?(?:0|[1-9][0-9_]*)$"),
    "tag:yaml.org,2002:float": re.compile(r"^-?[0-9][0-9_]*\.[0-9]*(?:[eE][-+]?[0-9]+)?$"),
}

_MOVED: Final = {
    r"demand\.network_share": "unknown_key/network_share",
    r"radio\.margin_db": "unknown_key/margin",
    r"radio\.extended_heights": "unknown_key/heights",
    r"bands\.[^.]+\.indoor_loss_db": "unknown_key/indoor_loss",
}
"""Keys of earlier scenario files, and the kind of notice that says where each stands now."""


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses aliases and double keys and reads dates and yes/no words as text.

    What is nested too deeply is refused before it is built.
    """

    depth = 0

    yaml_implicit_resolvers = {  # noqa: RUF012 (how PyYAML declares it)
        first: [
            (tag, _PLAIN.get(tag, pattern))
            for tag, pattern in resolvers
            if tag in _PLAIN or tag.endswith(":null")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event: Any = self.get_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases (&, *) are not allowed 不允许使用别名",
                problem_mark=event.start_mark,
            )
        is_nested = self.check_event(yaml.events.CollectionStartEvent)
        if is_nested and self.depth == MAX_DEPTH:
            start: Any = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem=f"nested deeper than {MAX_DEPTH} 嵌套过深", problem_mark=start.start_mark
            )
        self.depth += is_nested
        node = super().compose_node(parent, index)
        self.depth -= is_nested
        return node

    def construct_yaml_int(self, node: Any) -> int:
        try:
            return super().construct_yaml_int(node)
        except ValueError:
            raise yaml.MarkedYAMLError(
                problem="a number of too many digits 数字过长", problem_mark=node.start_mark
            ) from None

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


# a constructor is looked up by tag, not by name
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping: no aliases, no double keys, at most 20 levels, 4 MB.

    Raises
    ------
    ScenarioError
        When the file cannot be read or is not such a mapping; names line and column.
    """
    name = path.name
    text = _text_of(path)
    try:
        tree = yaml.load(text, _Loader)  # noqa: S506 (a subclass of SafeLoader)
    except yaml.YAMLError as error:
        notice = _syntax_notice(name, error, text)
        raise ScenarioError(f"{name}: {notice.en}", f"{name}：{notice.zh}", (notice,)) from None
    if not isinstance(tree, dict):
        raise ScenarioError(f"{name} holds no mapping of keys", f"{name} 不是键值结构")
    return tree


def _text_of(path: Path) -> str:
    """The text of a scenario file, UTF-8 with or without a byte order mark."""
    name = path.name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioError(
                f"{name} is over {MAX_BYTES} bytes", f"{name} 超过 {MAX_BYTES} 字节"
            )
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise ScenarioError(
            f"cannot read {path}: {reason}", f"无法读取情景文件 {path}：{reason}"
        ) from None


def _syntax_notice(file: str, error: yaml.YAMLError, text: str) -> Notice:
    """What the parser says, with line and column."""
    mark = getattr(error, "problem_mark", None)
    if mark:
        line, character = mark.line + 1, mark.column + 1
    else:  # a character that no YAML may hold
        before = text[: getattr(error, "position", 0)]
        line, character = before.count("\n") + 1, len(before) - before.rfind("\n")
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return NOTICES.notice(
        "yaml_syntax_error", file=file, line=line, row=line, character=character, problem=problem
    )


def finding(cls: type[Part], file: str, entry: Any) -> Notice:
    """What pydantic found in a file of the class, as a notice that names the key."""
    key = ".".join(str(part) for part in entry["loc"])

    if entry["type"] == "extra_forbidden":
        # a key of an earlier form is told where it stands now, any other what it is like
        for moved, kind in _MOVED.items():
            if re.fullmatch(moved, key):
                return NOTICES.notice(kind, file=file, column=key, key=key)
        known = _keys_at(cls, entry["loc"][:-1])
        near = nearest(str(entry["loc"][-1]), known)
        return NOTICES.notice(
            "unknown_key", file=file, column=key, key=key, near=near, known=", ".join(known)
        )
    if entry["type"] == "missing":
        return NOTICES.notice("missing_key", file=file, column=key, key=key)

    if entry["input"] is None:
        return NOTICES.notice("wrong_type/empty", file=file, column=key, place=key)

    # a check of ours, a value of another kind, else a value outside its range
    if entry["type"] == "value_error":
        code = "conflicting_options/value"
    else:
        code = "wrong_type" if entry["type"].endswith("_type") else "value_out_of_range"
    return NOTICES.notice(
        code,
        file=file,
        column=key,
        # a whole section would bury the message
        value="" if isinstance(entry["input"], dict) else entry["input"],
        place=key or TERMS["scenario"],
        reason=_reason(entry),
    )


def _reason(entry: Any) -> Said:
    """Why a value cannot be used: as a check of ours says it, or as the library does."""
    facts = dict(entry.get("ctx", {}))
    cause = facts.get("error")
    if isinstance(cause, UnfitError):
        return Said(cause.zh, cause.en)
    if facts.get("pattern") in PATTERNS:
        return PATTERNS[facts["pattern"]]

    english = entry["msg"].removeprefix("Value error, ")
    if entry["type"] == "literal_error":
        facts["expected"] = facts["expected"].replace(", ", "、").replace(" or ", "、")
    chinese = REASONS.get(entry["type"])
    return Said(chinese.format(**facts) if chinese else english, english)


def _keys_at(cls: type[Part], loc: tuple[Any, ...]) -> list[str]:
    """Keys that the schema knows at a place."""
    schema = cls.model_json_schema()
    node: Any = schema
    for step in loc:
        if isinstance(step, int):
            node = _form(schema, node, "items").get("items")
        else:
            node = _form(schema, node, "properties", "additionalProperties")
            node = node.get("properties", {}).get(step, node.get("additionalProperties", {}))
    return list(_form(schema, node, "properties").get("properties", {}))


def _form(schema: dict[str, Any], node: Any, *keys: str) -> dict[str, Any]:
    """What a node refers to; of several forms that it may have, the first with one of the keys."""
    while isinstance(node, dict) and "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    if not isinstance(node, dict):
        return {}
    forms = [_form(schema, form, *keys) for form in node.get("anyOf", ())]
    return next((form for form in forms if set(keys) & set(form)), node)
