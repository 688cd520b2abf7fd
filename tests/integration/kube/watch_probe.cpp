// A reflector that prints what it is told, one line each, until its standard input ends:
// "added NAME", "modified NAME", "deleted NAME", "synced", "trouble WHAT".

#include "base/error.hpp"
#include "kube/connection.hpp"
#include "kube/upgrades.hpp"
#include "kube/watcher.hpp"

#include <iostream>
#include <string>

namespace {

class Printer final : public oms::kube::WatchHandler {
public:
    void on_change(oms::kube::Change change,
                   const oms::kube::Seen& seen,
                   std::string_view) override {
        say((change == oms::kube::Change::Added ? "added " : "modified ") + seen.key.name);
    }
    void on_deleted(const oms::kube::Seen& seen) override { say("deleted " + seen.key.name); }
    void on_synced() override { say("synced"); }
    void on_trouble(const std::string& what) override { say("trouble " + what); }

private:
    static void say(const std::string& line) { std::cout << line << std::endl; }
};

}  // namespace

int main() {
    try {
        const auto client =
            oms::kube::connect(oms::kube::find_connection({}), "oms-operator-watch-probe");
        Printer printer;
        oms::kube::Reflector reflector(*client, oms::kube::upgrades_path(), printer);
        reflector.start();
        for (std::string line; std::getline(std::cin, line);) continue;
        return 0;
    } catch (const oms::Failure& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
