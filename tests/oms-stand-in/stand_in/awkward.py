"""Tables that hold what a backup easily gets wrong. OMS itself does not look at them."""

from __future__ import annotations

import pymysql

_BYTES = bytes(range(256))

_TABLES = (
    """CREATE TABLE `standin_types` (
  `id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `n` int DEFAULT NULL, `twice` int GENERATED ALWAYS AS (`n` * 2) VIRTUAL,
  `thrice` int GENERATED ALWAYS AS (`n` * 3) STORED,
  `u64` bigint unsigned DEFAULT NULL, `f` float DEFAULT NULL, `d` double DEFAULT NULL,
  `dec` decimal(38,10) DEFAULT NULL, `bits` bit(5) DEFAULT NULL,
  `e` enum('a','b b') DEFAULT NULL, `s` set('x','y','z') DEFAULT NULL,
  `day` date DEFAULT NULL, `t` time(6) DEFAULT NULL, `dt` datetime(6) DEFAULT NULL,
  `ts` timestamp(3) NULL DEFAULT NULL, `y` year DEFAULT NULL,
  `bin` binary(16) DEFAULT NULL, `vb` varbinary(512) DEFAULT NULL,
  `blob` longblob, `text` longtext, `json` json DEFAULT NULL
) DEFAULT CHARSET=utf8mb4""",
    "CREATE TABLE `standin_no_key` (`word` varchar(64) DEFAULT NULL, `n` int DEFAULT NULL)",
    "CREATE TABLE `standin_empty` (`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY)",
    "CREATE TABLE `order` (`select` int NOT NULL, `a``b` int DEFAULT NULL, PRIMARY KEY (`select`))",
    "CREATE TABLE `standin_bin_collation` (`w` varchar(32) DEFAULT NULL) "
    "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
)
_COLUMNS = "n u64 f d dec bits e s day t dt ts y bin vb blob text json".split()
_ROWS: tuple[tuple[object, ...], ...] = (
    (None,) * len(_COLUMNS),
    (
        *(-7, 2**64 - 1, 1.1754944e-38, 2.2250738585072014e-308),
        *("9999999999999999999999999999.0123456789", 21, "b b", "x,z"),
        *("0000-00-00", "-838:59:59.000000", "0000-00-00 00:00:00", "1970-01-02 00:00:01.001"),
        *(1901, b"\0" * 16, _BYTES, _BYTES * 300, "\0\b\n\r\t\x1a\"'\\%_ 😀 数据", '{"a": [1, "\\n"]}'),
    ),
    (
        *(2**30 // 3, 0, 16777216.0, 0.1),
        *("-0.0000000001", 0, "a", ""),
        *("9999-12-31", "00:00:00.000001", "9999-12-31 23:59:59.999999", None),
        *(2155, b"\xff" * 16, b"", b"", "", "{}"),
    ),
)


def create(cursor: pymysql.cursors.Cursor) -> None:
    cursor.execute("SET SESSION sql_mode = ''")
    for table in _TABLES:
        cursor.execute(table)
    columns = ", ".join(f"`{name}`" for name in _COLUMNS)
    places = ", ".join(["%s"] * len(_COLUMNS))
    cursor.executemany(f"INSERT INTO `standin_types` ({columns}) VALUES ({places})", _ROWS)
    cursor.executemany(
        "INSERT INTO `standin_no_key` VALUES (%s, %s)", [("twin", 1), ("twin", 1), (None, None)]
    )
    cursor.execute("INSERT INTO `order` VALUES (1, 2), (-1, NULL)")
    cursor.execute("INSERT INTO `standin_bin_collation` VALUES ('数据')")
    # AUTO_INCREMENT marks beyond the rows that are there.
    cursor.execute("INSERT INTO `standin_types` (`id`) VALUES (4000)")
    cursor.execute("DELETE FROM `standin_types` WHERE `id` = 4000")


def create_enum_with_quote(cursor: pymysql.cursors.Cursor) -> None:
    """OceanBase prints it in a form that it does not read: only for a test that means it."""
    cursor.execute("CREATE TABLE `standin_quoted_enum` (`e` enum('it''s','b') DEFAULT NULL)")
    cursor.execute("INSERT INTO `standin_quoted_enum` VALUES ('it''s')")
