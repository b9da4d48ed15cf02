#include "rewriter/rewrite/code_query.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "mappings/catalog.h"

namespace metrishift::rewrite {
namespace {

TEST(ClearQueries, Table) {
  const Mapping etcd = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  // O stands for the deprecated name; the last one of a row is asked for.
  const std::pair<std::string, bool> rows[] = {
      {"var q = \"rate(O[5m])\"", true},
      {"a\nq: 'sum(O) by (a)', b\n", true},
      {"q(`O{a=\"b\"} > 5`)", true},
      {"f(\"x y\", \"O{a=\\\"b\\\"} > 5\", c)", true},
      {"\"rate(O[5m])\" + \"rate(O[5m])\"", true},
      {"\"see O\" + \"rate(O[5m]) + O\"", true},
      {"\"rate(O[5m])\" + \"see O and O\"", false},
      {"q = `rate(O{a=\"${b}\"}[$__interval])`", true},
      {"q = \"sum by (a) (O)\"", true},
      {"q = \"O\"", false},
      {"q = \"O - x\"", false},
      {"q = \"(O)\"", false},
      {"log(\"metric O is gone\")", false},
      {"q = \"rate(O{job=%q}[5m])\"", false},
      {"q = \"see(O)\"", false},
      {"q = \"rate(O[5m])\\n\"", false},
      {"q = \"rate(O[5m]) # O\"", false},
      {"q = \"label_replace(O, 'a', 'O', '', '')\"", false},
      {"// q = \"rate(O[5m])\"", false},
      {"# \"rate(O[5m])\"", false},
      {"isn't \"rate(O[5m])\"", false},
      {"q = \"rate(O[5m])", false},
      {"rate(O[5m])", false},
      {"x{\"O\"}", false},
      {std::string(5000, ' ') + "q = \"rate(O[5m])\"", false},
  };
  for (const auto& [row, clear] : rows) {
    std::string text = row;
    const std::string name = "etcd_debugging_mvcc_put_total";
    for (size_t at = text.find('O'); at != text.npos; at = text.find('O', at))
      text.replace(at, 1, name);
    ClearQueries queries(text, etcd);
    bool last = false;
    for (size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1))
      last = queries.Has({at, at + name.size()});
    EXPECT_EQ(last, clear) << row;
  }
}

}  // namespace
}  // namespace metrishift::rewrite
