"""From a scenario folder to checked values: every fault of every file at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from allocator.assemble import assemble
from allocator.committed import COLUMNS, read_committed
from allocator.counties import Counties
from allocator.faults import BadInput, Fault, Place
from allocator.formula.mix import mix_columns
from allocator.groups import evaluate_groups, place_of
from allocator.input.county_table import REQUIRED, check_identity, counties_of, read_numbers, refuse, stop
from allocator.input.divisions import check_divisions
from allocator.input.extends import Chain, inside, named, read_chain, shown_path
from allocator.input.files import digest
from allocator.input.overrides import override
from allocator.input.pydantic_faults import scenario_faults
from allocator.input.references import numeric_columns, scenario_references, table_references
from allocator.input.tables import Table, read_table
from allocator.input.yaml_tree import Node, fault
from allocator.ledger import without_decided
from allocator.loaded import Loaded
from allocator.publication_gaps import publication_faults
from allocator.scenario import Scenario
from allocator.shapes import Shape, read_shapes
from allocator.text import Text
from allocator.versions import in_force, version_faults

BUNDLED = Path(__file__).resolve().parent.parent / "scenarios"
SHEETS = ("counties", "旗县", "县表")


def bundled() -> tuple[str, ...]:
    """Names of the scenarios that come with the package."""
    if not BUNDLED.is_dir():
        return ()
    return tuple(sorted(p.name for p in BUNDLED.iterdir() if (p / "scenario.yaml").is_file()))


def find(source: str | Path) -> Path:
    """The scenario.yaml of a scenario or result folder, a file or a bundled name."""
    path = Path(source)
    if path.is_dir():
        # a result folder holds the scenario that it was solved from
        for file in (path / "scenario.yaml", path / "scenario" / "scenario.yaml"):
            if file.is_file():
                return file.resolve()
        raise BadInput(
            [
                fault(
                    Place(str(source)),
                    "该文件夹里没有 scenario.yaml",
                    "the folder has no scenario.yaml",
                    "用 allocator init 新建一个方案",
                    "make one with: allocator init",
                )
            ]
        )
    if path.is_file():
        return path.resolve()
    if str(source) in bundled():
        return BUNDLED / str(source) / "scenario.yaml"
    names = bundled()
    near = get_close_matches(str(source), names, 3) or names
    raise BadInput(
        [
            Fault(
                Place(str(source)),
                Text("没有这个文件夹、文件或自带方案", "no such folder, file or bundled scenario"),
                Text(f"自带方案：{'、'.join(near)}", f"bundled scenarios: {', '.join(near)}"),
            )
        ]
    )


def load(source: str | Path, sets: Sequence[str] = ()) -> Loaded:
    """The scenario, read and checked; raises BadInput with all faults in file order."""
    file = find(source)
    chain = read_chain(file)
    tree = named(override(chain.tree, sets))
    faults: list[Fault] = []
    scenario = _validated(tree, faults)
    county_path = table_path(tree, chain, "counties", "counties.csv")
    committed_path = table_path(tree, chain, "committed", "committed.csv")
    table = _read(county_path or file.parent / "counties.csv", file.parent, faults, REQUIRED, SHEETS)
    committed = None if committed_path is None else _read(committed_path, file.parent, faults, COLUMNS)
    if table is not None:
        faults += check_identity(table)
    if scenario is not None:
        faults += version_faults(scenario, tree)
        scenario = in_force(scenario)
        faults += scenario_references(scenario, tree)
    if scenario is None or table is None:
        stop(faults)
    counties = _counties(scenario, tree, table, faults)
    issued: dict[tuple[int, str, str], Fraction] = {}
    if committed is not None:
        issued, committed_faults = read_committed(committed, scenario, counties)
        faults += committed_faults
    faults += publication_faults(scenario, tree, counties)
    shapes_path = table_path(tree, chain, "shapes", "") if scenario.shapes else None
    shapes: dict[str, Shape] = {}
    if shapes_path is not None:
        try:
            shapes = read_shapes(shapes_path, shown_path(shapes_path, file.parent), counties)
        except BadInput as error:
            faults += error.faults
    refuse(faults)
    files = [*chain.files, *(p for p in (county_path, committed_path, shapes_path) if p is not None)]
    digests = {shown_path(f, file.parent): digest(f) for f in files}
    if committed is None:
        return replace(assemble(scenario, tree, counties, issued, digests), shapes=shapes)
    scenario, said = without_decided(scenario, committed)
    loaded = assemble(scenario, tree, counties, issued, digests)
    return replace(loaded, notices=(*said, *loaded.notices), shapes=shapes)


def _counties(scenario: Scenario, tree: Node, table: Table, faults: list[Fault]) -> Counties:
    """The county table with its numbers and groups; stops where codes repeat."""
    mixes, strange = mix_columns(scenario, table.columns)
    faults += [
        fault(
            table.place(column=c),
            "mix. 之后不是任何用途的名称",
            "what follows mix. is no use",
            f"用途：{'、'.join(scenario.uses)}",
            f"uses: {', '.join(scenario.uses)}",
        )
        for c in strange
    ]
    numbers, number_faults = read_numbers(table, {**numeric_columns(scenario), **mixes})
    faults += number_faults
    codes = [record.cells["code"] for record in table.records]
    if len(set(codes)) < len(codes):
        stop(faults)
    counties = counties_of(table, numbers)
    groups, group_faults = evaluate_groups(scenario.groups, counties, tree)
    faults += group_faults + table_references(scenario, tree, counties)
    if scenario.divisions is not None:
        faults += check_divisions(counties, place_of(tree, "counties"))
    return replace(counties, groups=groups)


def _validated(tree: Node, faults: list[Fault]) -> Scenario | None:
    """The tree as a Scenario, or None with its faults noted."""
    if not isinstance(tree.value, dict):
        what = fault(
            tree.place,
            "方案文件应由 键: 值 组成",
            "a scenario consists of keys and values",
            "可从 allocator init 生成的文件开始",
            "start from the file that allocator init makes",
        )
        stop([what])
    try:
        return Scenario.model_validate(tree.plain())
    except ValidationError as error:
        faults += scenario_faults(error, tree)
        return None


def schema() -> dict[str, Any]:
    """JSON Schema of scenario.yaml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(by_alias=True),
    }


def table_path(tree: Node, chain: Chain, key: str, default: str) -> Path | None:
    """The table that the scenario names, or the default of the nearest folder that has one."""
    node = tree.get(key)
    if node is not None and isinstance(node.value, str):
        folder = node.folder or chain.files[0].parent
        return inside(Node(node.value, node.place, folder=folder), Path(node.value))
    for file in chain.files:
        if (file.parent / default).exists():
            return file.parent / default
    return None


def _read(
    path: Path,
    root: Path,
    faults: list[Fault],
    required: Sequence[str],
    sheets: Sequence[str] = (),
) -> Table | None:
    try:
        return read_table(path, shown_path(path, root), sheets, required)
    except BadInput as error:
        faults += error.faults
        return None
