#pragma once

#include "api/oms_upgrade.hpp"
#include "base/progress.hpp"
#include "options.hpp"

#include <memory>

namespace oms::app {

/// Shows a person, or a program, how an upgrade goes. Told from any thread.
class View {
public:
    virtual ~View() = default;

    /// A status became durable.
    virtual void on_record(const api::OmsUpgrade&) = 0;

    /// A long call came further.
    virtual void on_progress(const Progress&) = 0;

    /// Nothing more will come: `resource` is how it stands, `note` what to do about it, if any.
    virtual void on_end(const api::OmsUpgrade& resource, const std::string& note) = 0;
};

/// A live list of phases on a terminal, lines where the output goes elsewhere, objects with Json.
std::unique_ptr<View> make_view(Output);

std::unique_ptr<View> make_live_view();
std::unique_ptr<View> make_text_view();
std::unique_ptr<View> make_json_view();

}  // namespace oms::app
