#include "metadb/bound_names.hpp"

#include "metadb/schema.hpp"
#include "metadb/text.hpp"

namespace oms::metadb {

std::vector<std::string> find_bound_to_name(Session& session, const std::string& database) {
    const Share alone = [&session](std::size_t count, const auto& work) {
        for (std::size_t i = 0; i < count; ++i) work(session, i);
    };
    const Schema schema = read_schema(session, database, alone);
    // SHOW CREATE quotes names, of a foreign key's table as well.
    const std::string qualified = quote_name(database) + ".";
    std::vector<std::string> bound;
    for (const Table& table : schema.tables) {
        if (table.definition.find(qualified) != std::string::npos)
            bound.push_back("table " + table.name);
    }
    // Bodies of routines and events are shown as they were typed: what they name, nobody can tell
    // for sure. Views always name their database, and triggers are left out of a dump.
    for (const Other& other : schema.others)
        if (other.kind != "trigger") bound.push_back(title(other));
    return bound;
}

}  // namespace oms::metadb
