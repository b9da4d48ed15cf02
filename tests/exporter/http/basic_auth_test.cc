#include "exporter/http/basic_auth.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace metrishift::http {
namespace {

using Verdict = PasswordChecker::Verdict;

std::string Basic(const std::string& text) {
  std::string encoded(text.size() * 4 / 3 + 8, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  return "Basic " + encoded.substr(0, static_cast<size_t>(size));
}

const PasswordChecker::Users kUsers = {
    {"alice", "$2y$04$N9qo8uLOickgx2ZMRZoMye3eddwbvBZq9Vw2uHywyANtuDH4xsNoe"},
    {"bob", "$2b$04$zVHmKQtGGQob.b/Nc7l9NOwk6H4b9CfyMJbmG5sA1GNT9fuhxRt/O"},
    {"", "$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"},
    // Made by others: Openwall's crypt_blowfish, Prometheus' guide to basic authentication.
    {"openwall", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"guide", "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"},
};

TEST(BasicAuth, Verdicts) {
  PasswordChecker checker;
  const std::vector<std::pair<std::string, Verdict>> rows = {
      {Basic("alice:secret"), Verdict::kRight},
      {Basic("bob:with:colon"), Verdict::kRight},
      {Basic(":"), Verdict::kRight},
      {Basic("openwall:U*U"), Verdict::kRight},
      {Basic("guide:test"), Verdict::kRight},
      {"basic " + Basic("alice:secret").substr(6), Verdict::kRight},
      {"", Verdict::kWrong},
      {"Basic", Verdict::kWrong},
      {"Basic ", Verdict::kWrong},
      {"Basic !!!!", Verdict::kWrong},
      {"Basic YQ", Verdict::kWrong},
      {"Basic ====", Verdict::kWrong},
      {"Bearer " + Basic("alice:secret").substr(6), Verdict::kWrong},
      {Basic("alice"), Verdict::kWrong},
      {Basic("alice:"), Verdict::kWrong},
      {Basic("alice:Secret"), Verdict::kWrong},
      {Basic("alice:secret "), Verdict::kWrong},
      {Basic(std::string("alice:secret\0x", 14)), Verdict::kWrong},
      {Basic("Alice:secret"), Verdict::kWrong},
      {Basic("carol:secret"), Verdict::kWrong},
      {Basic("alice:with:colon"), Verdict::kWrong},
      {Basic("bob:secret"), Verdict::kWrong},
      {Basic("alice:" + std::string(5000, 'x')), Verdict::kWrong},
  };
  // The second time from memory.
  for (int time = 0; time < 2; ++time) {
    for (const auto& [authorization, verdict] : rows)
      EXPECT_EQ(checker.Check(kUsers, authorization, "client"), verdict) << authorization << time;
  }
}

TEST(BasicAuth, WhatWasRightIsRememberedForItsHashOnly) {
  PasswordChecker checker;
  PasswordChecker::Users users = kUsers;
  EXPECT_EQ(checker.Check(users, Basic("alice:secret"), "client"), Verdict::kRight);
  users["alice"] = kUsers.at("bob");
  EXPECT_EQ(checker.Check(users, Basic("alice:secret"), "client"), Verdict::kWrong);
  EXPECT_EQ(checker.Check(users, Basic("alice:with:colon"), "client"), Verdict::kRight);
  users.erase("alice");
  EXPECT_EQ(checker.Check(users, Basic("alice:with:colon"), "client"), Verdict::kWrong);
}

// Without a limit each guess would hold a thread for as long as a hash takes; and one client's must
// not keep out who has not been here.
TEST(BasicAuth, GuessesDoNotQueueWithoutEnd) {
  PasswordChecker checker;
  PasswordChecker::Users users = {
      {"alice", "$2y$10$N9qo8uLOickgx2ZMRZoMyecBPBZPbMY9K9Iy/VaK.7YTHTLYF41De"}};
  users["bob"] = kUsers.at("bob");
  ASSERT_EQ(checker.Check(users, Basic("alice:secret"), "client"), Verdict::kRight);
  constexpr int kGuessers = 3 * PasswordChecker::kMostWaiting;
  std::atomic<int> wrong = 0;
  std::atomic<int> busy = 0;
  {
    std::vector<std::jthread> guessers;
    for (int i = 0; i < kGuessers; ++i) {
      guessers.emplace_back([&, i] {
        const Verdict verdict =
            checker.Check(users, Basic("alice:" + std::to_string(i)), "guesser");
        EXPECT_NE(verdict, Verdict::kRight);
        ++(verdict == Verdict::kBusy ? busy : wrong);
      });
    }
    EXPECT_EQ(checker.Check(users, Basic("bob:with:colon"), "client"), Verdict::kRight);
    // Who has been here is not held up by them.
    EXPECT_EQ(checker.Check(users, Basic("alice:secret"), "client"), Verdict::kRight);
  }
  EXPECT_EQ(wrong + busy, kGuessers);
  EXPECT_GE(wrong, PasswordChecker::kMostOfOne);
}

}  // namespace
}  // namespace metrishift::http
