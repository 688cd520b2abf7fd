#include "awkward.hpp"

#include "metadb/text.hpp"

namespace oms::metadb::bed {
namespace {

const std::vector<std::string> kBothKnow{
    R"(CREATE TABLE `all``types` (
        id bigint PRIMARY KEY AUTO_INCREMENT, small tinyint(1), u bigint unsigned, z int(6) zerofill,
        f float, f2 float(7,4), d double, d2 double(10,2), dc decimal(65,30), b bit(5), b64 bit(64),
        j json, dt datetime(6), ts timestamp(6) NULL, da date, tm time(3), y year,
        e enum('a','it''s','b,c','q"q','back\\slash'), s set('x','y''z'),
        bin binary(4), vb varbinary(40), bl longblob, c char(10), tx longtext,
        n int GENERATED ALWAYS AS (length(bin)) VIRTUAL, st int GENERATED ALWAYS AS (length(vb)) STORED,
        dflt varchar(20) DEFAULT 'it''s' COMMENT 'a''b; \n -- c'
    ) AUTO_INCREMENT = 5000 COMMENT = 'x''y;')",
    R"(INSERT INTO `all``types` (id, small, u, z, f, f2, d, d2, dc, b, b64, j, dt, ts, da, tm, y, e, s,
            bin, vb, bl, c, tx)
        VALUES (0, -1, 18446744073709551615, 42, 1.1, 1.1, 0.1e0 + 0.2e0, 1.005, -1.1, b'10101',
            0xFFFFFFFFFFFFFFFF, '{"b": 1, "a": [1.0, 2e3, null], "u": "é😀 \\"q\\" \\n \\\\"}',
            '2000-01-01 00:00:00.123456', '2038-01-01 00:00:00.5', '0000-00-00', '-838:59:59', 1999,
            'it''s', 'y''z,x', 'ab', 'a\0', CONCAT('\0''\\\n\r\Z;\n-- x', REPEAT(0x00FF275C, 1000)),
            'tr', '😀\n'';-- \\ \0 \r\n; /* "`'))",
    "INSERT INTO `all``types` (f, d) VALUES (3.4028234e38, 1.7976931348623157e308), "
    "(16777217, -0.0), (1.17549435e-38, 2.2250738585072014e-308), (-0.0, 4.9e-324), (0.1, 1e22), "
    "(123456.789, 123456789.123456789)",
    "INSERT INTO `all``types` (e, dt, ts, y, tm, tx, bl) VALUES "
    "('none', '2001-02-31', NULL, 0, '00:00:00.001', '', ''), "
    "('b,c', '2001-00-00', '1970-01-01 00:00:01', 2155, '838:59:59', ' ', ' ')",
    "CREATE TABLE no_key (a int, b varchar(10), KEY (b))",
    "INSERT INTO no_key VALUES (1, 'x'), (1, 'x'), (NULL, NULL), (1, 'X'), (1, 'x ')",
    "CREATE TABLE empty_but_counting (id int PRIMARY KEY AUTO_INCREMENT) AUTO_INCREMENT = 777",
    "CREATE TABLE counting_far_ahead (id int PRIMARY KEY AUTO_INCREMENT)",
    "INSERT INTO counting_far_ahead VALUES (1), (900000)",
    "DELETE FROM counting_far_ahead WHERE id = 900000",
    "CREATE TABLE a_child (id int PRIMARY KEY, p int)",
    "CREATE TABLE parent (id int PRIMARY KEY)",
    "ALTER TABLE a_child ADD CONSTRAINT fk_p FOREIGN KEY (p) REFERENCES parent (id) ON DELETE "
    "CASCADE",
    "INSERT INTO parent VALUES (1)",
    "INSERT INTO a_child VALUES (1, 1), (2, 1)",
    "CREATE TABLE parts (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE COLUMNS (d) "
    "(PARTITION p0 VALUES LESS THAN ('2020-01-01'), PARTITION p1 VALUES LESS THAN (MAXVALUE))",
    "INSERT INTO parts VALUES (1, '2019-01-01'), (2, '2021-01-01')",
    "CREATE TABLE `order` (`select` int, `a b` varchar(5), `ü` int, UNIQUE KEY `k` (`a b`))",
    "INSERT INTO `order` VALUES (1, 'x', 2)",
    "CREATE TABLE large (id int PRIMARY KEY, b longblob, t longtext)",
    "INSERT INTO large VALUES (1, REPEAT(0x00FF275C, 750000), REPEAT('it''s', 150000)), (2, '', "
    "'')",
    "CREATE VIEW z_view AS SELECT id, 'it''s; -- x' AS t FROM parent",
    "CREATE VIEW a_view AS SELECT z.id, z.t FROM z_view z",
    "CREATE PROCEDURE pr(IN a int) BEGIN SELECT a; SELECT ';'; END",
    "CREATE FUNCTION fn(a int) RETURNS int DETERMINISTIC RETURN a + 1",
    "CREATE TRIGGER tr BEFORE INSERT ON parent FOR EACH ROW SET NEW.id = NEW.id + 1"};

const std::vector<std::string> kMariaDbKnows{
    "CREATE TABLE sets (id int PRIMARY KEY, g varchar(20) CHARACTER SET gbk, l varchar(30) "
    "CHARACTER "
    "SET latin1, u2 varchar(20) CHARACTER SET ucs2, u32 varchar(20) CHARACTER SET utf32, sj "
    "varchar(20) CHARACTER SET sjis, u3 varchar(20) CHARACTER SET utf8mb3, en enum('ä','ß') "
    "CHARACTER SET latin1, i6 inet6, uu uuid, inv int INVISIBLE DEFAULT 7, chk int CHECK (chk > "
    "0))",
    "INSERT INTO sets (id, g, l, u2, u32, sj, u3, en, i6, uu, inv, chk) VALUES (1, '你好', "
    "'äöü\\\\''', "
    "'ЖЖ', '😀', '表示', '你', 'ß', '::1', '123e4567-e89b-12d3-a456-426655440000', 9, 1)",
    "CREATE TABLE without_transactions (id int PRIMARY KEY, v text) ENGINE = MyISAM",
    "INSERT INTO without_transactions VALUES (1, 'm')",
    "CREATE TABLE places (id int PRIMARY KEY, g geometry, p point)",
    "INSERT INTO places VALUES (1, ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))', 4326), POINT(1, "
    "2))",
    "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' DO BEGIN SELECT 1; END"};

const std::vector<std::string> kOceanBaseKnows{
    "CREATE TABLE places (id int PRIMARY KEY, g geometry, p point)",
    "INSERT INTO places VALUES (1, ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))'), POINT(1, 2))",
    "CREATE TABLE words (id int PRIMARY KEY, t varchar(100), FULLTEXT KEY ft (t))",
    "INSERT INTO words VALUES (1, 'one two')"};

}  // namespace

void fill_awkwardly(Site& site, const Server& server) {
    site.run(kBothKnow);
    site.run(server.is_oceanbase ? kOceanBaseKnows : kMariaDbKnows);
}

}  // namespace oms::metadb::bed
