"""Numbers as people type them in tables, read exactly or refused."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_PLAIN = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
LARGEST = Decimal(10) ** 15
MOST_DIGITS = 40


def parse_number(text: str) -> Decimal | None:
    """The exact number, or None where the text is none.

    Full-width digits and signs, well-formed thousands separators and surrounding blanks are
    accepted; percentages, words, NaN, infinity and numbers beyond 1e15 are not.
    """
    clean = unicodedata.normalize("NFKC", text).strip().replace("，", ",").replace("−", "-")
    if _GROUPED.fullmatch(clean):
        clean = clean.replace(",", "")
    if not _PLAIN.fullmatch(clean) or len(clean) > MOST_DIGITS:
        return None
    number = Decimal(clean)
    return number if abs(number) < LARGEST else None


def plain(number: Decimal) -> str:
    """A decimal without exponent and without trailing zeros."""
    text = format(number.normalize(), "f")
    return "0" if text in ("-0", "") else text
