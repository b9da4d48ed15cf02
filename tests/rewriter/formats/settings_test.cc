#include "rewriter/formats/settings.h"

#include <gtest/gtest.h>

namespace metrishift::formats {
namespace {

const Program kProgram{"etcd", "ETCD_", {"2379"}, {"data-dir", "name", "wal-dir"}, {"log-outputs"}};

// Every setting as "NAME=VALUE", those of the same process without a bar between.
std::string Found(FileFormat format, std::string_view text) {
  std::string out;
  size_t owner = 0;
  for (const Setting& setting : FindSettings(format, text, kProgram).settings) {
    if (!out.empty()) out += setting.owner == owner ? " " : " | ";
    owner = setting.owner;
    EXPECT_EQ(text.substr(setting.name_span.begin, setting.name_span.size()), setting.name);
    out += setting.name + (setting.value ? (setting.joined ? "=" : " ") + *setting.value : "");
  }
  return out;
}

TEST(FindSettings, OnlyWhereTheTextIsAboutTheProgram) {
  struct Row {
    FileFormat format;
    std::string_view text;
    std::string_view settings;
  };
  constexpr FileFormat kShell = FileFormat::kShell;
  constexpr FileFormat kYaml = FileFormat::kYaml;
  const Row rows[] = {
      {kShell, "etcd --a --b=c -d e\n", "a b=c d e"},
      {kShell, "/usr/bin/etcd --a\nexec ./etcd --b\n\"$BIN/etcd\" --c\n${ETCD_BIN} --d",
       "a | b | c | d"},
      {kShell, "etcdctl --a; etcd-backup --b; myetcd --c; echo etcd --d; helm install etcd --e",
       ""},
      {kShell, "sudo -u etcd etcd --a; docker run --name etcd --b img/etcd:v3 --c", "a | c"},
      {kShell, "if ! etcd --a; then etcd --b & fi", "a | b"},
      {kShell, "bash -c 'etcd --a; x --b'", "a"},
      {kShell, "ETCD_A=1 OTHER=2 etcd --a\nexport ETCD_B=3\nETCDCTL_C=4", "ETCD_A=1 a | ETCD_B=3"},
      {kShell, "ETCD_OPTS='--a --b=c'\nETCD_MORE=(--d)\nOPTS='--e'", "a b=c d"},
      {kShell,
       "# etcd --a\n[Service]\n; etcd\nExecStart=@/usr/bin/etcd etcd --a \\\n --b\nX=etcd --c",
       "a b"},
      {kShell, "A=b\nETCD_C=\"d e\"\nETCD_F=g\n", "ETCD_C=d e ETCD_F=g"},
      {kYaml, "image: q/etcd:3\nargs: [--a, \"--b=c\"]", "a b=c"},
      {kYaml, "image: q/other:3\nargs: [--a, etcd]", ""},
      {kYaml, "image: q/etcd:3\ncommand: [etcdctl, --a]", ""},
      {kYaml, "command: [sh, -c, 'exec etcd --a']", "a"},
      {kYaml, "- env: [{name: ETCD_A, value: b}]\n- environment: {ETCD_C: d}\n- [ETCD_E=f]",
       "ETCD_A=b | ETCD_C=d | ETCD_E=f"},
      {kYaml, "etcd: {local: {extraArgs: {a: b}}}\napi: {local: {extraArgs: {c: d}}}", "a=b"},
      {kYaml, "name: etcd\ndata-dir: x\nlog: [y]", "name=etcd data-dir=x log"},
      {kYaml, "name: etcd\ndebug: true", ""},
      {kYaml, "script: etcd --a\ndescription: etcd --b\ntext: etcd --c", "a"},
      {FileFormat::kJson, R"({"image": "etcd:3", "args": ["--a=b"]})", "a=b"},
      {FileFormat::kText, "etcd --a", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(Found(row.format, row.text), row.settings) << row.text;
}

TEST(FindSettings, AliasesAreFollowedOnce) {
  std::string text = "a0: &a0 [etcd, --a]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string n = std::to_string(i), last = std::to_string(i - 1);
    text += "a" + n + ": &a" + n + " [*a" + last + ", *a" + last + "]\n";
  }
  text += "command: *a0\n";
  EXPECT_LE(Found(FileFormat::kYaml, text).size(), 10u);
}

TEST(LooksLikeShell, ByTheFirstLines) {
  EXPECT_TRUE(LooksLikeShell("#!/bin/sh\n"));
  EXPECT_TRUE(LooksLikeShell("# x\n[Unit]\n"));
  EXPECT_TRUE(LooksLikeShell("# x\nA_B=c\n"));
  EXPECT_FALSE(LooksLikeShell("a: b\n"));
  EXPECT_FALSE(LooksLikeShell("[a, b]\n"));
  EXPECT_FALSE(LooksLikeShell(""));
}

}  // namespace
}  // namespace metrishift::formats
