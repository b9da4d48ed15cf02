#include "rewriter/cli/file_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/file.h"

namespace metrishift::cli {
namespace {

namespace fs = std::filesystem;

class FileSetTest : public testing::Test {
 protected:
  FileSetTest() {
    std::string name = (fs::temp_directory_path() / "metrishift-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }
  ~FileSetTest() override { fs::remove_all(dir_); }

  std::string Path(const std::string& name) const { return (dir_ / name).string(); }

  std::string Put(const std::string& name, const std::string& text) const {
    fs::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name, std::ios::binary) << text;
    return Path(name);
  }

  static std::string Get(const std::string& path) {
    std::string why;
    return ReadFile(path, &why).value_or("error: " + why);
  }

  std::vector<std::string> Names(const FileSet& set) const {
    std::vector<std::string> names;
    for (const InputFile& file : set.files) names.push_back(fs::relative(file.path, dir_).string());
    return names;
  }

  fs::path dir_;
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

TEST_F(FileSetTest, ReplaceRefusesWhatIsNoRegularFile) {
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(ReplaceFile(Path("pipe"), "", "new"), "is no regular file");
}

TEST_F(FileSetTest, ReplaceKeepsTheGroupInAFolderThatPassesOnItsOwn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  ASSERT_EQ(::chown(dir_.c_str(), 0, 1), 0);
  const std::string path = Put("f.yml", "old");
  ASSERT_EQ(::chmod(dir_.c_str(), 02755), 0);
  EXPECT_EQ(ReplaceFile(path, "old", "new"), std::nullopt);
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_gid, ::getegid());
}

TEST_F(FileSetTest, ReplaceKeepsModeAndLeavesNothingBehind) {
  const std::string path = Put("f.yml", "old");
  ::chmod(path.c_str(), 0604);
  EXPECT_EQ(ReplaceFile(path, "old", "new"), std::nullopt);
  EXPECT_EQ(Get(path), "new");
  EXPECT_EQ(static_cast<unsigned>(fs::status(path).permissions()), 0604u);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 1);
}

TEST_F(FileSetTest, ReplaceFollowsALink) {
  const std::string target = Put("target", "old");
  fs::create_symlink("target", dir_ / "link");
  EXPECT_EQ(ReplaceFile(Path("link"), "old", "new"), std::nullopt);
  EXPECT_TRUE(fs::is_symlink(dir_ / "link"));
  EXPECT_EQ(Get(target), "new");
}

TEST_F(FileSetTest, ReplaceRefusesWhenTheFileHasChanged) {
  const std::string path = Put("f.yml", "edited meanwhile");
  EXPECT_EQ(ReplaceFile(path, "old", "new"), "changed since it was read");
  EXPECT_EQ(Get(path), "edited meanwhile");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 1);
}

TEST_F(FileSetTest, ReplaceOfAMissingFileSaysSo) {
  EXPECT_THAT(ReplaceFile(Path("none"), "", "x").value_or(""), testing::HasSubstr("No such file"));
}

TEST_F(FileSetTest, WriteFileMakesOrReplaces) {
  const mode_t mask = ::umask(027);
  EXPECT_EQ(WriteFile(Path("new.yml"), "one\n"), std::nullopt);
  ::umask(mask);
  EXPECT_EQ(Get(Path("new.yml")), "one\n");
  struct stat made {};
  ASSERT_EQ(::stat(Path("new.yml").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777, 0640u);

  ASSERT_EQ(::chmod(Path("new.yml").c_str(), 0604), 0);
  fs::create_symlink("new.yml", dir_ / "link.yml");
  EXPECT_EQ(WriteFile(Path("link.yml"), "two\n"), std::nullopt);
  EXPECT_EQ(Get(Path("new.yml")), "two\n");
  ASSERT_EQ(::lstat(Path("link.yml").c_str(), &made), 0);
  EXPECT_TRUE(S_ISLNK(made.st_mode));
  ASSERT_EQ(::stat(Path("new.yml").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777, 0604u);
}

TEST_F(FileSetTest, WriteFileLeavesWhatIsTheSame) {
  const std::string path = Put("same.yml", "text");
  struct stat before {};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  EXPECT_EQ(WriteFile(path, "text"), std::nullopt);
  struct stat after {};
  ASSERT_EQ(::stat(path.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(FileSetTest, WriteFileSaysWhatIsWrong) {
  EXPECT_NE(WriteFile(dir_.string(), "text"), std::nullopt);
  EXPECT_NE(WriteFile(Path("missing/x"), "text"), std::nullopt);
  EXPECT_NE(WriteFile(Put("file", "") + "/x", "text"), std::nullopt);
  EXPECT_NE(WriteFile("", "text"), std::nullopt);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace metrishift::cli
