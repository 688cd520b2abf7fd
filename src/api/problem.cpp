#include "api/problem.hpp"

#include <utility>

namespace oms::api {
namespace {

std::string tell(std::string_view source, const std::vector<Problem>& problems) {
    if (problems.size() == 1) return std::string(source) + ": " + to_string(problems.front());
    std::string text = std::string(source) + ": " + std::to_string(problems.size()) + " problems:";
    for (const Problem& problem : problems) text += "\n  " + to_string(problem);
    return text;
}

}  // namespace

std::string to_string(const Problem& problem) {
    std::string text;
    if (problem.line > 0) text += "line " + std::to_string(problem.line) + ": ";
    if (!problem.path.empty()) text += problem.path + ": ";
    return text + problem.message;
}

BadManifest::BadManifest(std::string_view source, std::vector<Problem> found)
    : Terminal(tell(source, found)), problems(std::move(found)) {}

}  // namespace oms::api
