"""What things are called in a publication: funds, sources, batches, directions, counties."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from allocator.loaded import Loaded
from allocator.names import number, percent
from allocator.publication import Publication
from allocator.rules.base import EXACT
from allocator.text import Language, Text, one_line
from reports.report_input import Report

FUNDS: Mapping[str, Text] = {
    "bridging": Text("财政衔接推进乡村振兴补助资金", "bridging funds for rural revitalisation"),
    "integrated": Text("统筹整合财政涉农涉牧资金", "integrated agricultural funds"),
}
"""Full names of the funds that a stream's `fund` can be by its own words."""

SOURCES: Mapping[str, Text] = {
    "central": Text("中央", "central"),
    "region": Text("自治区", "regional"),
    "regional": Text("自治区", "regional"),
    "provincial": Text("省级", "provincial"),
    "prefecture": Text("市级", "prefecture"),
    "county": Text("县级", "county"),
}
"""Words for sources as scenarios write them; others stand as they are."""

NUMERALS = "零一二三四五六七八九十"

BOTH = re.compile(r"([^/]*[\u4e00-\u9fff][^/]*) / ([^/\u4e00-\u9fff]*[a-z]{3}[^/\u4e00-\u9fff]*)")
"""A remark written in both languages, such as 示例 / illustrative."""


def ordinal(batch: int | str) -> Text:
    """第二批, batch 2; a batch with a name of its own keeps it."""
    said = str(batch)
    if not said.isdecimal() or len(said) > 2 or int(said) == 0:
        return Text(one_line(said), one_line(said))
    tens, ones = divmod(int(said), 10)
    lead = (NUMERALS[tens] if tens > 1 else "") + "十" if tens else ""
    return Text(f"第{lead}{NUMERALS[ones] if ones or not tens else ''}批", f"batch {int(said)}")


def clause_text(clause: str) -> Text:
    """A clause in each language: of remarks written as zh / en that half alone, all else as it stands."""
    found = [(part, BOTH.fullmatch(part)) for part in clause.split("；")]
    if not any(match for _, match in found):
        return Text(clause, clause)
    halves = [Text(part, part) if match is None else Text(*match.groups()) for part, match in found]
    return Text("；".join(t.zh.strip() for t in halves), "; ".join(t.en.strip() for t in halves))


