#include "rewriter/cli/write_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>

#include "tests/rewriter/cli/folder.h"

namespace metrishift::cli {
namespace {

namespace fs = std::filesystem;

class WriteFileTest : public FolderTest {};

TEST_F(WriteFileTest, ReplaceRefusesWhatIsNoRegularFile) {
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(ReplaceFile(Path("pipe"), "", "new"), "is no regular file");
}

TEST_F(WriteFileTest, ReplaceRefusesWhatIsReadOnly) {
  const std::string path = Put("f.yml", "old");
  ASSERT_EQ(::chmod(path.c_str(), 0444), 0);
  // Root may write everything: be somebody else for a moment.
  const bool root = ::geteuid() == 0;
  ASSERT_EQ(::chmod(dir_.c_str(), 0777), 0);
  ASSERT_EQ(root ? ::seteuid(65534) : 0, 0);
  const std::optional<std::string> error = ReplaceFile(path, "old", "new");
  ASSERT_EQ(root ? ::seteuid(0) : 0, 0);
  EXPECT_EQ(error, "is read-only");
  EXPECT_EQ(Get(path), "old");
}

TEST_F(WriteFileTest, ReplaceTakesTheLongestNames) {
  const std::string path = Put(std::string(251, 'a') + ".yml", "old");
  EXPECT_EQ(ReplaceFile(path, "old", "new"), std::nullopt);
  EXPECT_EQ(Get(path), "new");
}

TEST_F(WriteFileTest, ReplaceKeepsTheGroupInAFolderThatPassesOnItsOwn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  ASSERT_EQ(::chown(dir_.c_str(), 0, 1), 0);
  const std::string path = Put("f.yml", "old");
  ASSERT_EQ(::chmod(dir_.c_str(), 02755), 0);
  EXPECT_EQ(ReplaceFile(path, "old", "new"), std::nullopt);
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_gid, ::getegid());
}

TEST_F(WriteFileTest, ReplaceKeepsModeAndLeavesNothingBehind) {
  const std::string path = Put("f.yml", "old");
  ::chmod(path.c_str(), 0604);
  EXPECT_EQ(ReplaceFile(path, "old", "new"), std::nullopt);
  EXPECT_EQ(Get(path), "new");
  EXPECT_EQ(static_cast<unsigned>(fs::status(path).permissions()), 0604u);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 1);
}

TEST_F(WriteFileTest, ReplaceFollowsALink) {
  const std::string target = Put("target", "old");
  fs::create_symlink("target", dir_ / "link");
  EXPECT_EQ(ReplaceFile(Path("link"), "old", "new"), std::nullopt);
  EXPECT_TRUE(fs::is_symlink(dir_ / "link"));
  EXPECT_EQ(Get(target), "new");
}

TEST_F(WriteFileTest, ReplaceRefusesWhenTheFileHasChanged) {
  const std::string path = Put("f.yml", "edited meanwhile");
  EXPECT_EQ(ReplaceFile(path, "old", "new"), "changed since it was read");
  EXPECT_EQ(Get(path), "edited meanwhile");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 1);
}

TEST_F(WriteFileTest, ReplaceOfAMissingFileSaysSo) {
  EXPECT_THAT(ReplaceFile(Path("none"), "", "x").value_or(""), testing::HasSubstr("No such file"));
}

TEST_F(WriteFileTest, WriteFileMakesOrReplaces) {
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

TEST_F(WriteFileTest, WriteFileLeavesWhatIsTheSame) {
  const std::string path = Put("same.yml", "text");
  struct stat before {};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  EXPECT_EQ(WriteFile(path, "text"), std::nullopt);
  struct stat after {};
  ASSERT_EQ(::stat(path.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(WriteFileTest, WriteFileSaysWhatIsWrong) {
  EXPECT_NE(WriteFile(dir_.string(), "text"), std::nullopt);
  EXPECT_NE(WriteFile(Path("missing/x"), "text"), std::nullopt);
  EXPECT_NE(WriteFile(Put("file", "") + "/x", "text"), std::nullopt);
  EXPECT_NE(WriteFile("", "text"), std::nullopt);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace metrishift::cli
