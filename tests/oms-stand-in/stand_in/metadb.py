"""MetaDB as a test reaches it."""

from __future__ import annotations

from dataclasses import dataclass

import pymysql


@dataclass(frozen=True)
class MetaDb:
    host: str
    port: int
    user: str
    password: str

    def connect(self, database: str | None = None) -> pymysql.Connection:
        """A connection whose statements are committed at once and may take long."""
        connection = pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT version()")
            row = cursor.fetchone()
            if row is not None and "OceanBase" in row[0]:
                # Ten seconds by default, which a large insert or DDL can exceed.
                cursor.execute("SET ob_query_timeout = 600000000, ob_trx_timeout = 600000000")
        return connection


@dataclass(frozen=True)
class Names:
    """The three databases of one OMS."""

    rm: str = "rm_430"
    cm: str = "cm_430"
    hb: str = "cm_hb_430"

    @classmethod
    def of(cls, version: str) -> Names:
        """As the procedure calls them."""
        short = version.replace(".", "").replace("-", "_").lower()
        return cls(f"rm_{short}", f"cm_{short}", f"cm_hb_{short}")

    def all(self) -> tuple[str, str, str]:
        return self.rm, self.cm, self.hb
