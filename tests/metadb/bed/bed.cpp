#include "bed.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "catch.hpp"
#include "metadb/text.hpp"

#include <cstdlib>
#include <unistd.h>

namespace oms::metadb::bed {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr)
        FAIL(name << " is not set: run this test by tests/bed/run, which starts the servers");
    return value;
}

Address address(const std::string& host_and_port, const std::string& user, const char* password) {
    const std::size_t colon = host_and_port.rfind(':');
    REQUIRE(colon != std::string::npos);
    return {.host = host_and_port.substr(0, colon),
            .port = static_cast<std::uint16_t>(std::stoi(host_and_port.substr(colon + 1))),
            .user = user,
            .password = Secret(password)};
}

}  // namespace

std::vector<Server> servers() {
    return {{.name = "OceanBase",
             .address = address(variable("OMS_TEST_OCEANBASE"), "root", ""),
             .is_oceanbase = true},
            {.name = "MariaDB",
             .address = address(variable("OMS_TEST_MARIADB"),
                                variable("OMS_TEST_MARIADB_USER"),
                                variable("OMS_TEST_MARIADB_PASSWORD").c_str()),
             .is_oceanbase = false}};
}

Site::Site(const Server& server)
    : address_(server.address),
      database_("metadb_bed_" + std::to_string(::getpid())),
      folder_(std::filesystem::temp_directory_path() / ("oms-operator-" + database_)),
      meta_(make_meta_db(address_)),
      session_(std::make_unique<Session>(Access{address_}, Purpose::Copy)) {
    std::filesystem::remove_all(folder_);
    run({"DROP DATABASE IF EXISTS " + database_,
         "CREATE DATABASE " + database_ + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
         "USE " + database_});
}

Site::~Site() {
    std::filesystem::remove_all(folder_);
    try {
        Session session({address_}, Purpose::Copy);
        session.execute("DROP DATABASE IF EXISTS " + database_);
    } catch (const std::exception& failure) {
        WARN("the database of a test stays behind: " << failure.what());
    }
}

// A restore ends whoever else uses its database.
Session& Site::session() {
    try {
        session_->execute("DO 0");
    } catch (const Transient&) {
        session_ = std::make_unique<Session>(Access{address_}, Purpose::Copy);
        session_->execute("USE " + database_);
    }
    return *session_;
}

void Site::run(const std::vector<std::string>& statements) {
    for (const std::string& statement : statements) {
        INFO(statement);
        session().execute(statement);
    }
}

std::string Site::contents() {
    std::string all;
    for (const Row& table : session().query(
             "SELECT table_name FROM information_schema.tables WHERE table_schema = " +
             quote_text(database()) + " AND table_type = 'BASE TABLE' ORDER BY table_name")) {
        std::string columns;
        for (const Row& column :
             session().query("SELECT column_name, data_type FROM information_schema.columns WHERE "
                             "table_schema = " +
                             quote_text(database()) + " AND table_name = " + quote_text(*table[0]) +
                             " ORDER BY ordinal_position")) {
            const std::string name = quote_name(*column[0]);
            const bool is_float = column[1] == "float" || column[1] == "double";
            columns += columns.empty() ? "" : ", ";
            // HEX of a number is that of its integer part.
            columns += is_float ? "FORMAT(" + name + ", 30), " + name + " * 1e0, " + name
                                : "HEX(" + name + "), LENGTH(" + name + ")";
        }
        std::vector<std::string> rows;
        for (const Row& row :
             session().query("SELECT " + columns + " FROM " + quote_name(database(), *table[0]))) {
            std::string line = *table[0] + ":";
            for (const auto& value : row) line += " " + value.value_or("NULL");
            rows.push_back(line + "\n");
        }
        std::sort(rows.begin(), rows.end());
        for (const std::string& row : rows) all += row;
    }
    return all;
}

std::string Site::definitions() {
    std::string all;
    for (const Row& table : session().query("SHOW FULL TABLES FROM " + quote_name(database()))) {
        const std::string kind = table[1] == "VIEW" ? "VIEW " : "TABLE ";
        all += *session()
                    .query("SHOW CREATE " + kind + quote_name(database(), *table[0]))
                    .at(0)
                    .at(1) +
               "\n";
    }
    return all + *session().query("SHOW CREATE DATABASE " + quote_name(database())).at(0).at(1);
}

int Site::load_with_stock_client(const std::string& client, const DumpManifest& dump) {
    // Through a file: a password has no business among a process's arguments.
    const auto options = folder_ / "client.cnf";
    write_durably(options,
                  "[client]\nhost=" + address_.host + "\nport=" + std::to_string(address_.port) +
                      "\nuser=" + address_.user + "\npassword=\"" + address_.password.reveal() +
                      "\"\n");
    const std::string cat = dump.file.ends_with(".zst") ? "zstd -dc " : "cat ";
    const std::string command = "bash -o pipefail -c '" + cat + (folder_ / dump.file).string() +
                                " | " + client + " --defaults-file=" + options.string() + " " +
                                dump.database + "'";
    return std::system(command.c_str());
}

}  // namespace oms::metadb::bed
