"""Text in the two languages of the product: Chinese first, English too."""

from __future__ import annotations

import unicodedata
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Text(NamedTuple):
    """One sentence in both languages; `text.say(lang)` picks one."""

    zh: str
    en: str

    def say(self, lang: Language) -> str:
        """The sentence in `lang`."""
        return self.zh if lang == "zh" else self.en


def one_line(text: str) -> str:
    """Text on one line, without characters that are invisible or turn the direction of what follows."""
    if text.isprintable():
        return text.strip()
    found = []
    for c in text:
        kind = unicodedata.category(c)
        if c in "\t\n\r\v\f\x85" or kind in ("Zl", "Zp"):
            found.append(" ")
        elif kind != "Cf":
            found.append("\N{REPLACEMENT CHARACTER}" if kind in ("Cc", "Co", "Cs", "Cn") else c)
    return "".join(found).strip()
