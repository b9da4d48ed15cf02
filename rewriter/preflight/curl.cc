#include "rewriter/preflight/curl.h"

#include <dlfcn.h>

#include <optional>

namespace metrishift::preflight {
namespace {

// Its name since 2006: what a program linked against libcurl asks for, too.
constexpr char kLibrary[] = "libcurl.so.4";

template <class Function>
bool Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

struct Loaded {
  std::optional<Curl> curl;
  std::string why;
};

Loaded LoadOnce() {
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  Curl curl{};
  const bool complete = library != nullptr && Find(library, "curl_easy_init", curl.easy_init) &&
                        Find(library, "curl_easy_setopt", curl.easy_setopt) &&
                        Find(library, "curl_easy_perform", curl.easy_perform) &&
                        Find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
                        Find(library, "curl_easy_strerror", curl.easy_strerror) &&
                        Find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
                        Find(library, "curl_slist_append", curl.slist_append) &&
                        Find(library, "curl_slist_free_all", curl.slist_free_all);
  if (complete) return {curl, ""};
  const char* error = ::dlerror();
  return {std::nullopt, "libcurl cannot be loaded" + (error ? ": " + std::string(error) : "")};
}

}  // namespace

const Curl* Curl::Load(std::string* why) {
  static const Loaded loaded = LoadOnce();
  if (!loaded.curl) *why = loaded.why;
  return loaded.curl ? &*loaded.curl : nullptr;
}

}  // namespace metrishift::preflight
