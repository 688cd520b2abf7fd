#include "phase_rows.hpp"
#include "view.hpp"

#include <iostream>
#include <mutex>

namespace oms::app {
namespace {

/// How often a long call is reported while nothing else happens.
constexpr std::chrono::seconds kProgressEvery{10};

/// One line for each change, for logs and pipes.
class TextView final : public View {
public:
    void on_record(const api::OmsUpgrade& resource) override {
        const std::lock_guard guard(mutex_);
        const api::Status& status = resource.status;
        if (status.findings != findings_) {
            findings_ = status.findings;
            for (const auto& finding : findings_)
                for (const auto& text : finding_lines(finding)) line(text);
        }
        steps_of(status);
    }

    void on_progress(const Progress& progress) override {
        const std::lock_guard guard(mutex_);
        const Time now = Clock::now();
        if (now - last_line_ < kProgressEvery) return;
        std::string text = "  " + progress.what;
        if (progress.unit == "bytes") {
            text += ": " + format_bytes(progress.done);
            if (progress.total != 0) text += " of " + format_bytes(progress.total);
        }
        line(text);
    }

    void on_end(const api::OmsUpgrade& resource, const std::string& note) override {
        const std::lock_guard guard(mutex_);
        for (const auto& text : closing_lines(resource)) line(text);
        if (!note.empty()) line(note);
    }

private:
    void steps_of(const api::Status& status) {
        // A new run has fewer steps than were told of the old one.
        if (status.steps.size() < told_) told_ = 0;
        for (; told_ < status.steps.size(); ++told_) {
            if (told_ > 0) step(status.steps[told_ - 1]);
            last_message_.clear();
        }
        if (!status.steps.empty()) step(status.steps.back());
    }

    void step(const api::Step& step) {
        std::string text = (step.goal == api::Goal::Reverted ? "undo " : "") + step.name;
        switch (step.state) {
            case api::StepState::Running:
                if (step.message.empty()) return;
                text += ": " + step.message;
                break;
            case api::StepState::Done:
                text += " done";
                break;
            case api::StepState::Failed:
                text += " FAILED: " + step.message;
                break;
        }
        if (step.finish_time) {
            text += " (" +
                    format_time(std::chrono::duration_cast<std::chrono::milliseconds>(
                        *step.finish_time - step.start_time)) +
                    ")";
        }
        if (text == last_message_) return;
        last_message_ = text;
        line(text);
    }

    void line(const std::string& text) {
        last_line_ = Clock::now();
        std::cout << to_rfc3339(last_line_).substr(0, 19) << "Z " << text << std::endl;
    }

    std::mutex mutex_;
    std::vector<api::Finding> findings_;
    std::size_t told_ = 0;
    std::string last_message_;
    Time last_line_{};
};

}  // namespace

std::unique_ptr<View> make_text_view() {
    return std::make_unique<TextView>();
}

}  // namespace oms::app
