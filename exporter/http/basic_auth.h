#ifndef METRISHIFT_EXPORTER_HTTP_BASIC_AUTH_H_
#define METRISHIFT_EXPORTER_HTTP_BASIC_AUTH_H_

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace metrishift::http {

// Checks names and passwords against bcrypt hashes (RFC 7617, crypt(5)). A hash takes tens of
// milliseconds on purpose, so
// - what was right last is remembered for each user, as a keyed digest and not as a password;
// - one is computed at a time, and at most kMostWaiting wait for it, kMostOfOne for one client:
//   guessing takes one core, not every thread, and leaves room for others;
// - an unknown user costs what a known one with a wrong password does.
// Thread-safe.
class PasswordChecker {
 public:
  enum class Verdict : uint8_t { kRight, kWrong, kBusy };
  using Users = std::map<std::string, std::string, std::less<>>;  // name -> hash

  PasswordChecker();

  // `authorization`: the value of that header. `users` must not be empty. `client`: who asks, in
  // any words.
  Verdict Check(const Users& users, std::string_view authorization, const std::string& client);

  static constexpr int kMostWaiting = 8;
  static constexpr int kMostOfOne = kMostWaiting / 2;

 private:
  using Digest = std::array<unsigned char, 32>;

  Digest DigestOf(const std::string& user, const std::string& hash,
                  const std::string& password) const;
  bool Remembers(const std::string& user, const Digest& digest);
  bool Enter(const std::string& client);
  void Leave(const std::string& client);

  std::array<unsigned char, 32> key_{};  // of this process
  std::mutex computing_;
  std::mutex mutex_;
  int waiting_ = 0;                      // guarded by mutex_
  std::map<std::string, int> of_one_;    // guarded by mutex_: how many of them wait, by client
  std::map<std::string, Digest> right_;  // guarded by mutex_: by user
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_BASIC_AUTH_H_
