#include "exporter/http/basic_auth.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <strings.h>
#include <sys/random.h>

#include <cerrno>
#include <memory>
#include <new>
#include <optional>
#include <system_error>

namespace metrishift::http {
namespace {

struct Credentials {
  std::string user;
  std::string password;
};

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string decoded(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  decoded.resize(static_cast<size_t>(size) - padding);
  return decoded;
}

std::optional<Credentials> Parse(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (authorization.size() < kScheme.size() ||
      strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0) {
    return std::nullopt;
  }
  const std::optional<std::string> text = DecodeBase64(authorization.substr(kScheme.size()));
  if (!text) return std::nullopt;
  const size_t colon = text->find(':');
  if (colon == text->npos) return std::nullopt;
  return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

// Takes tens of milliseconds.
bool Matches(const std::string& hash, const std::string& password) {
  // Not on the stack: 32 KB, and civetweb's threads have 100 of it.
  const std::unique_ptr<crypt_data> scratch(new (std::nothrow) crypt_data());
  if (scratch == nullptr) return false;
  const char* const computed = crypt_r(password.c_str(), hash.c_str(), scratch.get());
  const bool same = computed != nullptr && std::string_view(computed).size() == hash.size() &&
                    CRYPTO_memcmp(computed, hash.data(), hash.size()) == 0;
  OPENSSL_cleanse(scratch.get(), sizeof(crypt_data));
  // crypt(3) reads to the first NUL only.
  return same && password.find('\0') == password.npos;
}

}  // namespace

// The kernel's random bytes: to have OpenSSL's takes half a megabyte of it into memory, which an
// exporter without users has no other need of.
PasswordChecker::PasswordChecker() {
  if (getentropy(key_.data(), key_.size()) != 0)
    throw std::system_error(errno, std::generic_category());
}

PasswordChecker::Digest PasswordChecker::DigestOf(const std::string& user, const std::string& hash,
                                                  const std::string& password) const {
  // A user has no colon, and a hash has one length: no two triples make one text.
  const std::string text = user + ":" + hash + ":" + password;
  Digest digest{};
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), nullptr);
  return digest;
}

bool PasswordChecker::Remembers(const std::string& user, const Digest& digest) {
  const std::lock_guard lock(mutex_);
  const auto found = right_.find(user);
  return found != right_.end() &&
         CRYPTO_memcmp(found->second.data(), digest.data(), digest.size()) == 0;
}

bool PasswordChecker::Enter(const std::string& client) {
  const std::lock_guard lock(mutex_);
  if (waiting_ >= kMostWaiting) return false;
  int& of_one = of_one_[client];
  if (of_one >= kMostOfOne) return false;
  ++of_one;
  ++waiting_;
  return true;
}

void PasswordChecker::Leave(const std::string& client) {
  const std::lock_guard lock(mutex_);
  --waiting_;
  const auto found = of_one_.find(client);
  if (--found->second == 0) of_one_.erase(found);
}

PasswordChecker::Verdict PasswordChecker::Check(const Users& users, std::string_view authorization,
                                                const std::string& client) {
  const std::optional<Credentials> given = Parse(authorization);
  if (!given) return Verdict::kWrong;
  const auto found = users.find(given->user);
  const bool known = found != users.end();
  const std::string& hash = known ? found->second : users.begin()->second;
  const Digest digest = DigestOf(given->user, hash, given->password);
  if (known && Remembers(given->user, digest)) return Verdict::kRight;
  if (!Enter(client)) return Verdict::kBusy;
  const auto leave = [this](const std::string* waiting) { Leave(*waiting); };
  const std::unique_ptr<const std::string, decltype(leave)> waiting(&client, leave);
  const std::lock_guard computing(computing_);
  // Whoever waited may find that another has done the work.
  if (known && Remembers(given->user, digest)) return Verdict::kRight;
  if (!Matches(hash, given->password) || !known) return Verdict::kWrong;
  const std::lock_guard lock(mutex_);
  right_[given->user] = digest;
  return Verdict::kRight;
}

}  // namespace metrishift::http
