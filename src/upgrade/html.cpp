#include "upgrade/html.hpp"

namespace oms::upgrade::html {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --line: #8884; --bar: #3b82c4; --back: #c4803b; --down: #d9534f22; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { border: 1px solid var(--line); padding: .6rem; white-space: pre-wrap; }
.outcome { display: inline-block; padding: .1rem .7rem; border-radius: 1rem; color: #fff; background: #777; }
.Succeeded { background: #2e7d32; } .RolledBack { background: #b26a00; }
.Failed, .Refused { background: #b3261e; }
.removed { background: #d9534f33; } .added { background: #2e7d3233; } .quiet { opacity: .7; }
.track { position: relative; min-width: 18rem; height: 1.1rem; background: var(--down); }
.track i { position: absolute; top: .15rem; bottom: .15rem; min-width: 2px; background: var(--bar); }
.track i.Reverted { background: var(--back); }
.track b { position: absolute; top: -.2rem; bottom: -.2rem; width: 1px; background: currentColor; }
)";

}  // namespace

std::string escape(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            case '\'':
                safe += "&#39;";
                break;
            default:
                safe += c;
        }
    }
    return safe;
}

std::string element(std::string_view tag, std::string_view text, std::string_view css_class) {
    std::string out = "<" + std::string(tag);
    if (!css_class.empty()) out += " class=\"" + escape(css_class) + "\"";
    return out + ">" + escape(text) + "</" + std::string(tag) + ">";
}

std::string table(std::string_view heading,
                  std::initializer_list<std::string_view> columns,
                  const std::vector<std::vector<std::string>>& rows,
                  std::string_view none) {
    std::string out = element("h2", heading) + "\n";
    if (rows.empty()) return out + element("p", none, "quiet") + "\n";
    out += "<table><thead><tr>";
    for (const auto column : columns) out += element("th", column);
    out += "</tr></thead><tbody>\n";
    for (const auto& row : rows) {
        out += "<tr>";
        for (const auto& cell : row) out += "<td>" + cell + "</td>";
        out += "</tr>\n";
    }
    return out + "</tbody></table>\n";
}

std::string page(std::string_view title, std::string_view body) {
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width\">\n" +
           element("title", title) + "\n<style>" + std::string(kStyle) +
           "</style></head>\n<body>\n" + std::string(body) + "</body></html>\n";
}

}  // namespace oms::upgrade::html
