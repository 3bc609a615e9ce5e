"""Tables as an SQLite database: amounts as exact text, one primary key, and the SQL that applies a delta."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from allocator.text import Language, Text
from reports.export.delta import OPERATION
from reports.table import Cell, Column, Table, written

PAGE = 4096


def sqlite_bytes(tables: Sequence[Table]) -> bytes:
    """The database: the same bytes for the same tables and SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.sqlite"
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute(f"PRAGMA page_size = {PAGE}")
            connection.execute("PRAGMA encoding = 'UTF-8'")
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("BEGIN")
            for table in tables:
                connection.execute(create(table))
                marks = ", ".join("?" * len(table.columns))
                # the names are our own, the values are bound
                insert = f"INSERT INTO {table.name} VALUES ({marks})"  # noqa: S608
                connection.executemany(insert, [[_value(cell) for cell in row] for row in table.rows])
            connection.execute("COMMIT")
            connection.execute("VACUUM")
        finally:
            connection.close()
        return path.read_bytes()


def _value(cell: Cell) -> str | int | None:
    return written(cell) if isinstance(cell, Decimal) else cell


def create(table: Table) -> str:
    """CREATE TABLE of one table. Amounts are text: SQLite has no decimals, and floats are no money."""
    columns = ",\n".join(f"  {column.name} {_kind(column)}" for column in table.columns)
    key = ", ".join(table.primary_key)
    return f"CREATE TABLE {table.name} (\n{columns},\n  PRIMARY KEY ({key})\n)"


def _kind(column: Column) -> str:
    kind = "INTEGER" if column.kind == "integer" else "TEXT"
    if column is OPERATION:
        kind += f" CHECK ({column.name} IN ('delete', 'update', 'insert'))"
    return kind + (" NOT NULL" if column.required else "")


def schema_bytes(tables: Sequence[Table], lang: Language) -> bytes:
    """schema.sql: what the columns mean, the tables, and how a receiver applies a delta."""
    parts = []
    for table in tables:
        said = [f"-- {table.name}: {table.description.say(lang)}"]
        said += [f"--   {column.name}: {column.description.say(lang)}" for column in table.columns]
        parts.append("\n".join(said) + f"\n{create(table)};\n")
    return "\n".join(parts).encode()


def apply_bytes(table: Table, lang: Language) -> bytes:
    """apply.sql: what a receiver runs to bring its table up to date, once or more often."""
    said = Text(
        "先 ATTACH 'export.sqlite' AS export；全部生效或全部不生效，可重复执行，结果不变",
        "first ATTACH 'export.sqlite' AS export; all of it takes effect or none, "
        "and running it again changes nothing",
    )
    return f"-- {said.say(lang)}\nBEGIN;\n{apply_sql(table)}\nCOMMIT;\n".encode()


def apply_sql(table: Table) -> str:
    """Statements that apply the attached delta to the receiver's table, whatever was applied before.

    Both databases are named: a receiver may hold an earlier export with a delta of its own.
    """
    key = ", ".join(table.primary_key)
    header = ",\n  ".join(table.header)
    rest = [name for name in table.header if name not in table.primary_key]
    change = ",\n  ".join(f"{name} = excluded.{name}" for name in rest)
    return (
        f"DELETE FROM main.{table.name} WHERE ({key}) IN\n"  # noqa: S608 - the names are our own
        f"  (SELECT {key} FROM export.delta WHERE operation = 'delete');\n"
        f"INSERT INTO main.{table.name} (\n  {header})\nSELECT\n  {header}\n"
        f"FROM export.delta WHERE operation <> 'delete'\n"
        f"ON CONFLICT ({key}) DO UPDATE SET\n  {change};"
    )
