#pragma once

#include "fakes/fake_transport.hpp"
#include "kube/client.hpp"
#include "kube/timing.hpp"
#include "kube/watch_state.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace oms::kube {

/// The JSON text of an object, as an API server writes it: managedFields, escapes and all.
inline std::string object(const std::string& name,
                          const std::string& uid,
                          const std::string& version) {
    return R"({"apiVersion":"oms.oceanbase.com/v1alpha1","kind":"OMSUpgrade","metadata":{"name":")" +
           name + R"(","namespace":"prod","uid":")" + uid + R"(","resourceVersion":")" + version +
           R"(","generation":1,"managedFields":[{"f:a":{"}":"]\\\""}}]},"spec":{"note":"löschen ✓"}})";
}

inline std::string event(const std::string& type, const std::string& object_text) {
    return R"({"type":")" + type + R"(","object":)" + object_text + "}\n";
}

inline std::string bookmark(const std::string& version) {
    return event("BOOKMARK",
                 R"({"kind":"OMSUpgrade","metadata":{"resourceVersion":")" + version + R"("}})");
}

inline std::string status(int code, const std::string& reason, const std::string& message = "no") {
    return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":")" + message +
           R"(","reason":")" + reason + R"(","code":)" + std::to_string(code) + "}";
}

inline std::string list(const std::string& version,
                        const std::vector<std::string>& objects,
                        const std::string& continue_token = "") {
    std::string items;
    for (const auto& item : objects) items += (items.empty() ? "" : ",") + item;
    return R"({"kind":"OMSUpgradeList","metadata":{"resourceVersion":")" + version +
           R"(","continue":")" + continue_token + R"("},"items":[)" + items + "]}";
}

/// Writes down what it is told, one word after the other: "+a/u1@5" added, "~" modified, "-a/u1"
/// deleted, "synced", "!" trouble.
class Diary final : public WatchHandler {
public:
    void on_change(Change change, const Seen& seen, std::string_view) override {
        words.push_back((change == Change::Added ? "+" : "~") + seen.key.name + "/" + seen.uid +
                        "@" + seen.resource_version);
    }
    void on_deleted(const Seen& seen) override {
        words.push_back("-" + seen.key.name + "/" + seen.uid);
    }
    void on_synced() override { words.emplace_back("synced"); }
    void on_trouble(const std::string& what) override {
        words.emplace_back("!");
        troubles.push_back(what);
    }

    std::vector<std::string> words;
    std::vector<std::string> troubles;
};

/// Time that passes only when somebody waits for it.
struct TestTime {
    Instant now{std::chrono::hours(1000)};
    std::vector<std::chrono::milliseconds> waits;

    Timing timing() {
        return {.now = [this] { return now; },
                .wait =
                    [this](std::chrono::milliseconds length, const std::stop_token& stop) {
                        if (stop.stop_requested()) throw Stopped{};
                        waits.push_back(length);
                        now += length;
                    }};
    }
};

/// A client and the script of the server that it talks to.
struct TestServer {
    fakes::FakeTransport* script = nullptr;  // owned by the client
    std::unique_ptr<Client> client;

    explicit TestServer(std::unique_ptr<BearerToken> token = std::make_unique<BearerToken>()) {
        auto transport = std::make_unique<fakes::FakeTransport>();
        script = transport.get();
        client = std::make_unique<Client>(std::move(transport), std::move(token), "", "test/1");
    }
};

}  // namespace oms::kube
