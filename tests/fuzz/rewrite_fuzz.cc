// Any bytes as a file of either format: the result differs from the input in the reported edits
// only, and a second run finds nothing to do.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mappings/catalog.h"
#include "rewriter/rewrite/file_rewrite.h"

using metrishift::Mapping;
using metrishift::Outcome;
using metrishift::formats::FileFormat;
using metrishift::rewrite::FileRewrite;
using metrishift::rewrite::RewriteFile;

namespace {

void Check(std::string_view text, FileFormat format, const Mapping& mapping) {
  const Outcome<FileRewrite> rewrite = RewriteFile(text, format, mapping);
  if (!rewrite) {
    for (const auto& diagnostic : rewrite.diagnostics) {
      // A fault of ours, not of the input.
      if (diagnostic.hint.find("fault of metrishift") != std::string::npos) std::abort();
    }
    return;
  }
  for (const auto& finding : rewrite->findings) {
    if (finding.span.begin > finding.span.end || finding.span.end > text.size()) std::abort();
  }
  const Outcome<FileRewrite> twice = RewriteFile(rewrite->text, format, mapping);
  if (!twice || !twice->edits.empty()) std::abort();
  const Outcome<FileRewrite> identity = RewriteFile(text, format, Mapping());
  if (!identity || identity->text != text || !identity->findings.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Mapping mapping =
      metrishift::LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Check(text, FileFormat::kYaml, mapping);
  Check(text, FileFormat::kJson, mapping);
  return 0;
}
