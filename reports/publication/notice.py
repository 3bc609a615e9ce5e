"""The notice in four parts: 资金来源, 分配原则, 分配结果, 监督; and the whole publication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from allocator.faults import BadInput
from allocator.names import percent
from allocator.publication import HOTLINE, Publication
from allocator.publication_gaps import gap_faults, gaps
from allocator.text import Language, Text, one_line
from reports.publication.annexes import Pot, annexes, pots
from reports.publication.charts import Drawn, chart_annex, charts_of
from reports.publication.pieces import Annex, Line, Notice, gap
from reports.publication.sentences import sentence
from reports.publication.words import Words, clause_text
from reports.report_input import Report

CHINESE = "一二三四五六七八九十"


def notice(report: Report, lang: Language, drawn: Drawn | None = None) -> Notice:
    """The publication, with charts where it has them and `drawn` says how; BadInput if final with blanks."""
    loaded = report.loaded
    faults = gap_faults(loaded.scenario, loaded.tree, funded(report), report.folder / "scenario")
    if faults:
        raise BadInput(faults)
    words = Words(loaded, lang)
    pictured = drawn is not None and bool(charts_of(report))
    tables = annexes(report, words, int(pictured))
    charts = chart_annex(report, words, len(_listed(tables)), drawn) if pictured and drawn else None
    own = words.publication
    fund, year = words.all_funds, loaded.scenario.year
    title = Text(f"关于{year}年{fund.zh}分配结果的公告公示", f"Allocation of {year} {fund.en}: public notice")
    titles = (*_listed(tables), *([] if charts is None else [charts.title]))
    lines = (*_opening(report, words), *_parts(report, words, tables), *_closing(words, titles))
    return Notice(
        loaded.scenario.name,
        one_line((own.title.text() if own.title.text().zh else title).say(lang)),
        one_line(own.number),
        one_line(own.mark.text().say(lang)),
        lines,
        tables,
        report.places,
        lang,
        charts,
    )


def file_name(report: Report, ending: str) -> str:
    """publication.docx; of some streams alone publication-central_2.docx."""
    return "-".join(("publication", *report.part)) + ending


def funded(report: Report) -> frozenset[str]:
    """Streams that this run gives money of."""
    names = report.loaded.problem.stream_names
    return frozenset(name for s, name in enumerate(names) if report.whole[:, s].any())


def missing(report: Report) -> tuple[Text, ...]:
    """Notices to the user of what the publication still lacks; none where nothing will be written."""
    own = report.loaded.scenario.publication or Publication()
    found = gaps(report.loaded.scenario, funded(report))
    if own.final and found:
        return ()
    keys = ", ".join(g.path for g in found)
    blanks = Text(
        f"公告公示尚缺 {len(found)} 项，文中标为“待填”：{keys}",
        f"the publication lacks {len(found)} entries, shown in it as 'to be filled': {keys}",
    )
    undrawn = Text(
        "publication.charts 要求附图，但结果里没有敏感性研究："
        f"请先运行 allocator sensitivity {report.folder} -o {report.folder / 'sensitivity'}",
        "publication.charts asks for charts, but the result has no study: "
        f"run allocator sensitivity {report.folder} -o {report.folder / 'sensitivity'}",
    )
    return ((blanks,) if found else ()) + ((undrawn,) if own.charts and not charts_of(report) else ())


def _opening(report: Report, words: Words) -> Iterator[Line]:
    fund, year = words.all_funds, report.loaded.scenario.year
    said = Text(
        f"现将{year}年{fund.zh}分配结果予以公告公示，接受社会监督。",
        f"The allocation of {year} {fund.en} is published below for public scrutiny.",
    )
    yield Line("text", said.say(words.lang))


def _parts(report: Report, words: Words, tables: tuple[Annex, ...]) -> Iterator[Line]:
    lang = words.lang
    parts = (
        (Text("资金来源", "Where the money comes from"), _sources(report, words)),
        (Text("分配原则", "How it is divided"), _principles(report, words)),
        (Text("分配结果", "Result"), _result(report, words, tables)),
        (Text("监督", "Scrutiny"), _supervision(words)),
    )
    for k, (title, paragraphs) in enumerate(parts):
        yield Line("heading", Text(f"{CHINESE[k]}、{title.zh}", f"{k + 1}. {title.en}").say(lang))
        yield from paragraphs


def _sources(report: Report, words: Words) -> Iterator[Line]:
    lang = words.lang
    whole, before = sum(report.by_county, Fraction(0)), sum(report.committed, Fraction(0))
    said = Text(
        f"本次分配资金共{words.money(whole)}" + ("，其中：" if whole else "。"),
        f"{words.money(whole)} are divided this time" + (", of which:" if whole else "."),
    )
    yield Line("text", said.say(lang))
    for k, pot in enumerate(pots(report), start=1):
        yield Line("text", f"{k}. " + _source(report, words, pot))
    if before:
        year = words.money(before + whole)
        said = Text(
            f"此前各批次已下达{words.money(before)}，全年累计{year}。",
            f"Earlier batches issued {words.money(before)}; the year's money is {year}.",
        )
        yield Line("text", said.say(lang))


def _source(report: Report, words: Words, pot: Pot) -> str:
    """中央第二批860万元（文号）：a pot with its directions, each with its document where these differ."""
    lang, names = words.lang, [report.loaded.problem.stream_names[s] for s in pot.streams]
    blank = gap(Text("文号", "document number")).say(lang)
    documents = [one_line(report.loaded.scenario.streams[name].document) or blank for name in names]
    money = [words.money(sum(report.by_stream[:, s], Fraction(0))) for s in pot.streams]
    whole = words.money(sum(report.by_stream[:, list(pot.streams)].ravel(), Fraction(0)))
    heading = words.pot_heading(pot.fund, pot.batch, pot.source).say(lang)
    one = len(set(documents)) == 1
    items = [
        Text(f"{title}{amount}", f"{title} {amount}").say(lang)
        + ("" if one else Text(f"（{document}）", f" ({document})").say(lang))
        for title, amount, document in zip(words.direction_titles(names), money, documents, strict=True)
    ]
    shared = Text(f"（{documents[0]}）", f" ({documents[0]})").say(lang) if one else ""
    alone = one and len(names) == 1 and not words.has_direction(names[0])
    told = Text("", "") if alone else Text(f"：{'、'.join(items)}", f": {', '.join(items)}")
    return Text(f"{heading}{whole}{shared}{told.zh}。", f"{heading}, {whole}{shared}{told.en}.").say(lang)


def _principles(report: Report, words: Words) -> Iterator[Line]:
    """Factors and weights of each formula, the rules with their clauses, then what the scenario adds."""
    lang = words.lang
    blocks = [
        (Text("因素测算", "Factors and weights"), list(_factors(report, words))),
        (Text("遵循的规定", "Rules that are kept"), list(_rules(report, words))),
        (Text("其他说明", "Further remarks"), list(_method(report, words))),
    ]
    kept = [(title, lines) for title, lines in blocks if lines]
    for k, (title, lines) in enumerate(kept):
        yield Line("subheading", Text(f"（{CHINESE[k]}）{title.zh}", f"({k + 1}) {title.en}").say(lang))
        yield from (Line("text", one_line(line)) for line in lines)


def _factors(report: Report, words: Words) -> Iterator[str]:
    scenario, paid = report.loaded.scenario, funded(report)
    for formula, factors in scenario.formulas.items():
        streams = [n for n, s in scenario.streams.items() if s.formula == formula and n in paid]
        if not streams:
            continue
        titles = [words.stream(name) for name in streams]
        told = [(f.title.text(f.factor), percent(Fraction(f.weight))) for f in factors]
        yield Text(
            f"{'；'.join(titles)}：按{'、'.join(f'{t.zh}（权重{w}）' for t, w in told)}测算。",
            f"{'; '.join(titles)}: by {', '.join(f'{t.en} (weight {w})' for t, w in told)}.",
        ).say(words.lang)


def _rules(report: Report, words: Words) -> Iterator[str]:
    """Title, clause, and what the rule asks for in a plain sentence."""
    for k, rule in enumerate(report.loaded.scenario.rules, start=1):
        clause, asked = clause_text(rule.clause), sentence(rule, words)
        zh = f"{k}．{rule.text.zh}" + (f"（{clause.zh}）" if clause.zh else "")
        en = f"{k}. {rule.text.en}" + (f" ({clause.en})" if clause.en else "")
        yield Text(
            f"{zh}：{asked.zh}。" if asked.zh else f"{zh}。",
            f"{en}: {asked.en}." if asked.en else f"{en}.",
        ).say(words.lang)


def _method(report: Report, words: Words) -> Iterator[str]:
    loaded, lang = report.loaded, words.lang
    step, judged = words.money(report.step), report.verdict
    over = (
        Text("按全年方案逐条核验，规定", "by the plan of the year, ")
        if report.part
        else Text("规定经逐条核验", "")
    )
    kept = (
        Text(f"{over.zh}全部符合", f"{over.en}all of them were verified to hold")
        if judged.holds
        else Text(f"规定中有{len(judged.broken)}处不符合", f"{len(judged.broken)} of them do not hold")
    )
    if loaded.scenario.rules:
        yield Text(
            f"在上述规定之内，分配数尽可能接近因素法测算数；金额以{step}为单位取整，{kept.zh}。",
            f"Within the rules the amounts stay as close to the factor formula as they can; they are whole "
            f"multiples of {step}; the rules: {kept.en}.",
        ).say(lang)
    else:
        yield Text(
            f"分配数按因素法测算，金额以{step}为单位取整。",
            f"The amounts follow the factor formula, in whole multiples of {step}.",
        ).say(lang)
    if loaded.scenario.adjustments is not None and loaded.scenario.adjustments.items:
        items = loaded.scenario.adjustments.items
        counties = len({item.county for item in items})
        yield Text(
            f"对{counties}个地区作了综合平衡，逐项注明理由。",
            f"{counties} places were adjusted by hand, each with its reason.",
        ).say(lang)
    for paragraph in words.publication.method:
        yield paragraph.text().say(lang)


def _result(report: Report, words: Words, tables: tuple[Annex, ...]) -> Iterator[Line]:
    lang = words.lang
    count = sum(1 for amount in report.by_county if amount)
    whole = words.money(sum(report.by_county, Fraction(0)))
    if not tables:
        yield Line("text", Text("本次没有分配资金。", "No money is divided this time.").say(lang))
        return
    said = Text(
        f"资金分配到{count}个地区，合计{whole}，详见附件。",
        f"{count} places receive {whole} together; the annexes name each of them.",
    )
    yield Line("text", one_line(said.say(lang)))


def _supervision(words: Words) -> Iterator[Line]:
    own, lang = words.publication, words.lang
    blank = gap(Text("本地监督电话", "local telephone for complaints")).say(lang)
    numbers = [one_line(n) for n in own.telephone] or [HOTLINE]
    phone = numbers if own.local_telephone else [*numbers, blank]
    period = one_line(own.period.text().say(lang)) or gap(Text("公示期", "how long it stays public")).say(
        lang
    )
    said = [
        (Text("公示期", "Open to the public"), period),
        (Text("联系单位", "Contact"), one_line(own.contact.text().say(lang))),
        (Text("监督电话", "Telephone"), Text("、".join(phone), ", ".join(phone)).say(lang)),
        (Text("地址", "Address"), one_line(own.address.text().say(lang))),
        (Text("电子邮箱", "E-mail"), one_line(own.email)),
    ]
    yield from (Line("text", Text(f"{k.zh}：{v}", f"{k.en}: {v}").say(lang)) for k, v in said if v)
    yield from (Line("text", one_line(line.text().say(lang))) for line in own.supervision)


def _closing(words: Words, titles: Sequence[str]) -> Iterator[Line]:
    own, lang = words.publication, words.lang
    head = Text("附件：", "Annexes: " if len(titles) > 1 else "Annex: ").say(lang)
    for k, title in enumerate(titles, start=1):
        number_of = f"{k}. " if len(titles) > 1 else ""
        yield Line("list" if k == 1 else "item", (head if k == 1 else "") + number_of + title)
    issuer = one_line(own.issuer.text().say(lang)) or gap(Text("发布单位", "who publishes")).say(lang)
    day = own.date
    dated = Text("", "") if day is None else Text(f"{day.year}年{day.month}月{day.day}日", day.isoformat())
    yield Line("closing", issuer)
    yield Line("closing", dated.say(lang) or gap(Text("日期", "date")).say(lang))


def _listed(tables: Iterable[Annex]) -> list[str]:
    """Titles of the tables, each once, without those that continue it."""
    firsts = list({table.label: table for table in reversed(tuple(tables))}.values())[::-1]
    return [table.title for table in firsts]
