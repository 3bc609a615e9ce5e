"""allocator check: every fault of a scenario at once without solving it, and fairness where asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, set_option
from allocator.cli.words import line
from allocator.text import Language, Text

if TYPE_CHECKING:
    from allocator.loaded import Loaded

HELP = Text(
    "检查方案，不求解。一次列出全部错误，每条写明文件、行、旗县、列和改法；\n"
    "没有错误时给出控制总数，请与文件核对。\n\n"
    "加 --fairness 再用这些数据逐项试公平性：行序、相同旗县、预算增加、自身需求增加、\n"
    "分档和门槛处的断崖；有一项不通过则退出码为 1。",
    "Check a scenario without solving it. All faults are listed at once, each with its\n"
    "file, line, county and column and what to do. Where there is none, control totals\n"
    "are printed: compare them with the documents.\n\n"
    "--fairness also tries fairness properties on these data: order of rows, equal\n"
    "counties, a larger budget, a county's own need, cliffs at bands and thresholds.\n"
    "Exit code 1 where one of them fails.",
)
EXAMPLE = """\
allocator check my-plan
allocator check my-plan --fairness --cliff 0.1"""
FAIRNESS = Text("再用这些数据逐项试公平性", "Also try fairness properties on these data.")
CLIFF = Text(
    "分档和门槛处容许的变动占旗县金额之比（默认 0.05）",
    "Jump at a band or threshold that is tolerated, as a part of the county's amount (default: 0.05).",
)


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @click.option("--fairness", is_flag=True, help=FAIRNESS.say(lang))
    @click.option("--cliff", type=click.FloatRange(min=0), metavar="SHARE", help=CLIFF.say(lang))
    @set_option(lang)
    @json_option(lang)
    def run(scenario: str, fairness: bool, cliff: float | None, sets: tuple[str, ...], as_json: bool) -> int:
        _refuse_alone(fairness, cliff)
        return _check(scenario, sets, as_json, lang, fairness, cliff)

    return run


def _refuse_alone(fairness: bool, cliff: float | None) -> None:
    if cliff is None or fairness:
        return
    from allocator.faults import BadInput, Place  # noqa: PLC0415
    from allocator.input.yaml_tree import fault  # noqa: PLC0415

    what = ("需要同时给出 --fairness", "takes --fairness too")
    raise BadInput([fault(Place("--cliff"), *what, "加上 --fairness", "add --fairness")])


def _check(
    source: str, sets: tuple[str, ...], as_json: bool, lang: Language, fairness: bool, cliff: float | None
) -> int:
    from allocator.cli.in_force import in_force_json, show_in_force  # noqa: PLC0415
    from allocator.cli.screen import notices, print_json  # noqa: PLC0415
    from allocator.cli.totals import show_totals  # noqa: PLC0415
    from allocator.load import load  # noqa: PLC0415

    loaded = load(source, sets)
    if as_json:
        said = [{"zh": n.zh, "en": n.en} for n in loaded.notices]
        digests = dict(loaded.digests)
        record = {"faults": [], "notices": said, "control_totals": dict(loaded.totals), "inputs": digests}
        record["in_force"] = in_force_json(loaded)
        tried, code = _fairness(source, sets, loaded, lang, cliff, False) if fairness else ({}, 0)
        print_json({**record, **tried})
        return code
    show_totals(loaded, lang)
    show_in_force(loaded, lang)
    notices(loaded.notices, lang)
    line(Text(f"{loaded.scenario.name}：没有错误", f"{loaded.scenario.name}: no faults").say(lang))
    return _fairness(source, sets, loaded, lang, cliff, True)[1] if fairness else 0


def _fairness(
    source: str, sets: tuple[str, ...], loaded: Loaded, lang: Language, cliff: float | None, shown: bool
) -> tuple[dict[str, Any], int]:
    """The properties for JSON, shown where wanted, and the exit code."""
    from allocator.cli.fairness_screen import fairness_json, print_fairness, try_fairness  # noqa: PLC0415

    found = try_fairness(source, sets, loaded, None if cliff is None else Decimal(str(cliff)), lang)
    if shown:
        line("")
        print_fairness(found, loaded, lang)
    return {"fairness": fairness_json(found)}, int(not all(one.passed for one in found))
