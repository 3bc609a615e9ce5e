"""Which language to speak: --lang, else ALLOCATOR_LANG, else the locale."""

from __future__ import annotations

import locale
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise, takewhile

from allocator.text import Language


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of this run; `--lang` may stand anywhere."""
    options = list(takewhile(lambda argument: argument != "--", arguments))
    given = [after for here, after in pairwise(options) if here == "--lang"]
    given += [option.removeprefix("--lang=") for option in options if option.startswith("--lang=")]
    named = environment.get("ALLOCATOR_LANG", "").lower()
    wanted = next((lang for lang in (*given, named) if lang.startswith(("zh", "en"))), _locale(environment))
    return "zh" if wanted.lower().startswith(("zh", "chinese")) else "en"


def _locale(environment: Mapping[str, str]) -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name]
    return (locale.getlocale()[0] or "") if sys.platform == "win32" else ""
