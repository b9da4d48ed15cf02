#ifndef METRISHIFT_REWRITER_REWRITE_SHARED_TEXT_H_
#define METRISHIFT_REWRITER_REWRITE_SHARED_TEXT_H_

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace metrishift::rewrite {

// A text that does not change and that many have: a copy costs no memory. Thread-safe as an int is.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text)  // NOLINT(google-explicit-constructor): it is one
      : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}  // NOLINT: likewise

  const std::string& text() const {
    static const std::string empty;
    return text_ == nullptr ? empty : *text_;
  }
  operator std::string_view() const { return text(); }  // NOLINT: likewise
  bool empty() const { return text_ == nullptr; }

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.text() == b.text(); }

 private:
  std::shared_ptr<const std::string> text_;
};

// Makes one of texts that are equal. Not thread-safe; what it gives outlives it.
class SharedTexts {
 public:
  SharedText Share(std::string text) { return *texts_.emplace(std::move(text)).first; }

 private:
  struct Hash {
    size_t operator()(const SharedText& text) const { return std::hash<std::string_view>()(text); }
  };

  std::unordered_set<SharedText, Hash> texts_;
};

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_SHARED_TEXT_H_
