"""allocator sensitivity: what hangs on what, as tables and charts."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import jobs_option, json_option, output_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "敏感性研究：结果写入 OUT，每项有一张 CSV，图（PNG、SVG）的标题即结论：\n"
    "  tornado             单项变动\n"
    "  sweeps              权重与参数扫描（图：weight-…、parameter-…）\n"
    "  breakpoints         规则开始影响旗县总额和无解的临界值（另有 floor_limits.csv）\n"
    "  frontiers           收紧规则的代价（图：frontier-…）\n"
    "  uncertainty         数据误差与权重的不确定性（另有 rule_probabilities.csv）\n"
    "  sobol               全局指数\n"
    "  equity              公平性（另有 lorenz.csv）\n"
    "  winners             与上年和公式相比的增减（图：winners-…）\n"
    "  sliders             各点的整数分配（--sliders，只供网页使用）\n"
    "en（或 zh）文件夹里是另一种语言的图，供网页切换和工作簿使用。\n"
    "不移动资金的扫描和前沿只有 CSV 没有图；run.json 记录输入、版本和每个文件的摘要。",
    "A sensitivity study into OUT: a CSV each, and charts (PNG and SVG) whose titles are\n"
    "the findings:\n"
    "  tornado             one at a time\n"
    "  sweeps              of weights and parameters (charts: weight-…, parameter-…)\n"
    "  breakpoints         where rules start to shape totals, and where nothing fits\n"
    "                      (and floor_limits.csv)\n"
    "  frontiers           what tightening a rule costs (charts: frontier-…)\n"
    "  uncertainty         of data and weights (and rule_probabilities.csv)\n"
    "  sobol               global indices\n"
    "  equity              per head (and lorenz.csv)\n"
    "  winners             and losers against last year and the formula (charts: winners-…)\n"
    "  sliders             the points in whole money (--sliders; for the page alone)\n"
    "The folder zh (or en) holds the charts in the other language, for page and workbook.\n"
    "Sweeps and frontiers that move no money have rows in the CSV and no chart; run.json\n"
    "records the inputs, the versions and a digest of every file.",
)
EXAMPLE = "allocator sensitivity inner-mongolia-2025 -o study --jobs 2"

OUT = Text("结果文件夹", "Result folder.")
DRAWS = Text("随机抽样次数", "Random draws.")
SAMPLES = Text("全局指数的基础样本数（2 的幂）", "Base samples of the global indices (a power of two).")
POINTS = Text("每条扫描线的点数", "Points on each sweep.")
ERROR = Text("数据的相对标准误", "Relative standard error of the data.")
POPULATION = Text("人均计算所用的列", "Column of people for money per head.")
SIZE = Text("图的大小：幻灯片或 A4", "Size of the charts: slides or A4.")
SLIDERS = Text(
    "另把各扫描点和预算求解到整数，供 report 的滑块用",
    "Also decide the swept points and budgets in whole money, for the sliders of `report`.",
)
SEED = Text("随机种子", "Seed of every draw.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @output_option(lang, OUT, required=True)
    @click.option(
        "--draws", type=click.IntRange(min=2), default=2000, show_default=True, help=DRAWS.say(lang)
    )
    @click.option(
        "--samples",
        type=click.Choice(["8", "16", "32", "64", "128", "256", "512", "1024"]),
        default="32",
        show_default=True,
        help=SAMPLES.say(lang),
    )
    @click.option(
        "--points", type=click.IntRange(min=3), default=11, show_default=True, help=POINTS.say(lang)
    )
    @click.option(
        "--error", type=click.FloatRange(0, 1), default=0.05, show_default=True, help=ERROR.say(lang)
    )
    @click.option("--population", metavar="COLUMN", help=POPULATION.say(lang))
    @click.option(
        "--size", type=click.Choice(["slide", "a4"]), default="slide", show_default=True, help=SIZE.say(lang)
    )
    @click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help=SEED.say(lang))
    @click.option("--sliders", is_flag=True, help=SLIDERS.say(lang))
    @jobs_option(lang)
    @set_option(lang)
    @json_option(lang)
    def run(
        scenario: str,
        out: Path,
        draws: int,
        samples: str,
        points: int,
        error: float,
        population: str | None,
        size: str,
        seed: int,
        sliders: bool,
        jobs: int,
        sets: tuple[str, ...],
        as_json: bool,
    ) -> int:
        from allocator.cli.studying import Wish, study_and_print  # noqa: PLC0415

        numbers = (draws, int(samples), points, seed, error, population, jobs)
        return study_and_print(Wish(scenario, out, sets, numbers, size, as_json, sliders), lang)

    return run
