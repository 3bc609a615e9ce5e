"""What `allocator diagnose` does, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allocator.cli.diagnose_json import diagnosis_json
from allocator.cli.diagnose_screen import print_diagnosis
from allocator.cli.progress_bar import Progress
from allocator.cli.screen import notices, print_json
from allocator.cli.words import line
from allocator.faults import BadInput, Place
from allocator.input.yaml_tree import fault
from allocator.load import load
from allocator.loaded import Loaded
from allocator.plan import attempt
from allocator.text import Language, Text
from allocator.why.diagnosis import Diagnosis, diagnose
from allocator.why.repair_file import repair_files, repair_folder
from allocator.why.repairs import Repair
from reports.folder import check_target, write_folder

POSSIBLE = Text("有解：全部规则可以同时满足，无须修改", "There is an allocation: all rules can be kept")


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line, parsed."""

    scenario: str
    number: int | None = None
    out: Path | None = None
    sets: tuple[str, ...] = ()
    as_json: bool = False


def diagnose_and_print(wish: Wish, lang: Language) -> int:
    """Loads, tries to solve, diagnoses where that fails, prints; with a number writes that repair."""
    loaded = load(wish.scenario, wish.sets)
    target = None if wish.number is None else repair_folder(wish.scenario, wish.number, wish.out)
    if target is not None:
        check_target(target, ours=False)
    notices(loaded.notices, lang)
    with Progress(lang) as progress:
        found = None if attempt(loaded) is not None else diagnose(loaded, progress)
    if found is None:
        return _possible(loaded, wish, lang)
    written = None
    if target is not None and wish.number is not None:
        repair = _chosen(found, wish.number)
        write_folder(target, repair_files(wish.scenario, wish.sets, loaded, repair, target), ours=False)
        written = target
    if wish.as_json:
        print_json({**diagnosis_json(found), "written": None if written is None else str(written)})
    elif written is None:
        print_diagnosis(found, lang)
    else:
        said = Text(
            f"已写出 {written / 'scenario.yaml'}。下一步：allocator solve {written}",
            f"Wrote {written / 'scenario.yaml'}. Next: allocator solve {written}",
        )
        line(said.say(lang))
    return 1 if written is None else 0


def _possible(loaded: Loaded, wish: Wish, lang: Language) -> int:
    if wish.number is not None:
        place = Place(f"--apply {wish.number}")
        raise BadInput(
            [fault(place, POSSIBLE.zh, POSSIBLE.en, "直接用 allocator solve", "use allocator solve")]
        )
    if wish.as_json:
        print_json({"scenario": loaded.scenario.name, "possible": True})
    else:
        line(POSSIBLE.say(lang))
    return 0


def _chosen(found: Diagnosis, number: int) -> Repair:
    repairs = found.menu.repairs
    if number <= len(repairs):
        return repairs[number - 1]
    raise BadInput(
        [
            fault(
                Place(f"--apply {number}"),
                f"只有 {len(repairs)} 个办法",
                f"there are only {len(repairs)} repairs",
                "先不加 --apply 看看有哪些",
                "run without --apply to see them",
            )
        ]
    )
