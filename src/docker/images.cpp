#include "docker/images.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "docker/json_lines.hpp"
#include "docker/json_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <utility>

namespace oms::docker {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// A layer of gigabytes on a slow disk: the daemon says nothing while it syncs one.
constexpr auto kSilenceMax = 15min;

/// What the daemon says went wrong in a line of progress; its status was 200 long before.
std::string error_of(const json& line) {
    if (line.contains("errorDetail") && line["errorDetail"].is_object())
        return text(line["errorDetail"], "message");
    return text(line, "error");
}

/// How much is done of all layers together.
class Layers {
public:
    void take(const json& line) {
        const std::string id = text(line, "id");
        if (id.empty() || text(line, "status") != "Downloading") return;
        if (!line.contains("progressDetail") || !line["progressDetail"].is_object()) return;
        const json& detail = line["progressDetail"];
        if (!detail.contains("current") || !detail.contains("total")) return;
        if (!detail["current"].is_number_unsigned() || !detail["total"].is_number_unsigned())
            return;
        all_[id] = {detail["current"].get<std::uint64_t>(), detail["total"].get<std::uint64_t>()};
    }
    Progress progress(std::string what) const {
        Progress sum{.what = std::move(what)};
        for (const auto& [id, layer] : all_) {
            sum.done += layer.first;
            sum.total += layer.second;
        }
        return sum;
    }

private:
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> all_;
};

/// Sends a request whose answer is lines of progress; returns the daemon's error, or nothing.
std::string follow(const EngineApi& api,
                   http::Request request,
                   const std::function<void(const json&)>& on_line) {
    std::string error;
    JsonLines lines([&](const json& line) {
        if (error.empty()) error = error_of(line);
        on_line(line);
    });
    request.timeout = kSilenceMax;
    api.stream(std::move(request), [&lines](std::string_view bytes) {
        lines.feed(bytes);
        return true;
    });
    lines.finish();
    return error;
}

}  // namespace

void load_image(const EngineApi& api,
                const std::filesystem::path& archive,
                const ReportProgress& report,
                std::stop_token stop) {
    std::ifstream file(archive, std::ios::binary);
    std::error_code error;
    const auto size = std::filesystem::file_size(archive, error);
    if (!file || error || size == 0) {
        throw Terminal("the image archive " + archive.string() +
                       " cannot be read, or is empty; is the path right where the operator runs?");
    }
    Progress progress{.what = "loading " + archive.filename().string(), .total = size};
    auto request = api.request("POST", "/images/load?quiet=0");
    request.headers.emplace_back("Content-Type", "application/x-tar");
    request.stop = std::move(stop);
    request.source_size = size;
    request.source = [&](char* buffer, std::size_t room) {
        file.read(buffer, static_cast<std::streamsize>(room));
        const auto got = static_cast<std::size_t>(file.gcount());
        progress.done += got;
        if (report) report(progress);
        return got;
    };
    bool loaded = false;
    const std::string failure = follow(api, std::move(request), [&loaded](const json& line) {
        loaded = loaded || text(line, "stream").starts_with("Loaded image");
    });
    const std::string tried = "docker: loading " + archive.string() + " failed: ";
    if (!failure.empty()) fail(400, failure, "docker: loading " + archive.string());
    if (!loaded) throw Terminal(tried + "the daemon found no image in it");
}

void pull_image(const EngineApi& api,
                std::string_view reference,
                const std::optional<runtime::RegistryLogin>& login,
                const ReportProgress& report,
                std::stop_token stop) {
    auto request = api.request("POST", pull_target(reference));
    if (login) request.headers.emplace_back("X-Registry-Auth", registry_auth(*login).reveal());
    request.stop = std::move(stop);
    Layers layers;
    const std::string what = "pulling " + std::string(reference);
    const std::string failure = follow(api, std::move(request), [&](const json& line) {
        layers.take(line);
        if (report) report(layers.progress(what));
    });
    // In the middle of a pull the network is to blame, unless the registry said no.
    if (!failure.empty()) fail(is_permanent(failure) ? 400 : 500, failure, "docker: " + what);
}

std::string pull_target(std::string_view reference) {
    const std::string from = "/images/create?fromImage=";
    if (reference.find('@') != std::string_view::npos) return from + http::encode(reference);
    const auto slash = reference.rfind('/');
    const auto colon = reference.find(':', slash == std::string_view::npos ? 0 : slash);
    if (colon == std::string_view::npos) return from + http::encode(reference) + "&tag=latest";
    return from + http::encode(reference.substr(0, colon)) +
           "&tag=" + http::encode(reference.substr(colon + 1));
}

Secret registry_auth(const runtime::RegistryLogin& login) {
    const json auth = {{"username", login.user}, {"password", login.password.reveal()}};
    std::string text = to_base64(auth.dump(-1, ' ', false, json::error_handler_t::replace));
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return Secret(std::move(text));
}

}  // namespace oms::docker
