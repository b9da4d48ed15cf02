#include "rewriter/cli/file_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <utility>

#include "tests/rewriter/cli/folder.h"

namespace metrishift::cli {
namespace {

namespace fs = std::filesystem;

class FileSetTest : public FolderTest {
 protected:
  std::vector<std::string> Names(const FileSet& set) const {
    std::vector<std::string> names;
    for (const InputFile& file : set.files)
      names.push_back(fs::path(file.path).lexically_proximate(dir_).string());
    return names;
  }
};

TEST_F(FileSetTest, FoldersAreSearchedInOrderWithoutHiddenOnesAndLinks) {
  for (const char* name :
       {"b.yml", "a/x.json", "a/x.txt", ".git/c.yaml", "a/.hidden.yml", "c.rules"})
    Put(name, "");
  fs::create_directory_symlink(dir_, dir_ / "a" / "loop");
  const FileSet set = CollectFiles({dir_.string()});
  EXPECT_THAT(Names(set), testing::ElementsAre("a/.hidden.yml", "a/x.json", "b.yml", "c.rules"));
  EXPECT_TRUE(set.errors.empty());
}

TEST_F(FileSetTest, NamedFilesComeWhateverTheirNameAndOnce) {
  const std::string path = Put("rules.txt", "");
  const FileSet set = CollectFiles({path, dir_.string() + "/./rules.txt", Path("missing")});
  ASSERT_EQ(set.files.size(), 2u);
  EXPECT_TRUE(set.files[0].named);
  EXPECT_EQ(set.files[1].path, Path("missing"));
}

TEST_F(FileSetTest, DotDotBehindALinkLeadsWhereTheSystemSays) {
  Put("far/sub/x", "");
  Put("far/f.yml", "");
  fs::create_directory_symlink("far/sub", dir_ / "link");
  for (const char* path : {"/link/../f.yml", "/link/.."}) {
    const FileSet set = CollectFiles({dir_.string() + path});
    ASSERT_EQ(set.files.size(), 1u) << path;
    EXPECT_TRUE(fs::equivalent(set.files[0].path, Path("far/f.yml"))) << path;
  }
}

TEST_F(FileSetTest, LinksThatCannotBeFollowedAreErrorsThoseThatLeadNowhereAreNot) {
  fs::create_symlink("a.yml", dir_ / "a.yml");
  fs::create_symlink("b.yml", dir_ / "b.yml");
  fs::create_symlink("c.txt", dir_ / "c.txt");
  fs::create_symlink("nowhere", dir_ / "d.yml");
  EXPECT_EQ(CollectFiles({dir_.string()}).errors.size(), 2u);
  EXPECT_EQ(CollectFiles({Path("a.yml"), Path("b.yml")}).files.size(), 2u);
}

TEST_F(FileSetTest, GlobsStandForWhatTheyMatch) {
  for (const char* name : {"r/a.yml", "r/b.txt", "r/s/c.yml", "r/s/t/d.yml", "r/s/t/e.txt",
                           "r/.hid/f.yml", "x[1].yml", "x1.yml"})
    Put(name, "");
  const std::pair<std::string, std::vector<std::string>> rows[] = {
      {"r/*", {"r/a.yml", "r/s/c.yml", "r/s/t/d.yml"}},
      {"r/*.yml", {"r/a.yml"}},
      {"r/*.txt", {"r/b.txt"}},
      {"r/**/*.yml", {"r/a.yml", "r/s/c.yml", "r/s/t/d.yml"}},
      {"r/**", {"r/a.yml", "r/s/c.yml", "r/s/t/d.yml"}},
      {"**/*.txt", {"r/b.txt", "r/s/t/e.txt"}},
      {"*/s/?.y[a-z]l", {"r/s/c.yml"}},
      {"r/*/t", {"r/s/t/d.yml"}},
      {"r/s/../*.txt", {"r/s/../b.txt"}},
      {"x[1].yml", {"x[1].yml"}},  // it is there
      {"x[12].yml", {"x1.yml"}},
      {"r/.hid/*", {"r/.hid/f.yml"}},
      {"x[1", {"x[1"}},  // no glob: a file that is missing
  };
  for (const auto& [glob, names] : rows) {
    const FileSet set = CollectFiles({Path(glob)});
    EXPECT_EQ(Names(set), names) << glob;
    EXPECT_TRUE(set.errors.empty()) << glob;
  }
  for (const char* glob : {"r/*.json", "none/*", "r/*/*/*/*", "r/.h*/f.yml"}) {
    const FileSet set = CollectFiles({Path(glob)});
    ASSERT_EQ(set.errors.size(), 1u) << glob;
    EXPECT_EQ(set.errors.front().message, "no file matches");
  }
}

TEST_F(FileSetTest, IncludeAndExcludeAreAboutPaths) {
  for (const char* name : {"r/a.yml", "r/b.txt", "r/old/c.yml", "s/old.yml"}) Put(name, "");
  const fs::path before = fs::current_path();
  fs::current_path(dir_);
  struct Row {
    WalkOptions options;
    std::vector<std::string> names;
  };
  const Row rows[] = {
      {{{"*.txt"}, {}}, {"r/b.txt"}},
      {{{"r/*", "old.yml"}, {}}, {"r/a.yml", "r/b.txt", "s/old.yml"}},
      {{{}, {"old"}}, {"r/a.yml", "s/old.yml"}},
      {{{}, {"r/old/"}}, {"r/a.yml", "s/old.yml"}},
      {{{}, {"/s/*", "**/c.yml"}}, {"r/a.yml"}},
      {{{"*.yml"}, {"a.*"}}, {"r/old/c.yml", "s/old.yml"}},
  };
  for (const Row& row : rows) EXPECT_EQ(Names(CollectFiles({"."}, row.options)), row.names);
  // Named files, too.
  const WalkOptions options{{"*.yml"}, {"old.yml"}};
  EXPECT_EQ(Names(CollectFiles({"r/a.yml", "r/b.txt", "s/old.yml"}, options)),
            std::vector<std::string>{"r/a.yml"});
  fs::current_path(before);
}

TEST_F(FileSetTest, HardLinksAreFilesOfTheirOwnOtherLinksAreNot) {
  Put("a.yml", "");
  fs::create_hard_link(dir_ / "a.yml", dir_ / "b.yml");
  fs::create_symlink("a.yml", dir_ / "c.yml");
  Put("d.yml", "");
  fs::create_symlink("d.yml", dir_ / "e.yml");
  EXPECT_THAT(Names(CollectFiles({dir_.string(), Path("b.yml")})),
              testing::ElementsAre("a.yml", "b.yml", "d.yml"));
}

TEST_F(FileSetTest, StandardInputIsOneOfThem) {
  const FileSet set = CollectFiles({"-", "-"});
  ASSERT_EQ(set.files.size(), 1u);
  EXPECT_TRUE(set.files[0].named);
}

}  // namespace
}  // namespace metrishift::cli
