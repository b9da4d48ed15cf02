#include "exporter/http/memory_ceiling.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "tests/exporter/http/test_certificates.h"

namespace metrishift::http {
namespace {

TEST(MemoryCeiling, OfAContainer) {
  struct Row {
    const char* file;
    const char* text;
    std::optional<uint64_t> limit;
  };
  const std::vector<Row> rows = {
      {"memory.max", "100663296\n", 100'663'296},
      {"memory.max", "max\n", {}},
      {"memory/memory.limit_in_bytes", "100663296\n", 100'663'296},
      {"memory/memory.limit_in_bytes", "9223372036854771712\n", {}},
      {"memory.max", "", {}},
      {"memory.max", "99999999999999999999999\n", {}},
      {"memory.min", "100663296\n", {}},
  };
  for (const Row& row : rows) {
    const TestFolder folder;
    const std::string root = std::filesystem::path(folder.Write("x", "")).parent_path();
    std::filesystem::create_directory(root + "/memory");
    folder.Write(row.file, row.text);
    EXPECT_EQ(ContainerMemory(root), row.limit) << row.file << " " << row.text;
  }
}

#ifndef METRISHIFT_SANITIZED

// In a process of its own, since the limit stays.
template <class Body>
int ExitCodeOf(const Body& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(MemoryCeiling, AllocationsFailBelowThatOfTheContainer) {
  constexpr uint64_t kContainer = uint64_t{400} << 20U;
  const auto fits = [](size_t megabytes) {
    void* const memory = std::malloc(megabytes << 20U);
    std::free(memory);
    return memory != nullptr;
  };
  EXPECT_EQ(ExitCodeOf([&] {
              if (LimitDataWithin(kContainer) != kContainer / 4 * 3) return 1;
              if (LimitDataWithin(kContainer / 2)) return 2;  // there is one already
              return fits(200) && !fits(300) ? 0 : 3;
            }),
            0);
  EXPECT_EQ(ExitCodeOf([] { return LimitDataWithin(1) == uint64_t{32} << 20U ? 0 : 1; }), 0);
}

#endif

}  // namespace
}  // namespace metrishift::http
