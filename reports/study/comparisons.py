"""Winners and losers of a study as the data that their charts and maps draw."""

from __future__ import annotations

import math
from functools import partial

from allocator.text import Language, Text
from allocator.whatif.batch import smallest_change, up_and_down
from allocator.whatif.study import Study
from allocator.whatif.uncertainty import percent_of
from allocator.whatif.winners import TITLES, Comparison
from allocator.whatif.winners import finding as winners_finding
from reports.charts import shapes, tiles, winners
from reports.charts.change_classes import EDGES, class_of
from reports.charts.style import Heading, Size
from reports.study.edges import PLACES
from reports.study.titles import Drawing, heading


def changed(one: Comparison) -> bool:
    """Whether anybody gains or loses; nothing is drawn of a comparison in which nobody does."""
    return bool(one.whole.up or one.whole.down)


def unchanged(study: Study) -> list[Text]:
    """What the comparisons in which nobody gains or loses are called."""
    return [TITLES[one.against] for one in study.winners.comparisons if not changed(one)]


def winners_data(study: Study, one: Comparison) -> winners.WinnersData:
    """Prefectures and the counties that change; what is less than half a step is no change."""
    names, least = study.loaded.names, smallest_change(study.loaded)
    known = [i for i in range(len(study.loaded.counties)) if abs(one.change[i]) > least]

    def change(name: str, before: float, after: float) -> winners.Change:
        return winners.Change(name, round(float(before), PLACES), round(float(after), PLACES))

    counties = tuple(change(names.county(i), one.before[i], one.after[i]) for i in known)
    prefectures = tuple(change(p.name, p.before, p.after) for p in one.prefectures if p.counties)
    subtitle = Text("盟市合计与变动最大的旗县", "Prefectures, and the counties that change most")
    if len(prefectures) < 2:
        # One prefecture is the whole, which the title speaks of.
        prefectures, subtitle = (), Text("变动最大的旗县", "Counties that change most")
    head = heading(study, winners_finding(one, names), subtitle)
    return winners.WinnersData(head, study.loaded.scenario.unit, prefectures, counties)


def _by_percent(one: Comparison, changes: list[float]) -> Text:
    """How many counties are in a map's outermost classes; where none is, how many gain and lose at all."""
    title, most = TITLES[one.against], percent_of(EDGES[-1])
    up, down = (sum(class_of(c) == k for c in changes) for k in (len(EDGES), 0))
    if not up and not down:
        counts = up_and_down(one.whole.up, one.whole.down)
        return Text(
            f"{title.zh}：{counts.zh}，变动都在 {most} 以内",
            f"{title.en}: {counts.en}, all by less than {most}",
        )
    return Text(
        f"{title.zh}：{up} 个旗县增 {most} 以上，{down} 个减 {most} 以上",
        f"{title.en}: {up} {'county' if up == 1 else 'counties'} up by {most} or more, {down} down",
    )


def map_drawing(study: Study, one: Comparison, lang: Language, size: Size) -> Drawing:
    """The comparison on the scenario's own shapes, or as tiles where it names none."""
    loaded, known = study.loaded, study.loaded.counties

    def change(i: int) -> float:
        before, after = float(one.before[i]), float(one.after[i])
        return after / before - 1 if before > 0 and i not in one.unknown else math.nan

    title = _by_percent(one, [change(i) for i in range(len(known))])

    def headed(subtitle: Text) -> Heading:
        return heading(study, title, subtitle)

    # A map shows percentages alone, and so has no unit.
    if loaded.shapes:
        subtitle = Text(
            "颜色为增减的百分比，变动最大的旗县标有名称", "Changes in percent; the largest are named"
        )
        areas = tuple(
            shapes.Area(loaded.names.county(i), change(i), loaded.shapes[code])
            for i, code in enumerate(known.codes)
        )
        return partial(shapes.draw_shapes, shapes.ShapesData(headed(subtitle), "", areas), lang, size)
    rows = {
        name: [tiles.Tile(loaded.names.county(i), change(i)) for i in members.tolist()]
        for name, members in known.prefecture_members.items()
    }
    grid = tiles.TilesData(headed(tiles.NOTE), "", tiles.ranked(rows))
    return partial(tiles.draw_tiles, grid, lang, size)
