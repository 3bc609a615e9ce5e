"""Help that teaches, in both languages, at once and without heavy imports."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest

from allocator.cli.language import choose
from allocator.cli.main import MEMBERS, root, run

HEAVY = ("numpy", "pydantic", "rich", "highspy", "pulp", "pandas", "scipy", "xlsxwriter", "ruamel", "reports")


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("command", ["", *MEMBERS])
def test_every_command_is_documented_with_an_example(capsys, command, lang):
    assert run([*([command] if command else []), "--help", "--lang", lang]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert {"zh": "示例:", "en": "Example:"}[lang] in out
    assert f"  allocator {command}".rstrip() in out
    assert {"zh": "用法：", "en": "Usage: "}[lang] in out
    assert all(width(line) <= 88 for line in out.splitlines()), [x for x in out.splitlines() if width(x) > 88]
    if lang == "zh":
        assert "Show this message" not in out


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("command", list(MEMBERS))
def test_every_option_says_what_it_does(capsys, command, lang):
    made = root(lang).get_command(None, command)
    assert made is not None
    assert made.help
    for parameter in made.params:
        if parameter.param_type_name == "option":
            assert parameter.help, parameter.name


def test_bare_call_shows_help(capsys):
    assert run(["--lang", "en"]) == 0
    assert "allocator solve inner-mongolia-2025 -o out" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in MEMBERS)])
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import sys; from allocator.cli.main import run; code = run(sys.argv[1:]); "
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


def test_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("allocator")


@pytest.mark.parametrize(
    ("arguments", "environment", "lang"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"LC_MESSAGES": "zh_CN", "LANG": "en_US"}, "zh"),
        ([], {"ALLOCATOR_LANG": "en", "LANG": "zh_CN"}, "en"),
        ([], {"ALLOCATOR_LANG": "zh_CN"}, "zh"),
        ([], {"ALLOCATOR_LANG": "fr", "LANG": "zh_CN"}, "zh"),
        (["check", "x", "--lang", "zh"], {"ALLOCATOR_LANG": "en"}, "zh"),
        (["--lang=en", "check"], {"LANG": "zh_CN"}, "en"),
        (["check", "--", "--lang=zh"], {}, "en"),
        (["--lang"], {}, "en"),
    ],
)
def test_language(arguments, environment, lang, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert choose(arguments, environment) == lang
