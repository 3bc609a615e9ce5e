"""A county by its code or name, as people type it."""

from __future__ import annotations

from difflib import get_close_matches

from allocator.counties import Counties
from allocator.faults import BadInput, Place
from allocator.input.yaml_tree import fault


def find_county(counties: Counties, wanted: str, option: str = "--county") -> int:
    """Position of the county; raises BadInput where there is none or more than one."""
    if wanted in counties.index:
        return counties.index[wanted]
    same = [i for i, name in enumerate(counties.names) if name == wanted]
    if len(same) == 1:
        return same[0]
    place = Place(f"{option} {wanted}")
    if same:
        codes = [counties.label(i) for i in same]
        raise BadInput(
            [
                fault(
                    place,
                    "有多个旗县叫这个名字",
                    "several counties have this name",
                    f"请改用代码：{'、'.join(codes)}",
                    f"use a code: {', '.join(codes)}",
                )
            ]
        )
    holding = [name for name in counties.names if wanted in name]
    near = holding[:3] or get_close_matches(wanted, (*counties.names, *counties.codes), 3, 0.4)
    raise BadInput(
        [
            fault(
                place,
                "县表里没有这个旗县",
                "the county table has no such county",
                f"相近的有：{'、'.join(near)}" if near else "请用县表中的名称或代码",
                f"near: {', '.join(near)}" if near else "use a name or code of the table",
            )
        ]
    )
