#ifndef METRISHIFT_REWRITER_CLI_SPOOL_H_
#define METRISHIFT_REWRITER_CLI_SPOOL_H_

#include <cstdio>
#include <functional>
#include <memory>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace metrishift::cli {

// Keeps a long text until there is a use for it: in a file without a name in /tmp, as far as there
// is one and room in it, and else in memory. Not thread-safe.
class Spool : private std::streambuf {
 public:
  Spool();

  void Add(std::string_view text);

  // What is written to it is added.
  std::ostream& stream() { return stream_; }

  size_t size() const { return in_file_ + rest_.size(); }

  // Gives all of it to `take`, piece by piece. Returns false if the file cannot be read any more.
  bool Give(const std::function<void(std::string_view)>& take) const;

 private:
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int overflow(int c) override;

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::unique_ptr<std::FILE, Close> file_;  // nullptr where there can be none
  size_t in_file_ = 0;                      // bytes
  bool full_ = false;                       // no more goes into it
  std::string rest_;                        // behind those in the file
  std::ostream stream_{this};
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_SPOOL_H_
