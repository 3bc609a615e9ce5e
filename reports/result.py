"""The result folder, file by file, as bytes. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping

from allocator.text import Language
from reports.allocation_table import allocation_table
from reports.county_table import county_table
from reports.csv_files import Encoding, csv_bytes
from reports.datapackage import datapackage
from reports.formula_table import formula_table
from reports.outcome import Outcome
from reports.rules_table import rules_table
from reports.run_record import Circumstances, run_record


def result_files(
    outcome: Outcome,
    around: Circumstances | None = None,
    encoding: Encoding = "utf-8-sig",
    lang: Language = "zh",
    scenario: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """File name → content; all but run.json follow from the input alone.

    `scenario` is a self-contained copy of what was solved, so that reports and what-ifs need nothing else.
    """
    from reports.workbook import workbook_bytes  # noqa: PLC0415 - xlsxwriter is slow to import

    tables = (
        allocation_table(outcome),
        county_table(outcome),
        rules_table(outcome),
        formula_table(outcome.loaded),
    )
    csvs = {f"{table.name}.csv": (table, csv_bytes(table, encoding)) for table in tables}
    files = {name: content for name, (_, content) in csvs.items()}
    files["allocation.xlsx"] = workbook_bytes(outcome, tables, lang)
    files["datapackage.json"] = datapackage(outcome.loaded.scenario, csvs, encoding, lang)
    files |= scenario or {}
    files["run.json"] = run_record(outcome, files, around or Circumstances())
    return files
