"""allocator explain: why every county gets what it gets, and what every rule costs."""

from __future__ import annotations

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "说明分配结果的来由：每个旗县的取数单（公式、调整、各规则、取整，逐项相加恰为分配额）、\n"
    "每条规则收紧或放宽一档的代价、有无此规则时谁让谁得、结果是否唯一。\n\n"
    "加 --county 只看一个旗县；再加 --gain 问怎样才能多得这么多；加 --rule 细看一条规则。",
    "Say where an allocation comes from: each county's statement (formula, adjustment,\n"
    "every rule, rounding, adding up exactly to its amount), what each rule costs a step\n"
    "tighter or looser, who pays whom because of it, and whether the result is unique.\n\n"
    "--county shows one county, --gain what it would take to get so much more, --rule\n"
    "one rule.",
)
EXAMPLE = """\
allocator explain inner-mongolia-2025
allocator explain inner-mongolia-2025 --county 科尔沁左翼中旗 --gain 100
allocator explain inner-mongolia-2025 --rule pipeline"""

COUNTY = Text("旗县名称或代码", "County, by name or code.")
RULE = Text("规则编号或标题", "Rule, by id or title.")
SHAPLEY = Text(
    "按规则种类平均各种先后次序（沙普利值）", "Average over all orders of the kinds of rules (Shapley)."
)
GAIN = Text(
    "怎样才能让该旗县多得这么多（需 --county）", "What it would take to give the county so much more."
)


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @click.option("--county", metavar="NAME", help=COUNTY.say(lang))
    @click.option("--rule", metavar="NAME", help=RULE.say(lang))
    @click.option("--shapley", is_flag=True, help=SHAPLEY.say(lang))
    @click.option(
        "--gain", type=click.FloatRange(min=0, min_open=True), metavar="AMOUNT", help=GAIN.say(lang)
    )
    @set_option(lang)
    @json_option(lang)
    def run(
        scenario: str,
        county: str | None,
        rule: str | None,
        shapley: bool,
        gain: float | None,
        sets: tuple[str, ...],
        as_json: bool,
    ) -> int:
        from allocator.cli.explaining import Wish, explain_and_print  # noqa: PLC0415

        return explain_and_print(Wish(scenario, county, rule, shapley, gain, sets, as_json), lang)

    return run
