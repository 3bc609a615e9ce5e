"""What `allocator sensitivity` does, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from allocator.cli.progress import Progress
from allocator.cli.screen import notices, print_json
from allocator.cli.words import line
from allocator.load import load
from allocator.study import Scope, Study, study
from allocator.text import Language, Text
from allocator.workers import in_parallel, missing
from reports.folder import check_target, write_folder


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


def study_and_print(wish: Wish, lang: Language) -> int:
    """Computes, draws, writes the folder whole, prints the findings."""
    for package in ("matplotlib", "zhplot", "SALib", "joblib"):
        if find_spec(package) is None:
            raise missing(package)
    check_target(wish.out)
    notices(load(wish.scenario, wish.sets).notices, lang)
    with Progress(lang) as progress:
        found = study(wish.scenario, wish.sets, Scope(*wish.numbers), progress)
        progress(Text("绘图", "drawing"), 0.0)
        files = _files(found, wish, lang)
    write_folder(wish.out, files)
    findings = _findings(found)
    if wish.as_json:
        print_json({"out": str(wish.out), "files": sorted(files), "findings": findings})
        return 0
    for said in findings.values():
        line("· " + said[lang])
    count = sum(name.endswith(".png") for name in files)
    line(Text(f"结果：{wish.out}（{count} 幅图）", f"Result: {wish.out} ({count} charts)").say(lang))
    return 0


def _files(found: Study, wish: Wish, lang: Language) -> dict[str, bytes]:
    from reports.charts.style import A4, SLIDE  # noqa: PLC0415 - matplotlib is slow to import
    from reports.study_charts import draw, study_charts  # noqa: PLC0415
    from reports.study_tables import study_tables  # noqa: PLC0415

    files = study_tables(found)
    charts = list(study_charts(found, lang, A4 if wish.size == "a4" else SLIDE))
    pictures = in_parallel(draw, [drawing for _, drawing in charts], found.scope.jobs)
    for (name, _), picture in zip(charts, pictures, strict=True):
        files |= {f"{name}.{kind}": content for kind, content in picture.items()}
    return files


def _findings(found: Study) -> dict[str, dict[str, str]]:
    from allocator.equity import finding as equity  # noqa: PLC0415
    from allocator.global_indices import finding as indices  # noqa: PLC0415
    from allocator.tornado import finding as tornado  # noqa: PLC0415
    from allocator.uncertainty import finding as uncertainty  # noqa: PLC0415
    from allocator.winners import finding as winners  # noqa: PLC0415

    names = found.loaded.names
    said = {
        "tornado": tornado(found.tornado, names),
        "uncertainty": uncertainty(found.uncertainty),
        "sobol": indices(found.indices),
        "equity": equity(found.equity, names),
        **{f"winners_{one.against}": winners(one, names) for one in found.winners.comparisons},
    }
    return {key: {"zh": text.zh, "en": text.en} for key, text in said.items()}
