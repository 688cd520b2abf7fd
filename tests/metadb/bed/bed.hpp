#pragma once

#include "metadb/meta_db.hpp"
#include "metadb/session.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

/// The real servers that tests/bed started, and a database of our own on them.
namespace oms::metadb::bed {

struct Server {
    std::string name;  // "OceanBase", "MariaDB"
    Address address;
    bool is_oceanbase = false;
};

/// Both kinds. A test that runs without them fails and says which variable is missing.
std::vector<Server> servers();

/// A database and a folder of this process's own, gone at the end.
class Site {
public:
    explicit Site(const Server&);
    ~Site();
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    const Address& address() const { return address_; }
    const std::string& database() const { return database_; }
    const std::filesystem::path& folder() const { return folder_; }
    MetaDb& meta() { return *meta_; }
    Session& session();

    void run(const std::vector<std::string>& statements);

    /// Every row of every table, values in hex as the server itself writes them, floating point
    /// numbers beside their exact neighbours: a look that shares nothing with dump and digest.
    std::string contents();

    /// SHOW CREATE of every table and view.
    std::string definitions();

    /// `zstd -dc DUMP | mariadb DATABASE`, as a person would. Its exit code.
    int load_with_stock_client(const std::string& client, const DumpManifest&);

private:
    Address address_;
    std::string database_;
    std::filesystem::path folder_;
    std::unique_ptr<MetaDb> meta_;
    std::unique_ptr<Session> session_;
};

}  // namespace oms::metadb::bed