class Words:
    """Names of one scenario in one language, cleaned of characters that would act on a page."""

    def __init__(self, loaded: Loaded, lang: Language) -> None:
        self.loaded = loaded
        self.lang: Language = lang
        self.publication = loaded.scenario.publication or Publication()

    @cached_property
    def several_batches(self) -> bool:
        """Whether the year has more than one batch, so that titles name it."""
        return len({str(stream.batch) for stream in self.loaded.scenario.streams.values()}) > 1

    @property
    def unit(self) -> str:
        """单位：万元."""
        unit = one_line(self.loaded.scenario.unit)
        return Text(f"单位：{unit}", f"Unit: {unit}").say(self.lang)

    @property
    def total(self) -> str:
        """Name of the row of totals."""
        return one_line(self.publication.total.text(Publication().total.zh).say(self.lang))

    @cached_property
    def county_word(self) -> str:
        """What the counties are called together in Chinese: 旗县 where one is a banner, else 县."""
        return "旗县" if any(name.endswith("旗") for name in self.loaded.counties.names) else "县"

    @cached_property
    def prefecture_word(self) -> str:
        """What the prefectures are called together in Chinese: 盟市, 地州市 or 市."""
        endings = {name.strip()[-1:] for name in self.loaded.counties.prefectures}
        return "盟市" if "盟" in endings else "地州市" if endings & {"区", "州"} else "市"

    def fund(self, name: str) -> Text:
        """A fund's full name."""
        own = self.publication.funds.get(name)
        known = FUNDS.get(name, Text(name, name))
        return _clean(known if own is None else own.text(name))

    def source(self, name: str) -> Text:
        """A source as titles name it."""
        own = self.publication.sources.get(name)
        return _clean(SOURCES.get(name, Text(name, name)) if own is None else own.text(name))

    def pot_heading(self, fund: str, batch: int | str, source: str) -> Text:
        """中央第二批: a pot among others; with its fund where there are several."""
        several = len({s.fund for s in self.loaded.scenario.streams.values()}) > 1
        by, turn = self.source(source), ordinal(batch) if self.several_batches else Text("", "")
        name = self.fund(fund) if several else Text("", "")
        plain = Text(f"{by.zh}{turn.zh}{name.zh}", " ".join(p for p in (by.en, turn.en, name.en) if p))
        return plain if plain.zh else self.fund(fund)

    def pot_title(self, fund: str, batch: int | str, source: str) -> Text:
        """2024年中央第二批财政衔接推进乡村振兴补助资金计划表."""
        by, turn = self.source(source), ordinal(batch) if self.several_batches else Text("", "")
        year, name, table = self.loaded.scenario.year, self.fund(fund), self._table
        english = ", ".join(p for p in (f"{year} {by.en} {name.en}", turn.en, table.en) if p)
        return Text(f"{year}年{by.zh}{turn.zh}{name.zh}{table.zh}", " ".join(english.split()))

    @property
    def summary_title(self) -> Text:
        """Title of the table of everything together."""
        year, name, table = self.loaded.scenario.year, self.all_funds, self._table
        return Text(f"{year}年{name.zh}{table.zh}（汇总）", f"{year} {name.en}, {table.en}: summary")

    @property
    def all_funds(self) -> Text:
        """The funds of the streams with money, joined."""
        streams = self.loaded.scenario.streams.values()
        names = [self.fund(f) for f in dict.fromkeys(s.fund for s in streams if s.budget)]
        names = names or [self.fund("bridging")]
        return Text("、".join(n.zh for n in names), " and ".join(n.en for n in names))

    @property
    def _table(self) -> Text:
        return _clean(self.publication.table.text(Publication().table.zh))

    def has_direction(self, stream: str) -> bool:
        """Whether the publication names the stream's task direction."""
        return self.loaded.scenario.streams[stream].direction in self.publication.directions

    def direction_titles(self, streams: Sequence[str]) -> list[str]:
        """Headings of a table's streams: their task directions, or their own titles where two agree."""
        known = self.loaded.scenario.streams
        found = []
        for name in streams:
            direction = self.publication.directions.get(known[name].direction)
            title = known[name].title if direction is None else direction
            found.append(one_line(title.text(name).say(self.lang)))
        own = [one_line(known[name].title.text(name).say(self.lang)) for name in streams]
        return [own[k] if found.count(title) > 1 else title for k, title in enumerate(found)]

    def money(self, value: Fraction) -> str:
        """An amount with its unit: 1,664万元, 1,664 yuan."""
        unit = one_line(self.loaded.scenario.unit)
        return number(value, EXACT) + Text(unit, f" {unit}").say(self.lang)

    def share(self, value: Fraction) -> str:
        """A share as a percentage, exactly as written."""
        return percent(value, EXACT)

    def times(self, value: Fraction) -> str:
        """A multiple, exactly as written."""
        return number(value, EXACT)

    def stream(self, name: str) -> str:
        """A stream's title."""
        return one_line(self.loaded.names.stream(name).say(self.lang))

    def use_title(self, name: str) -> str:
        """A use's title with its functional code."""
        title, code = (
            one_line(self.loaded.names.use(name).say(self.lang)),
            self.loaded.scenario.uses[name].code,
        )
        return Text(f"{title}（{code}）", f"{title} ({code})").say(self.lang) if code else title

    def county(self, i: int) -> str:
        """A county's name, with its code where another has the same."""
        return one_line(self.loaded.names.county(i))

    def remark(self, code: str) -> str:
        """What stands beside a county."""
        own = self.publication.remarks.get(code)
        return "" if own is None else one_line(own.text().say(self.lang))

    def annex_label(self, position: int | None) -> str:
        """附件1, or 附件 where there is only one."""
        number = "" if position is None else str(position)
        return Text(f"附件{number}", f"Annex {number}".strip()).say(self.lang)

    def annex_sheet(self, position: int | None) -> str:
        """Its name as a worksheet."""
        return self.annex_label(position)

    def summary_notes(self, report: Report) -> tuple[str, ...]:
        """What the table of everything together counts."""
        if not any(report.committed):
            return ()
        note = Text(
            "注：此前已下达为本年度以前各批次已下达的资金，累计为全年至今合计。",
            "Note: issued before means earlier batches of this year; together is the year so far.",
        )
        return (note.say(self.lang),)


def _clean(text: Text) -> Text:
    return Text(one_line(text.zh), one_line(text.en))
