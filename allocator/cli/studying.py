"""What `allocator sensitivity` does, step by step."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from allocator.cli.progress_bar import Progress
from allocator.cli.screen import notices, print_json
from allocator.cli.words import line
from allocator.faults import BadInput, Fault, Place
from allocator.load import load
from allocator.scenario import UNIQUE
from allocator.text import LANGUAGES, Language, Text
from allocator.whatif.study import Scope, Study, checked, study
from allocator.whatif.workers import in_parallel, missing
from reports.folder import RECORD, check_target, write_folder
from reports.run_record import Circumstances

if TYPE_CHECKING:
    from reports.charts.style import Size

PACKAGES = ("matplotlib", "zhplot", "SALib", "joblib")
"""Of the extra `sensitivity`, those that a study needs."""

NOT_UNIQUE = Text(
    "这个目标的最优方案不止一个，下面的结论只是对其中一个而言；要唯一的答案请用 objective: leximin",
    "this objective has more than one optimum, and the findings are of one of them; "
    "objective: leximin has one answer",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line, parsed."""

    scenario: str
    out: Path
    sets: tuple[str, ...]
    numbers: tuple[int, int, int, int, float, str | None, int]
    """Draws, samples, points, seed, error, population, jobs: the fields of a Scope."""
    size: str = "slide"
    as_json: bool = False
    sliders: bool = False


def study_and_print(wish: Wish, lang: Language) -> int:
    """Computes, draws, writes the folder whole, prints the findings."""
    for package in PACKAGES:
        if find_spec(package) is None:
            raise missing(package)
    check_target(wish.out)
    _check_early(wish, lang)
    with Progress(lang) as progress:
        found = study(wish.scenario, wish.sets, Scope(*wish.numbers), progress)
        extra = {}
        if wish.sliders:
            progress(Text("滑块的各点", "points of the sliders"), 0.0)
            extra["sliders.json"] = _sliders(found, wish)
        progress(Text("绘图", "drawing"), 0.0)
        found, files = _files(found, wish, extra, lang)
    write_folder(wish.out, files)
    findings = _findings(found)
    if wish.as_json:
        print_json({"out": str(wish.out), "files": sorted(files), "findings": findings})
        return 0
    for said in findings.values():
        line("· " + said[lang])
    count = sum(name.endswith(".png") and "/" not in name for name in files)
    line(Text(f"结果：{wish.out}（{count} 幅图）", f"Result: {wish.out} ({count} charts)").say(lang))
    return 0


def _check_early(wish: Wish, lang: Language) -> None:
    """Notices of the scenario, and a refusal of its faults before minutes of computing."""
    from allocator.whatif.equity import equity  # noqa: PLC0415 - only here
    from reports.charts.fonts import MissingGlyphs, check_data  # noqa: PLC0415 - matplotlib is slow to import

    loaded = load(wish.scenario, wish.sets)
    notices(loaded.notices, lang)
    if loaded.scenario.objective not in UNIQUE:
        notices([NOT_UNIQUE], lang)
    population = wish.numbers[5]
    if population is not None:
        # Any payments do: only the column is looked at.
        equity(loaded, loaded.problem.entitlement, population)
    try:
        check_data((loaded.counties.names, loaded.counties.prefectures))
    except MissingGlyphs as error:
        said = Text(
            f"图的字体里没有这些字：{'、'.join(error.characters)}",
            f"the font of the charts has no {', '.join(error.characters)}",
        )
        fix = Text("请改用常用字", "write them with common characters")
        raise BadInput([Fault(Place(wish.scenario), said, fix)]) from None


def _sliders(found: Study, wish: Wish) -> bytes:
    from allocator.whatif.engine import Engine  # noqa: PLC0415 - only here
    from allocator.whatif.sliders import sliders  # noqa: PLC0415
    from allocator.whatif.sweep import Files  # noqa: PLC0415
    from reports.study.sliders import slider_bytes  # noqa: PLC0415
    from reports.study.titles import titled  # noqa: PLC0415

    files = Files.of(wish.scenario, wish.sets)
    swept = titled(found)
    made = sliders(
        Engine(wish.scenario, wish.sets), files, (*swept.weights, *swept.parameters), found.scope.jobs
    )
    return slider_bytes(found.loaded, made)


def _files(
    found: Study, wish: Wish, extra: dict[str, bytes], lang: Language
) -> tuple[Study, dict[str, bytes]]:
    """The study with its titles, and every file."""
    from reports.charts.style import A4, SLIDE  # noqa: PLC0415 - matplotlib is slow to import
    from reports.study.charts import draw, study_charts  # noqa: PLC0415
    from reports.study.list import chart_list  # noqa: PLC0415
    from reports.study.record import study_record  # noqa: PLC0415
    from reports.study.tables import study_tables  # noqa: PLC0415
    from reports.study.titles import titled  # noqa: PLC0415

    found = titled(found)
    files = study_tables(found) | extra
    size = A4 if wish.size == "a4" else SLIDE
    charts = list(study_charts(found, lang, size))
    files["charts.json"] = chart_list(charts, lang)
    pictures = in_parallel(draw, [drawing for _, drawing in charts], found.scope.jobs)
    for (name, _), picture in zip(charts, pictures, strict=True):
        files |= {f"{name}.{kind}": content for kind, content in picture.items()}
    files |= _switched(found, next(one for one in LANGUAGES if one != lang), size)
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    around = Circumstances(now, ("allocator", *sys.argv[1:]))
    return found, files | {RECORD: study_record(found, files, around)}


def _switched(found: Study, other: Language, size: Size) -> dict[str, bytes]:
    """The charts in the other language: as SVG for the page, which can be switched, some for the workbook."""
    from reports.study.charts import draw, draw_svg, study_charts  # noqa: PLC0415
    from reports.study.key_charts import key_names  # noqa: PLC0415 - only here

    drawings = dict(study_charts(found, other, size))
    keys = key_names(drawings)
    rest = [name for name in drawings if name not in keys]
    jobs = found.scope.jobs
    pictures = in_parallel(draw, [drawings[name] for name in keys], jobs)
    outlines = in_parallel(draw_svg, [drawings[name] for name in rest], jobs)
    files = {f"{other}/{name}.svg": drawn for name, drawn in zip(rest, outlines, strict=True)}
    for name, picture in zip(keys, pictures, strict=True):
        files |= {f"{other}/{name}.{kind}": content for kind, content in picture.items()}
    return files


def _findings(found: Study) -> dict[str, dict[str, str]]:
    from allocator.whatif.equity import finding as equity  # noqa: PLC0415
    from allocator.whatif.global_indices import finding as indices  # noqa: PLC0415
    from allocator.whatif.uncertainty import finding as uncertainty  # noqa: PLC0415
    from allocator.whatif.winners import finding as winners  # noqa: PLC0415
    from reports.study.charts import largest_effect, undrawn  # noqa: PLC0415
    from reports.study.edges import breakpoints_data  # noqa: PLC0415

    names = found.loaded.names
    said = {
        "tornado": largest_effect(found),
        "breakpoints": breakpoints_data(found).heading.title,
        "uncertainty": uncertainty(found.uncertainty),
        "sobol": indices(found.indices),
        "equity": equity(found.equity, names),
        **{f"winners_{one.against}": winners(one, names) for one in found.winners.comparisons},
    }
    if (flat := undrawn(found)) is not None:
        said["undrawn"] = flat
    said["checked"] = checked(found)
    return {key: {"zh": text.zh, "en": text.en} for key, text in said.items()}
