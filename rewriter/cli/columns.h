#ifndef METRISHIFT_REWRITER_CLI_COLUMNS_H_
#define METRISHIFT_REWRITER_CLI_COLUMNS_H_

#include <iosfwd>
#include <string>
#include <vector>

namespace metrishift::cli {

using Row = std::vector<std::string>;

// Prints rows of as many cells as the first, which has the headings: columns as wide as their
// widest cell, two blanks apart. A column that is empty but for its heading is left out. REQUIRES:
// there is a row.
void PrintColumns(const std::vector<Row>& rows, std::ostream& out);

// The same as a table in Markdown.
void PrintMarkdown(const std::vector<Row>& rows, std::ostream& out);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_COLUMNS_H_
