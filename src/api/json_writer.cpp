#include "api/json_writer.hpp"

#include "api/json.hpp"
#include "base/error.hpp"
#include "base/utf8.hpp"

#include <chrono>

namespace oms::api {

std::string JsonWriter::write_time(Time time, Form form) {
    if (form != Form::Seconds) return to_rfc3339(time);
    std::string text = to_rfc3339(std::chrono::floor<std::chrono::seconds>(time));
    return text.erase(text.find('.')) + "Z";
}

std::string JsonWriter::write_text(const std::string& text, Form form) {
    if (form == Form::Prose) return as_prose(text, kProseBytesMax);
    if (!is_utf8(text)) {
        throw Terminal("cannot keep the text \"" + as_prose(text, 200) +
                       "\" in a resource: it holds bytes that are not UTF-8");
    }
    return text;
}

}  // namespace oms::api
