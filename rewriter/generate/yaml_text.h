#ifndef METRISHIFT_REWRITER_GENERATE_YAML_TEXT_H_
#define METRISHIFT_REWRITER_GENERATE_YAML_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace metrishift::generate {

// `text`, which is UTF-8, as a YAML scalar on one line that every reader takes for this very
// string: plain where that is safe as the value of a key or an item of a list, quoted otherwise.
std::string YamlScalar(std::string_view text);

// `text` as comment lines, `indent` blanks in, each at most 100 bytes where its words allow it.
// Line breaks in it become blanks, control characters '?': nothing gets out of the comment.
std::string YamlComment(std::string_view text, size_t indent = 0);

}  // namespace metrishift::generate

#endif  // METRISHIFT_REWRITER_GENERATE_YAML_TEXT_H_
