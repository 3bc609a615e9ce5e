"""pydantic's findings, said in our own words, with the place in the file."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from allocator.faults import Fault, Place
from allocator.input.yaml_tree import Node
from allocator.policy import Factor, Group, GroupVersion, Incentive, Pool, Stream, Use
from allocator.rules import KINDS
from allocator.scenario import Scenario
from allocator.text import Text

_SAYINGS: dict[str, tuple[str, str]] = {
    "missing": ("缺少必填项“{key}”", "'{key}' is required"),
    "extra_forbidden": ("未知的键“{key}”", "unknown key '{key}'"),
    "literal_error": ("不允许的值 {value}", "{value} is not one of the allowed values"),
    "union_tag_invalid": ("未知的规则类型 {value}", "unknown kind of rule {value}"),
    "union_tag_not_found": ("规则缺少 kind", "a rule needs 'kind'"),
    "greater_than": ("数值必须大于 {gt}，现为 {value}", "must be greater than {gt}, got {value}"),
    "greater_than_equal": ("数值不能小于 {ge}，现为 {value}", "must be at least {ge}, got {value}"),
    "less_than": ("数值必须小于 {lt}，现为 {value}", "must be less than {lt}, got {value}"),
    "less_than_equal": ("数值不能大于 {le}，现为 {value}", "must be at most {le}, got {value}"),
    "too_short": ("不能为空", "must not be empty"),
    "string_too_short": ("不能为空", "must not be empty"),
    "string_type": ("这里需要文字，现为 {value}", "text is needed here, got {value}"),
    "bool_type": ("这里需要 true 或 false，现为 {value}", "true or false is needed here, got {value}"),
    "bool_parsing": ("这里需要 true 或 false，现为 {value}", "true or false is needed here, got {value}"),
    "model_type": ("这里需要键值对，现为 {value}", "keys and values are needed here, got {value}"),
    "dict_type": ("这里需要键值对，现为 {value}", "keys and values are needed here, got {value}"),
    "tuple_type": ("这里需要列表，现为 {value}", "a list is needed here, got {value}"),
    "list_type": ("这里需要列表，现为 {value}", "a list is needed here, got {value}"),
    "finite_number": ("这里需要有限的数，现为 {value}", "a finite number is needed here, got {value}"),
}
_NUMBERS = ("decimal_", "int_")

_OURS: dict[str, tuple[str, str]] = {
    "a number is expected": ("这里需要数字，现为 {value}", "a number is needed here, got {value}"),
    "exactly one of 'where' and 'codes' is needed": (
        "分组必须且只能有 where 或 codes 之一",
        "a group needs exactly one of 'where' and 'codes'",
    ),
    "'lower' exceeds 'upper'": ("下限 lower 大于上限 upper", "'lower' exceeds 'upper'"),
    "exactly one of 'where', 'codes' and 'versions' is needed": (
        "分组必须且只能有 where、codes 或 versions 之一",
        "a group needs exactly one of 'where', 'codes' and 'versions'",
    ),
    "'codes' is empty": ("codes 不能为空", "'codes' is empty"),
    "'from' is later than 'until'": ("from 晚于 until", "'from' is later than 'until'"),
    "'from' and 'until' belong to each version": (
        "分版本的分组，from、until 应写在每个版本里",
        "'from' and 'until' belong to each version",
    ),
    "with 'within' the edges of 'bands' are quantiles from 0 to below 1": (
        "有 within 时 bands 的分档是位次分位，应不小于 0 且小于 1",
        "with 'within' the edges of 'bands' are quantiles from 0 to below 1",
    ),
    "the edges of 'bands' must be numbers": (
        "bands 的分档必须是数字",
        "the edges of 'bands' must be numbers",
    ),
    "a higher band must not have a lower rate": (
        "得分较高的档次，比率不能较低",
        "a higher band must not have a lower rate",
    ),
    "no band brings a reward": ("没有一档给予奖励", "no band brings a reward"),
    "'mode: reward' needs a 'pool'": (
        "mode: reward 需要另设奖励资金 pool",
        "'mode: reward' needs a 'pool'",
    ),
    "'mode: multiplier' takes no 'pool'": (
        "mode: multiplier 不能有 pool",
        "'mode: multiplier' takes no 'pool'",
    ),
    "'mode: multiplier' takes no 'cap'": ("mode: multiplier 不能有 cap", "'mode: multiplier' takes no 'cap'"),
    "'mode: reward' takes no 'cap'": ("mode: reward 不能有 cap", "'mode: reward' takes no 'cap'"),
    "'own_share' needs 'not_below'": ("有 own_share 就要有 not_below", "'own_share' needs 'not_below'"),
}
_FIXES: dict[str, tuple[str, str]] = {
    "less_than_equal": (
        "比例请写成小数，例如 0.65 而不是 65",
        "write shares as decimals, 0.65 rather than 65",
    ),
    "missing": ("请补上该项", "add it"),
}


def scenario_faults(error: ValidationError, tree: Node) -> list[Fault]:
    """Every finding once, at the deepest place of the file that it speaks of."""
    found: dict[tuple[str, str], Fault] = {}
    for item in error.errors():
        made = _fault(item, tree)
        # a union reports each of its branches; the first that speaks of this place is enough
        found.setdefault((str(made.place), made.what.en if item["type"] in _SAYINGS else "union"), made)
    return list(found.values())


def findings(error: ValidationError) -> list[tuple[str, Text]]:
    """Key and sentence of every finding about a value that stands in no file by itself."""
    found: dict[str, Text] = {}
    for item in error.errors():
        key = ".".join(str(step) for step in item["loc"][:1])
        words = {"key": key, "value": shorten(item.get("input")), **item.get("ctx", {})}
        found.setdefault(key, Text(*_sentence(str(item["type"]), item, words)))
    return list(found.items())


def _fault(item: Any, tree: Node) -> Fault:
    location = list(item["loc"])
    key = str(location[-1]) if location else ""
    kind = str(item["type"])
    place, taken = tree.nearest(location[:-1] if kind == "missing" else location)
    path = ".".join([*taken, key] if kind in ("missing",) else taken) or key
    words = {"key": key, "value": shorten(item.get("input")), **item.get("ctx", {})}
    zh, en = _sentence(kind, item, words)
    fix = _fix(kind, item, tree, location, taken)
    return Fault(Place(place.file, place.line, place.character, path), Text(zh, en), fix)


def _sentence(kind: str, item: Any, words: dict[str, Any]) -> tuple[str, str]:
    if kind in _SAYINGS:
        zh, en = _SAYINGS[kind]
    elif kind.startswith(_NUMBERS):
        zh, en = _OURS["a number is expected"]
    else:
        own = str(item["msg"]).removeprefix("Value error, ")
        # a message of ours may hold both languages itself
        zh, _, en = own.partition(" / ") if own not in _OURS and " / " in own else (own, "", own)
        zh, en = _OURS.get(own, (zh, en))
        if kind != "value_error":
            zh, en = f"{own}（现为 {{value}}）", f"{own} (got {{value}})"
            zh, en = zh.replace("{value}", words["value"]), en.replace("{value}", words["value"])
            return zh, en
        if own not in _OURS:
            return zh, en
    return _fill(zh, words), _fill(en, words)


def _fill(text: str, words: dict[str, Any]) -> str:
    for key, value in words.items():
        text = text.replace("{" + key + "}", str(value))
    return text


def _fix(kind: str, item: Any, tree: Node, location: list[Any], taken: list[str]) -> Text:
    if kind == "extra_forbidden":
        allowed = _allowed_keys(tree, location, taken)
        near = get_close_matches(str(location[-1]), allowed, 3, 0.5) or allowed
        return Text(
            f"可用的键：{'、'.join(near)}" if near else "请删除它",
            f"allowed keys: {', '.join(near)}" if near else "remove it",
        )
    if kind == "literal_error":
        expected = str(item.get("ctx", {}).get("expected", ""))
        return Text(f"可用的值：{expected}", f"allowed: {expected}")
    if kind.startswith("union_tag"):
        kinds = ", ".join(KINDS)
        return Text(f"可用的 kind：{kinds}", f"kinds: {kinds}")
    return Text(*_FIXES.get(kind, ("", "")))


def _allowed_keys(tree: Node, location: list[Any], taken: list[str]) -> list[str]:
    """Keys that the model at this place knows."""
    model: Any = None
    if len(taken) <= 1:
        model = Scenario
    elif taken[0] == "rules":
        rule = tree.get("rules", int(location[1]), "kind")
        model = KINDS.get(str(rule.value)) if rule is not None and len(taken) <= 3 else None
    elif len(taken) == 3:
        model = {"streams": Stream, "uses": Use, "groups": Group}.get(taken[0])
    elif taken[0] == "groups":
        model = GroupVersion
    elif taken[0] == "streams":
        model = {"pool": Pool, "incentive": Incentive}.get(taken[2])
    elif taken[0] == "formulas":
        model = Factor
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def shorten(value: Any, most: int = 60) -> str:
    """A value as messages quote it: on one line, control characters escaped, cut if long."""
    text = str(value) if not isinstance(value, str) else value
    if isinstance(value, dict | list | tuple):
        text = "{…}" if isinstance(value, dict) else "[…]"
    clean = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    clean = clean if len(clean) <= most else clean[: most - 1] + "…"
    return f"‘{clean}’"
