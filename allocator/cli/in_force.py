"""Groups and uses that have years: what is in force in the scenario's year."""

from __future__ import annotations

from typing import Any

from allocator.cli.screen import show_table
from allocator.loaded import Loaded
from allocator.text import Language, Text
from allocator.versions import InForce, dated

KINDS = {"group": Text("分组", "group"), "use": Text("用途", "use")}
OPEN, CLOSED = Text("适用", "in force"), Text("不适用", "not in force")


def show_in_force(loaded: Loaded, lang: Language) -> None:
    """One table; nothing where nothing has years."""
    found = _dated(loaded)
    if not found:
        return
    columns = [
        Text("名称", "Name"),
        Text("种类", "Kind"),
        Text("年度", "Years"),
        Text("当年", "This year"),
        Text("旗县数", "Counties"),
    ]
    rows = [
        (
            one.title.say(lang),
            KINDS[one.kind].say(lang),
            one.years.say(lang),
            (OPEN if one.open else CLOSED).say(lang),
            one.counties,
        )
        for one in found
    ]
    year = loaded.scenario.year
    title = Text(f"{year} 年适用的名单和用途", f"Lists and uses in force in {year}")
    show_table(title, columns, rows, lang)


def in_force_json(loaded: Loaded) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "kind": one.kind,
            "name": one.name,
            "title": one.title._asdict(),
            "years": one.years._asdict(),
            "in_force": one.open,
            "counties": one.counties,
        }
        for one in _dated(loaded)
    ]


def _dated(loaded: Loaded) -> tuple[InForce, ...]:
    members = {name: int(own.sum()) for name, own in loaded.counties.groups.items()}
    return dated(loaded.scenario, members)
