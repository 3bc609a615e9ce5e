"""What a published result says beside its money: who publishes, documents, method, supervision.

The four parts of a notice (公告公示) are 资金来源, 分配原则, 分配结果 and 监督: what cannot be told from the
scenario's streams, formulas and rules is written down here. Every key is optional.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from allocator.fields import Model, Name, Names, Title


def _seven_digits(value: str) -> str:
    if value and not (len(value) == 7 and value.isascii() and value.isdigit()):
        raise ValueError("功能科目编码为七位数字 / a functional code has seven digits")
    return value


FunctionalCode = Annotated[Name, Field(min_length=0), AfterValidator(_seven_digits)]
"""Functional budget code (支出功能科目) of seven digits, such as 2130505; empty where it has none."""


def _written_day(value: Any) -> datetime.date:
    try:
        plain = isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
        return value if plain else datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("日期写作 2025-03-31 / a date is written 2025-03-31") from None


Day = Annotated[datetime.date, BeforeValidator(_written_day)]
"""A day, written as 2025-03-31."""

HOTLINE = "12317"
"""National hotline for complaints about these funds; a notice names a local number beside it."""


class Publication(Model):
    """What the publication tables and their notice say."""

    final: bool = False
    """Whether it goes out: blanks of the notice are then errors instead of being printed as 待填."""
    title: Title = Title()
    """Title of the notice; default: from the year and the fund."""
    mark: Title = Title()
    """Line under every title, such as 征求意见稿 or 示例."""
    number: str = ""
    """Document number (文号) of the notice itself."""
    issuer: Title = Title()
    """Who publishes (发文机关)."""
    date: Day | None = None
    """Day on which it is signed."""
    period: Title = Title()
    """How long it stays public, such as 长期公开."""
    table: Title = Title(zh="分配表", en="allocation table")
    """What the annexes call themselves, such as 计划表."""
    total: Title = Title(zh="合计", en="Total")
    """Name of the row of totals, such as 全区合计."""
    funds: dict[Name, Title] = Field(default_factory=dict)
    """Fund → its full name in titles."""
    sources: dict[Name, Title] = Field(default_factory=dict)
    """Source of streams → its name in titles, such as 中央."""
    directions: dict[Name, Title] = Field(default_factory=dict)
    """Task direction → heading of its column; default: the stream's title."""
    method: tuple[Title, ...] = ()
    """Paragraphs on the method, after what is told from formulas and rules."""
    remarks: dict[Name, Title] = Field(default_factory=dict)
    """County code → remark (备注) in the tables."""
    contact: Title = Title()
    """Office or person to ask."""
    telephone: Names = ()
    """Numbers for complaints, a local one beside the national 12317."""
    address: Title = Title()
    """Postal address."""
    email: str = ""
    """E-mail address."""
    supervision: tuple[Title, ...] = ()
    """Further lines on supervision."""
    charts: bool = False
    """Whether the key charts of the result's sensitivity study make a last annex of the .docx and .pdf."""

    @property
    def local_telephone(self) -> bool:
        """Whether it names a number other than the national hotline."""
        return any(number.strip() != HOTLINE for number in self.telephone)
