#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "rewriter/cli/file_set.h"
#include "rewriter/cli/path_pattern.h"
#include "tests/rewriter/cli/folder.h"

namespace metrishift::cli {
namespace {

namespace fs = std::filesystem;

TEST(PathPattern, ReadsLinesAsGitDoes) {
  struct Row {
    const char* line;
    const char* path;
    bool matches;
  };
  const Row rows[] = {
      {"a.yml", "a.yml", true},
      {"a.yml", "x/y/a.yml", true},
      {"/a.yml", "x/a.yml", false},
      {"x/a.yml", "x/a.yml", true},
      {"x/a.yml", "y/x/a.yml", false},
      {"*.yml", "x/a.yml", true},
      {"x/*", "x/y/a", false},
      {"x/**", "x/y/a", true},
      {"x/**", "x", false},
      {"**/a", "a", true},
      {"**/a", "x/y/a", true},
      {"x/**/a", "x/a", true},
      {"x/**/a", "x/y/z/a", true},
      {"x/**/a", "xa", false},
      {"x**/a", "xy/z/a", false},
      {"x**/a", "xy/a", true},
      {"?", "a", true},
      {"?", "ab", false},
      {"[a-c]", "b", true},
      {"[!a-c]", "b", false},
      {"[^a-c]", "d", true},
      {"[]a]", "]", true},
      {"[]-]", "-", true},
      {"[a\\]]", "]", true},
      {"[[:digit:]]x", "7x", true},
      {"[[:digit:]x", "7x", false},
      {"[a", "[a", false},
      {"[[:bad:]]", "b", false},
      {"a\\", "a\\", false},
      {"\\#a", "#a", true},
      {"\\!a", "!a", true},
      {"a\\*", "a*", true},
      {"a\\*", "ab", false},
      {"a  ", "a", true},
      {"a\\ ", "a ", true},
      {"a b", "a b", true},
      {"a.yml", "a\xFFyml", false},
      {"a?b",
       "a\xFF"
       "b",
       true},
      {"x[/]a", "x/a", false},
      {"dir/", "dir", false},
      {"+(a)|{b}", "+(a)|{b}", true},
  };
  for (const Row& row : rows) {
    const auto pattern = PathPattern::Parse(row.line);
    EXPECT_EQ(pattern && pattern->Matches(row.path, false), row.matches)
        << row.line << " and " << row.path;
  }
  for (const char* line : {"", " ", "#a", "/", "!", "!/"})
    EXPECT_FALSE(PathPattern::Parse(line)) << line;
  EXPECT_TRUE(PathPattern::Parse("dir/")->Matches("x/dir", true));
  EXPECT_TRUE(PathPattern::Parse("!a")->negated());
  EXPECT_EQ(ParsePatterns("\xEF\xBB\xBF"
                          "a\r\n\n#b\nc")
                .size(),
            2u);
}

class IgnoreTest : public FolderTest {
 protected:
  // What a command prints, line by line, sorted; run in the folder.
  std::vector<std::string> Lines(const std::string& command) const {
    const std::string all = "cd '" + dir_.string() +
                            "' && GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null " + command;
    std::FILE* pipe = ::popen(all.c_str(), "r");
    std::string text;
    for (int c = std::getc(pipe); c != EOF; c = std::getc(pipe)) text += static_cast<char>(c);
    EXPECT_EQ(::pclose(pipe), 0) << all;
    std::vector<std::string> lines;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\0', begin);
      lines.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    std::ranges::sort(lines);
    return lines;
  }

  std::vector<std::string> Ours(const std::string& folder = "") const {
    std::vector<std::string> names;
    for (const InputFile& file : CollectFiles({Path(folder)}).files)
      names.push_back(fs::path(file.path).lexically_relative(dir_).string());
    std::ranges::sort(names);
    return names;
  }
};

// git says what is right.
TEST_F(IgnoreTest, GitIgnoresTheSame) {
  if (std::system("git --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "git is not there";
  const std::string folders[] = {"", "a/", "b/", "a/a/", "a/b/", "b/a b/", "a/b/a/"};
  for (const std::string& folder : folders) {
    for (const char* name : {"a.yml", "b.yml", "ab.yml", "a b.yml", "[a].yml", "!a.yml"})
      Put(folder + name, "");
  }
  Lines("git init -q .");
  const std::string pieces[] = {"a",    "b",    "a b",  "*",           "?",      "**", "/",
                                "/**/", "[ab]", "[!a]", ".yml",        "!",      "\\", "*.yml",
                                "**/",  "/**",  "\\!",  "[[:alpha:]]", "#",      " ",  "\r",
                                "a/b/", "[a-",  "]",    "[]a]",        "\\[a\\]"};
  std::mt19937 random(1);
  const auto patterns = [&] {
    std::string text;
    for (size_t lines = random() % 4; lines > 0; --lines) {
      if (random() % 4 == 0) text += "!";
      for (size_t n = 1 + random() % 4; n > 0; --n) text += pieces[random() % std::size(pieces)];
      text += "\n";
    }
    return text;
  };
  size_t ignored = 0;
  for (int round = 0; round < 60; ++round) {
    const std::string root = patterns(), inner = patterns(), exclude = patterns();
    Put(".gitignore", root);
    Put("a/.gitignore", inner);
    Put(".git/info/exclude", exclude);
    std::vector<std::string> theirs = Lines("git ls-files -z --others --exclude-standard");
    std::erase_if(theirs, [](const std::string& name) { return name.ends_with(".gitignore"); });
    ignored += std::size(folders) * 6 - theirs.size();
    ASSERT_EQ(Ours(), theirs) << root << "--- a/\n" << inner << "--- exclude\n" << exclude;
    std::erase_if(theirs, [](const std::string& name) { return !name.starts_with("a/b/"); });
    // A folder that is named is looked into, whether it is ignored or not.
    if (theirs.empty()) continue;
    ASSERT_EQ(Ours("a/b"), theirs) << root << "--- a/\n" << inner;
  }
  EXPECT_GT(ignored, 100u);
}

TEST_F(IgnoreTest, RepositoriesWithinEachOtherAndNone) {
  for (const char* name : {"x.yml", "inner/x.yml", "inner/y.yml", "sub/x.yml"}) Put(name, "");
  Put(".gitignore", "x.yml\n");
  EXPECT_EQ(Ours(), std::vector<std::string>{"inner/y.yml"});
  Put("inner/.git", "gitdir: elsewhere\n");
  EXPECT_EQ(Ours(), (std::vector<std::string>{"inner/x.yml", "inner/y.yml"}));
  // Without a repository around it, only what is at and below the folder counts.
  EXPECT_EQ(Ours("sub"), std::vector<std::string>{"sub/x.yml"});
  fs::create_directory(dir_ / ".git");
  EXPECT_EQ(Ours("sub"), std::vector<std::string>{});
  EXPECT_EQ(CollectFiles({Path("sub")}).ignored, 1u);
  EXPECT_EQ(CollectFiles({Path("sub")}, {{}, {}, false}).files.size(), 1u);
}

}  // namespace
}  // namespace metrishift::cli
