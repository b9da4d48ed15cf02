#include "rewriter/cli/columns.h"

#include <algorithm>
#include <ostream>

namespace metrishift::cli {

void PrintColumns(const std::vector<Row>& rows, std::ostream& out) {
  std::vector<size_t> widths(rows.front().size());
  std::vector<bool> filled(rows.front().size());
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
      filled[i] = filled[i] || rows.size() == 1 || (&row != &rows.front() && !row[i].empty());
    }
  }
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (filled[i]) line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
    out << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
  }
}

void PrintMarkdown(const std::vector<Row>& rows, std::ostream& out) {
  for (const Row& row : rows) {
    for (const std::string& cell : row) out << "| " << cell << (cell.empty() ? "" : " ");
    out << "|\n";
    if (&row != &rows.front()) continue;
    for (size_t i = 0; i < row.size(); ++i) out << "|---";
    out << "|\n";
  }
}

}  // namespace metrishift::cli
