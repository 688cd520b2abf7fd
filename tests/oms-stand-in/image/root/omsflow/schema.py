"""A database schema as data, and the steps that lead from one version's schema to the next.

A step is both the SQL that changes a database and the same change to the data here, so that
a version knows what its databases must look like without listing them twice.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class Part(str, Enum):
    """Which of the three databases."""

    RM = "rm"
    CM = "cm"
    HEARTBEAT = "hb"


@dataclass
class Table:
    columns: dict[str, str]
    keys: tuple[str, ...]
    comment: str = ""

    def create(self, name: str) -> str:
        lines = [f"`{column}` {kind}" for column, kind in self.columns.items()]
        body = ",\n  ".join([*lines, *self.keys])
        return (
            f"CREATE TABLE `{name}` (\n  {body}\n) DEFAULT CHARSET=utf8mb4 COMMENT='{self.comment}'"
        )


@dataclass
class Schema:
    tables: dict[Part, dict[str, Table]]
    views: dict[Part, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One statement of an upgrade. Run a second time it fails, or does harm; it never looks."""

    part: Part
    sql: str
    change: Callable[[dict[str, Table]], None] = lambda tables: None


def create_table(part: Part, name: str, table: Table) -> Step:
    return Step(part, table.create(name), lambda tables: tables.update({name: table}))


def add_column(part: Part, table: str, column: str, kind: str) -> Step:
    return Step(
        part,
        f"ALTER TABLE `{table}` ADD COLUMN `{column}` {kind}",
        lambda tables: tables[table].columns.update({column: kind}),
    )


def rename_column(part: Part, table: str, old: str, new: str, kind: str) -> Step:
    def change(tables: dict[str, Table]) -> None:
        columns = tables[table].columns
        tables[table].columns = {new if name == old else name: columns[name] for name in columns}

    return Step(part, f"ALTER TABLE `{table}` CHANGE COLUMN `{old}` `{new}` {kind}", change)


def rename_table(part: Part, old: str, new: str) -> Step:
    return Step(
        part,
        f"ALTER TABLE `{old}` RENAME TO `{new}`",
        lambda tables: tables.update({new: tables.pop(old)}),
    )


def modify_column(part: Part, table: str, column: str, kind: str) -> Step:
    return Step(
        part,
        f"ALTER TABLE `{table}` MODIFY COLUMN `{column}` {kind}",
        lambda tables: tables[table].columns.update({column: kind}),
    )


def drop_column(part: Part, table: str, column: str) -> Step:
    return Step(
        part,
        f"ALTER TABLE `{table}` DROP COLUMN `{column}`",
        lambda tables: tables[table].columns.__delitem__(column),
    )


def drop_key(part: Part, table: str, key: str) -> Step:
    def change(tables: dict[str, Table]) -> None:
        keys = tables[table].keys
        tables[table].keys = tuple(one for one in keys if f"`{key}`" not in one)

    return Step(part, f"ALTER TABLE `{table}` DROP KEY `{key}`", change)


def drop_table(part: Part, table: str) -> Step:
    return Step(part, f"DROP TABLE `{table}`", lambda tables: tables.__delitem__(table))


def rewrite(part: Part, sql: str) -> Step:
    """A change of data, or of a view: the columns of the tables stay."""
    return Step(part, sql)


def after(schema: Schema, steps: tuple[Step, ...]) -> Schema:
    changed = copy.deepcopy(schema)
    for step in steps:
        step.change(changed.tables[step.part])
    return changed
