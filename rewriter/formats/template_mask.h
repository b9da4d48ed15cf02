#ifndef METRISHIFT_REWRITER_FORMATS_TEMPLATE_MASK_H_
#define METRISHIFT_REWRITER_FORMATS_TEMPLATE_MASK_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "rewriter/formats/source_map.h"

namespace metrishift::formats {

// Helm charts and files for Ansible are YAML or JSON only once they are rendered. A mask of such a
// text has every byte of a template action replaced, so that what is left can be read as what it is
// going to be, and every offset means the same in both:
//
//   expr: up{job="{{ .Values.job }}"}        expr: up{job="11111111111111111"}
//   {{- if .Values.etcd }}
//   - alert: A                               - alert: A
//
// Actions: {{ ... }} (also with strings and comments that hold braces), {% ... %}, {# ... #}. What
// decides something (if, range, end, ...) or stands alone on its line becomes blanks, any other a
// run of digits, which is right as a key, as a value and within either. Of an action that only
// writes out a string, {{`{"panels": ...}`}}, the string stays.
struct TemplateMask {
  struct Region {
    FileSpan span;
    bool blank = false;
  };
  std::string text;
  std::vector<Region> regions;  // in order, disjoint
};

// The length of the action that begins at `at`; 0 when none does or it does not end.
size_t ActionLength(std::string_view text, size_t at);

// Nothing when `text` has no actions. Linear in the size of `text`. Thread-safe.
std::optional<TemplateMask> MaskTemplate(std::string_view text);

// `scalar`, decoded from the mask, with the bytes of `original` in the place of digits. Blanks stay
// blanks: pieces that are not verbatim.
DecodedScalar Unmask(const DecodedScalar& scalar, const TemplateMask& mask,
                     std::string_view original);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_TEMPLATE_MASK_H_
