#ifndef METRISHIFT_REWRITER_CLI_SPOOL_H_
#define METRISHIFT_REWRITER_CLI_SPOOL_H_

#include <cstdio>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace metrishift::cli {

// Keeps a long text until what comes before it is known: in a file without a name in /tmp, as far
// as there is one and room in it, and else in memory. Not thread-safe.
class Spool {
 public:
  Spool();

  void Add(std::string_view text);

  // Writes all of it to `out`. Returns false if the file cannot be read any more.
  bool CopyTo(std::ostream& out) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::unique_ptr<std::FILE, Close> file_;  // nullptr where there can be none
  size_t in_file_ = 0;                      // bytes
  bool full_ = false;                       // no more goes into it
  std::string rest_;                        // behind those in the file
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_SPOOL_H_
