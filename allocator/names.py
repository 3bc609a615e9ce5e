"""What things are called: counties, groups, uses and amounts in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from allocator.policy import Group
from allocator.problem import Problem
from allocator.text import Text, one_line

EVERYONE = Text("全部旗县", "all counties")
MOST_TITLES = 3
"""Uses of one tag that are named one by one."""


@dataclass(frozen=True)
class Names:
    """Names and titles of one scenario, and how it writes money."""

    problem: Problem
    groups: Mapping[str, Group]
    unit: str

    def county(self, i: int) -> str:
        """A county's name on one line; its code too where another county has the same name."""
        counties = self.problem.counties
        name = counties.names[i]
        shown = one_line(name)
        return shown if counties.names.count(name) == 1 else f"{shown}({counties.codes[i]})"

    def place(self, where: str) -> Text:
        """A row's `where`: a county, county and use, prefecture, group, or everyone."""
        head, slash, use = where.partition("/")
        index = self.problem.counties.index
        if head in index and (not slash or use in self.problem.uses):
            name = self.county(index[head])
            title = self.use(use) if slash else Text("", "")
            return Text(*(f"{name} · {said}" if said else name for said in title))
        if not where:
            return EVERYONE
        return self.group(where)

    def group(self, name: str) -> Text:
        """A group's title, or the prefecture's name as it stands."""
        title = self.groups[name].title.text(name) if name in self.groups else Text(name, name)
        return Text(*map(one_line, title))

    def use(self, name: str) -> Text:
        """A use's title."""
        return self.problem.uses[name].title.text(name)

    def stream(self, name: str) -> Text:
        """A stream's title."""
        return self.problem.streams[name].title.text(name)

    def tag(self, tag: str) -> Text:
        """A tag in words: the title of the use that bears its name, or those of the uses that have it."""
        if tag in self.problem.uses:
            return self.use(tag)
        titles = [self.use(name) for name, use in self.problem.uses.items() if tag in use.tags]
        if not titles or len(titles) > MOST_TITLES:
            return Text(f"“{tag}”类用途", f"'{tag}' uses")
        return Text("、".join(title.zh for title in titles), ", ".join(title.en for title in titles))

    def money(self, value: Fraction, sign: bool = False) -> str:
        """An amount with its unit, with thousands separators and no more places than it needs."""
        return f"{number(value, 2, sign)} {self.unit}"


def number(value: Fraction, places: int = 2, sign: bool = False) -> str:
    """A number for reading: rounded half up to `places`, no trailing zeros, a true minus sign."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    shown = f"{Decimal(whole).scaleb(-places):,f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    prefix = "" if not whole else "−" if value < 0 else "+" if sign else ""
    return prefix + shown


def percent(share: Fraction, places: int = 2, sign: bool = False) -> str:
    """A share as a percentage."""
    return f"{number(share * 100, places, sign)}%"
