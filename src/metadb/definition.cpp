#include "metadb/definition.hpp"

#include "metadb/text.hpp"

#include <algorithm>
#include <array>

namespace oms::metadb {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 9> kNumbers{
    "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "decimal", "numeric", "year"};
constexpr std::array<std::string_view, 2> kFloats{"float", "double"};
constexpr std::array<std::string_view, 7> kBinaries{
    "bit", "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"};
constexpr std::array<std::string_view, 9> kGeometries{"geometry",
                                                      "point",
                                                      "linestring",
                                                      "polygon",
                                                      "multipoint",
                                                      "multilinestring",
                                                      "multipolygon",
                                                      "geometrycollection",
                                                      "geomcollection"};
// As bare bytes, which is how a dump of MariaDB's text is loaded, these would be taken for the
// stored form.
constexpr std::array<std::string_view, 3> kParsedTexts{"inet4", "inet6", "uuid"};
constexpr std::array<std::string_view, 16> kTexts{"char",
                                                  "varchar",
                                                  "tinytext",
                                                  "text",
                                                  "mediumtext",
                                                  "longtext",
                                                  "enum",
                                                  "set",
                                                  "json",
                                                  "date",
                                                  "time",
                                                  "datetime",
                                                  "timestamp",
                                                  "inet4",
                                                  "inet6",
                                                  "uuid"};
constexpr std::array<std::string_view, 5> kReadableCharacterSets{
    "", "utf8mb4", "utf8mb3", "utf8", "ascii"};

}  // namespace

std::optional<Column> plan_column(std::string_view name,
                                  std::string_view data_type,
                                  std::string_view character_set,
                                  bool oceanbase) {
    Column column{.name = std::string(name),
                  .kind = ValueKind::Text,
                  .character_set = {},
                  .fetched_as = quote_name(name)};
    if (is_one_of(data_type, kNumbers)) {
        column.kind = ValueKind::Number;
    } else if (is_one_of(data_type, kFloats)) {
        // A FLOAT is sent with six digits; as a DOUBLE it is sent with as many as it takes. Times
        // one, since adding zero would make -0 a 0.
        column.kind = ValueKind::Number;
        column.fetched_as += " * 1e0";
    } else if (is_one_of(data_type, kBinaries)) {
        column.kind = ValueKind::Binary;
    } else if (is_one_of(data_type, kGeometries)) {
        // Elsewhere four bytes of SRID and the WKB can be written back as they come.
        column.kind = oceanbase ? ValueKind::Geometry : ValueKind::Binary;
    } else if (!is_one_of(data_type, kTexts)) {
        return std::nullopt;
    } else if (!is_one_of(character_set, kReadableCharacterSets)) {
        column.kind = ValueKind::Encoded;
        column.character_set = character_set;
        column.fetched_as = "CAST(" + column.fetched_as + " AS BINARY)";
    } else if (is_one_of(data_type, kParsedTexts)) {
        column.introducer = "_utf8mb4";
    }
    return column;
}

std::vector<std::string> split_unescaped_members(std::string_view column_type) {
    const std::size_t open = column_type.find("('");
    const std::size_t close = column_type.rfind("')");
    std::vector<std::string> members;
    if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2)
        return members;
    std::string_view rest = column_type.substr(open + 2, close - open - 2);
    constexpr std::string_view kBetween = "','";
    for (std::size_t at = rest.find(kBetween); at != std::string_view::npos;
         at = rest.find(kBetween)) {
        members.emplace_back(rest.substr(0, at));
        rest.remove_prefix(at + kBetween.size());
    }
    members.emplace_back(rest);
    return members;
}

std::optional<std::string> mend_members(const std::string& definition,
                                        std::string_view column,
                                        std::string_view column_type,
                                        const std::vector<std::string>& members) {
    const std::string head = "\n  " + quote_name(column) + " ";
    const std::size_t at = definition.find(head + std::string(column_type));
    if (at == std::string::npos) return std::nullopt;
    std::string type(column_type.substr(0, column_type.find('(') + 1));
    for (const std::string& member : members) {
        if (&member != &members.front()) type += ',';
        append_text(type, member);
    }
    type += ')';
    return std::string(definition).replace(at + head.size(), column_type.size(), type);
}

std::vector<Other> order_views(std::vector<Other> views, const std::string& database) {
    const auto reads = [&](const Other& view, const Other& other) {
        return view.name != other.name &&
               view.definition.find(quote_name(database, other.name)) != std::string::npos;
    };
    std::vector<Other> ordered;
    while (!views.empty()) {
        // Views cannot read each other in a circle, so there is always one that reads no other.
        // A column's name that looks like a view's may pretend a circle: then any is as good.
        auto next = std::find_if(views.begin(), views.end(), [&](const Other& view) {
            return std::none_of(
                views.begin(), views.end(), [&](const Other& o) { return reads(view, o); });
        });
        if (next == views.end()) next = views.begin();
        ordered.push_back(std::move(*next));
        views.erase(next);
    }
    return ordered;
}

}  // namespace oms::metadb
