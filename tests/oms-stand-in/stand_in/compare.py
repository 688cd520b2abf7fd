"""What the databases hold, in a form that two moments can be compared by."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pymysql.cursors import Cursor

from .metadb import MetaDb, Names

# What a running OMS changes by itself, by part: these differ between any two moments.
VOLATILE = {
    "rm": {"oms_component", "transfer_component", "transfer_component_instance"},
    "cm": {"host"},
    "hb": {"heart_beat", "heatbeat_sequence"},
}


def contents(
    metadb: MetaDb, names: Names | Mapping[str, str], *, volatile: bool = False
) -> dict[str, str]:
    """Each table and view, as part.name, to a digest of its definition and its rows.

    Several regions have a heartbeat database each (`regions.databases`).
    """
    found = {}
    for part, database in (vars(names) if isinstance(names, Names) else names).items():
        with metadb.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION sql_mode = '', time_zone = '+00:00'")
            cursor.execute("SHOW FULL TABLES")
            for name, kind in cursor.fetchall():
                if volatile or name not in VOLATILE[part.partition("-")[0]]:
                    found[f"{part}.{name}"] = _digest(cursor, name, kind)
    return found


def _digest(cursor: Cursor, name: str, kind: str) -> str:
    execute, fetch = cursor.execute, cursor.fetchall
    quoted = "`" + name.replace("`", "``") + "`"
    execute(f"SHOW CREATE {'VIEW' if kind == 'VIEW' else 'TABLE'} {quoted}")
    state = hashlib.sha256(repr(fetch()[0][1]).encode())
    execute(f"SELECT * FROM {quoted}")
    # Without a key there is no order to ask for; sorted here, two equal heaps are equal.
    columns = [column[0] for column in cursor.description]
    for row in sorted(repr(_lasting(name, dict(zip(columns, row)))) for row in fetch()):
        state.update(row.encode(errors="surrogatepass"))
    return state.hexdigest()


def _lasting(table: str, row: dict[str, object]) -> dict[str, object]:
    """A row without what must change."""
    passing = set()
    if table == "oms_normal_config" and row.get("cfg_name") == "ha.config":
        # HA is switched off and on, as in the console, and that has a time.
        passing = {"gmt_modified"}
    elif table == "v_host_group":
        # It looks at `host`, which is volatile.
        passing = {"host_status"}
    return {column: value for column, value in row.items() if column not in passing}
