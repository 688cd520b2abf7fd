#include "view.hpp"

#include "api/json.hpp"
#include "api/names.hpp"
#include "base/clock.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <mutex>
#include <unistd.h>

namespace oms::app {
namespace {

using nlohmann::json;

/// One object for each change, each on a line of its own; the last one holds the whole status.
class JsonView final : public View {
public:
    void on_record(const api::OmsUpgrade& resource) override {
        const std::lock_guard guard(mutex_);
        write("status", describe(resource));
    }

    void on_progress(const Progress& progress) override {
        const std::lock_guard guard(mutex_);
        const Time now = Clock::now();
        const bool ended = progress.total != 0 && progress.done == progress.total;
        if (!ended && now - last_progress_ < std::chrono::seconds{1}) return;
        last_progress_ = now;
        write("progress",
              {{"what", progress.what},
               {"done", progress.done},
               {"total", progress.total},
               {"unit", progress.unit}});
    }

    void on_end(const api::OmsUpgrade& resource, const std::string& note) override {
        const std::lock_guard guard(mutex_);
        json object = describe(resource);
        if (!note.empty()) object["note"] = note;
        object["status"] = api::to_json(resource.status);
        write("end", std::move(object));
    }

private:
    static json describe(const api::OmsUpgrade& resource) {
        const api::Status& status = resource.status;
        json object{{"upgrade", resource.key.space + "/" + resource.key.name},
                    {"phase", status.phase},
                    {"message", status.message}};
        if (!status.run) return object;
        object["goal"] = api::to_string(status.run->cursor.goal);
        object["attempts"] = status.run->cursor.pushes;
        if (status.run->outcome) object["outcome"] = api::to_string(*status.run->outcome);
        return object;
    }

    static void write(const char* kind, json object) {
        object["time"] = to_rfc3339(Clock::now());
        object["kind"] = kind;
        std::cout << object.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    }

    std::mutex mutex_;
    Time last_progress_{};
};

}  // namespace

std::unique_ptr<View> make_json_view() {
    return std::make_unique<JsonView>();
}

std::unique_ptr<View> make_view(Output output) {
    if (output == Output::Json) return make_json_view();
    return ::isatty(STDOUT_FILENO) == 1 ? make_live_view() : make_text_view();
}

}  // namespace oms::app
