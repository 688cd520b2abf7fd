#pragma once

#include "http/transport.hpp"

#include <memory>
#include <string_view>

namespace oms::http {

/// Makes a Response out of the bytes of one answer, however they are cut.
class AnswerParser {
public:
    /// `on_bytes` may be null: the body is kept then. `request` and `*on_bytes` must outlive this.
    AnswerParser(const Request& request, const OnBytes* on_bytes);
    ~AnswerParser();

    /// Throws Terminal when this is not HTTP, or more than its limits allow.
    void feed(std::string_view bytes);

    /// The other side has closed. Throws Transient when the answer is not whole.
    void feed_end();

    bool heard_any() const;  // at least one byte
    bool refused() const;    // a head has come, and its status is not a 2xx
    bool done() const;       // the answer is whole, or the reader of the stream had enough
    bool reusable() const;   // the answer is whole, and the connection stays open
    Response take();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace oms::http
