"""The ledger that a result belongs to: that of the scenario it was solved from, if it is still the same."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.reallocate import command as reallocate_command
from allocator.cli.solve import command as solve_command
from allocator.comparison.sameness import changed_since
from allocator.faults import BadInput, Fault, Place
from allocator.input.extends import read_chain
from allocator.instalments import waiting_as
from allocator.load import BUNDLED, find, load, table_path
from allocator.text import Text
from reports.folder import RECORD, files_of
from reports.ledger_result import LedgerResult

MAKERS = {"solve": solve_command, "reallocate": reallocate_command}
"""Commands whose folders can be entered."""
GIVE = Text("请用 --ledger 指明台账文件", "name the ledger with --ledger")
MOST = 5
"""How many differences a message names."""


def own_ledger(result: LedgerResult) -> Path:
    """The committed file of the scenario that the result was solved from; BadInput where it keeps none."""
    file = _scenario_file(result)
    if file.is_relative_to(BUNDLED):
        what = Text("自带方案不能记账", "a bundled scenario keeps no ledger")
        own = file.parent.name
        fix = Text(
            f"先复制一份再求解：allocator init my-plan --from {own}；或用 --ledger 指明台账文件",
            f"copy it and solve that: allocator init my-plan --from {own}; or name the ledger with --ledger",
        )
        raise BadInput([Fault(Place(own), what, fix)])
    chain = read_chain(file)
    path = table_path(chain.tree, chain, "committed", "committed.csv") or file.parent / "committed.csv"
    return _from_here(path)


def _from_here(path: Path) -> Path:
    here = Path.cwd().resolve()
    return path.relative_to(here) if path.is_relative_to(here) else path


def outdated(result: LedgerResult) -> list[Fault]:
    """What was decided under other rules, figures or budgets than today's must not be entered."""
    file = _scenario_file(result)
    solved, today = result.loaded, load(file)
    if sets := waiting_as(solved, today):
        today = load(file, sets)
    found = changed_since(solved, today)
    if not found:
        return []
    zh, en = "、".join(t.zh for t in found[:MOST]), ", ".join(t.en for t in found[:MOST])
    more = Text("等", " and more") if len(found) > MOST else Text("", "")
    what = Text(
        f"现在的方案与这次结果所用的不同：{zh}{more.zh}",
        f"the scenario is not what the result was decided from: {en}{more.en}",
    )
    fix = Text(
        "请把要用的参数写进方案（或改回），重新求解后再记账",
        "write into the scenario what is meant (or take it back), solve again, then enter that",
    )
    return [Fault(Place(str(_from_here(file))), what, fix)]


def _scenario_file(result: LedgerResult) -> Path:
    """scenario.yaml of the recorded command; raises BadInput where it is not there, or another one is."""
    source = _recorded_scenario(result.command)
    if source is None:
        what = Text("记录里没有方案", "the record names no scenario")
        raise BadInput([Fault(Place(str(result.folder / "run.json")), what, GIVE)])
    try:
        file = find(source)
    except BadInput as error:
        raise BadInput([Fault(f.place, f.what, GIVE) for f in error.faults]) from None
    if files_of(file.parent.parent / RECORD) is not None:
        what = Text(
            "这是结果文件夹里的方案副本，不能记账",
            "the scenario there is a result's copy and keeps no ledger",
        )
        raise BadInput([Fault(Place(source), what, GIVE)])
    name, own = read_chain(file).tree.get("name"), result.loaded.scenario.name
    if name is None or str(name.value) != own:
        what = Text(f"那里的方案不是 {own}", f"the scenario there is not {own}")
        raise BadInput([Fault(Place(source), what, GIVE)])
    return file


def _recorded_scenario(command: tuple[str, ...]) -> str | None:
    """SCENARIO of a recorded `allocator … solve …` or `… reallocate …`, read as the command itself would."""
    name = next((word for word in command if word in MAKERS), None)
    if name is None:
        return None
    arguments = list(command[command.index(name) + 1 :])
    context: click.Context = MAKERS[name](name, "en").make_context(name, arguments, resilient_parsing=True)
    found = context.params.get("scenario")
    return None if found is None else str(found)
