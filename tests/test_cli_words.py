"""Words on a terminal: on one line, without acting characters, usage errors in the chosen language."""

from __future__ import annotations

import click
import pytest

from allocator.cli.main import root, run
from allocator.cli.words import safe, usage_words


def test_a_line_of_a_terminal_is_one_line():
    assert safe("Choose from:\n\tcsv,\n\tparquet\r\n") == "Choose from: csv, parquet "
    assert safe("a  b\x1b[2J\u202e") == "a  b\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}"


def test_choices_stand_on_the_line_of_the_message(capsys, monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    assert run(["export", "out"]) == 2
    err = capsys.readouterr().err
    assert "Choose from: csv, parquet, sqlite, xlsx-flat" in err
    assert "\N{REPLACEMENT CHARACTER}" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "out", "--to", "odt"], "选项 --to 不能是 odt，可选：html、xlsx、docx、pdf、all"),
        (["export", "out"], "缺少选项 --to，可选：csv、parquet、sqlite、xlsx-flat"),
        (["report"], "缺少参数 RESULT"),
        (["report", "out", "--too", "pdf"], "没有选项 --too，是不是 --to？"),
        (["report", "out", "--to"], "选项 --to 后面缺少值"),
        (["report", "out", "--json=1"], "选项 --json 不带值"),
        (["check", "a", "b", "c"], "多余的参数：b c"),
        (["check", "a", "--cliff", "x"], "选项 --cliff 应为数，现为 x"),
        (["diagnose", "a", "--apply", "0"], "选项 --apply 应满足 x>=1，现为 0"),
    ],
)
def test_common_mistakes_are_said_in_chinese(arguments, said):
    with pytest.raises(click.UsageError) as caught:
        root("zh").main(arguments, standalone_mode=False)
    assert usage_words(caught.value, "zh") == said
    assert usage_words(caught.value, "en") == caught.value.format_message()
