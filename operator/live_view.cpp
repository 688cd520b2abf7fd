#include "phase_rows.hpp"
#include "view.hpp"

#include <sys/ioctl.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace oms::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kRedrawEvery = 100ms;
constexpr std::size_t kBarWidth = 20;

std::size_t terminal_width() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

/// Cut to the terminal's width: a line that wraps would break the counting of lines. Bytes of UTF-8
/// sequences after the first take no room.
std::string fit(const std::string& text, std::size_t width) {
    std::size_t columns = 0;
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
        const auto byte = static_cast<unsigned char>(text[end]);
        if (byte < 0x20U || byte == 0x7fU) break;
        if ((byte & 0xc0U) == 0x80U) continue;
        if (++columns > width) break;
    }
    return text.substr(0, end);
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

const char* sign(Mark mark) {
    switch (mark) {
        case Mark::Done:
            return "✓";
        case Mark::Running:
            return "●";
        case Mark::Failed:
            return "✗";
        case Mark::Open:
            break;
    }
    return "○";
}

const char* colour(Mark mark) {
    switch (mark) {
        case Mark::Done:
            return "\x1b[32m";
        case Mark::Running:
            return "\x1b[36m";
        case Mark::Failed:
            return "\x1b[31m";
        case Mark::Open:
            break;
    }
    return "\x1b[2m";
}

/// The speed of a long call, over the last seconds of it.
class Speed {
public:
    void saw(const Progress& progress, Time now) {
        if (progress.what != what_ || progress.done < done_) {
            what_ = progress.what;
            from_ = progress.done;
            since_ = now;
        }
        done_ = progress.done;
        const std::chrono::duration<double> passed = now - since_;
        if (passed < 1s) return;
        per_second_ = static_cast<double>(done_ - from_) / passed.count();
        if (passed < 5s) return;
        from_ = done_;
        since_ = now;
    }

    std::uint64_t per_second() const { return static_cast<std::uint64_t>(per_second_); }

private:
    std::string what_;
    std::uint64_t from_ = 0;
    std::uint64_t done_ = 0;
    Time since_{};
    double per_second_ = 0;
};

std::string bar(const Progress& progress, const Speed& speed) {
    std::string text = progress.what;
    const bool bytes = progress.unit == "bytes";
    if (progress.total != 0) {
        const double part =
            std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
        const auto full = static_cast<std::size_t>(part * static_cast<double>(kBarWidth));
        text += "  ";
        for (std::size_t i = 0; i < kBarWidth; ++i) text += i < full ? "█" : "░";
        text += " " + std::to_string(static_cast<int>(part * 100)) + "%";
    }
    if (bytes) text += "  " + format_bytes(progress.done);
    if (bytes && speed.per_second() > 0) text += "  " + format_bytes(speed.per_second()) + "/s";
    return text;
}

/// The list of phases, drawn over itself.
class LiveView final : public View {
public:
    LiveView() : colours_(std::getenv("NO_COLOR") == nullptr) {
        clock_ = std::jthread([this](const std::stop_token& stop) { draw_forever(stop); });
    }

    void on_record(const api::OmsUpgrade& resource) override {
        const std::lock_guard guard(mutex_);
        const auto phase_of = [](const api::Status& status) {
            return status.run ? status.run->cursor.phase : std::string{};
        };
        if (phase_of(resource.status) != phase_of(resource_.status)) progress_.reset();
        const bool found = resource.status.findings != resource_.status.findings;
        resource_ = resource;
        seen_ = true;
        if (!found) return;
        erase();
        for (const auto& finding : resource.status.findings)
            for (const auto& line : finding_lines(finding)) std::cout << line << "\n";
    }

    void on_progress(const Progress& progress) override {
        const std::lock_guard guard(mutex_);
        progress_ = progress;
        speed_.saw(progress, Clock::now());
    }

    void on_end(const api::OmsUpgrade& resource, const std::string& note) override {
        clock_.request_stop();
        clock_.join();
        const std::lock_guard guard(mutex_);
        resource_ = resource;
        progress_.reset();
        draw();
        std::cout << "\n";
        for (const auto& line : closing_lines(resource)) std::cout << line << "\n";
        if (!note.empty()) std::cout << note << "\n";
        std::cout.flush();
    }

private:
    void draw_forever(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested()) {
            if (seen_) draw();
            tick_.wait_for(lock, stop, kRedrawEvery, [] { return false; });
        }
    }

    void draw() {
        const Time now = Clock::now();
        erase();
        const std::size_t width = terminal_width();
        std::string out = fit(head(now), width) + "\n";
        int lines = 1;
        bool back = false;
        for (const auto& row : phase_rows(resource_.status, now)) {
            if (!back && row.goal == api::Goal::Reverted) {
                back = true;
                out += " going back\n";
                ++lines;
            }
            out += line_of(row, width) + "\n";
            ++lines;
        }
        std::cout << out << std::flush;
        drawn_ = lines;
    }

    std::string head(Time now) const {
        const api::Status& status = resource_.status;
        std::string text = "OMS upgrade " + resource_.key.space + "/" + resource_.key.name;
        const std::string target =
            status.run ? status.run->spec.target_version : resource_.spec.target_version;
        text +=
            "   " + (status.before.version.empty() ? "?" : status.before.version) + " → " + target;
        if (status.run) {
            text += "   " + format_time(std::chrono::duration_cast<std::chrono::milliseconds>(
                                status.run->finish_time.value_or(now) - status.run->start_time));
        }
        if (const auto down = downtime(status, now)) text += "   downtime " + format_time(*down);
        return text;
    }

    std::string line_of(const PhaseRow& row, std::size_t width) const {
        std::string text = std::string(" ") + sign(row.mark) + " " + padded(row.name, 18);
        text += padded(row.took ? format_time(*row.took) : "", 10);
        const bool live = row.mark == Mark::Running && progress_;
        text += live ? bar(*progress_, speed_) : row.message;
        text = fit(text, width);
        return colours_ ? colour(row.mark) + text + "\x1b[0m" : text;
    }

    /// Takes away what was drawn last.
    void erase() {
        if (drawn_ > 0) std::cout << "\x1b[" << drawn_ << "A\r\x1b[J";
        drawn_ = 0;
    }

    const bool colours_;
    std::mutex mutex_;
    std::condition_variable_any tick_;
    api::OmsUpgrade resource_;
    std::optional<Progress> progress_;
    Speed speed_;
    bool seen_ = false;
    int drawn_ = 0;
    std::jthread clock_;  // last: it draws what is above
};

}  // namespace

std::unique_ptr<View> make_live_view() {
    return std::make_unique<LiveView>();
}

}  // namespace oms::app
