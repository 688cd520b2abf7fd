#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace oms::upgrade::html {

/// The text with the five characters replaced that mean something to HTML.
std::string escape(std::string_view text);

/// "<tag class>escaped text</tag>".
std::string element(std::string_view tag, std::string_view text, std::string_view css_class = "");

/// A heading and a table, or the heading and `none` when there are no rows. Cells are HTML already.
std::string table(std::string_view heading,
                  std::initializer_list<std::string_view> columns,
                  const std::vector<std::vector<std::string>>& rows,
                  std::string_view none = "");

/// The page around a body, with its styles.
std::string page(std::string_view title, std::string_view body);

}  // namespace oms::upgrade::html
