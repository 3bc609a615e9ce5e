"""A browser for the tests of the page: one for each module, offline, that may read the page's file alone."""

from __future__ import annotations

import importlib.util
import os
import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PACKAGES = ("playwright", "axe_core_python")
MISSING = [*(p for p in PACKAGES if importlib.util.find_spec(p) is None), *([] if CHROMIUM else ["chromium"])]
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 844}


def skip_without_browser():
    """Skips the module that asks, outside CI, where there is no browser."""
    if MISSING and not os.environ.get("CI"):
        pytest.skip(f"not installed: {', '.join(MISSING)}", allow_module_level=True)


@contextmanager
def started():
    """A browser; a missing one is a failure in CI."""
    assert not MISSING
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be missing

    with sync_playwright() as playing:
        made = playing.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@contextmanager
def opened_page(browser, file, viewport=WIDE):
    """A fresh page, offline, that fails the test where the console has an error or anything is fetched."""
    troubles = []
    context = browser.new_context(offline=True, viewport=viewport)
    page = context.new_page()
    page.set_default_timeout(5000)
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("dialog", lambda dialog: troubles.append(dialog.message) or dialog.dismiss())
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(("file:", "blob:")) else troubles.append(asked.url),
    )
    page.goto(file.as_uri())
    yield page
    context.close()
    assert troubles == []


def cell(page, row, column):
    """A cell of the table by the row's first words and the column's name."""
    return page.evaluate(
        """([row, column]) => {
          const table = document.getElementById('counties');
          const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.dataset.column === column);
          const found = [...table.rows].find((one) => one.cells[0].innerText.trim().startsWith(row));
          return found.cells[at].innerText.trim();
        }""",
        [row, column],
    )
