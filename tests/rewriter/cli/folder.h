#ifndef METRISHIFT_TESTS_REWRITER_CLI_FOLDER_H_
#define METRISHIFT_TESTS_REWRITER_CLI_FOLDER_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/file.h"

namespace metrishift::cli {

// A folder of its own for each test.
class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::string name = (std::filesystem::temp_directory_path() / "metrishift-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }
  ~FolderTest() override { std::filesystem::remove_all(dir_); }

  std::string Path(const std::string& name) const { return (dir_ / name).string(); }

  std::string Put(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name, std::ios::binary) << text;
    return Path(name);
  }

  static std::string Get(const std::string& path) {
    std::string why;
    return ReadFile(path, &why).value_or("error: " + why);
  }

  std::filesystem::path dir_;
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_TESTS_REWRITER_CLI_FOLDER_H_
