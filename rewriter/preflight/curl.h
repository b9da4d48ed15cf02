#ifndef METRISHIFT_REWRITER_PREFLIGHT_CURL_H_
#define METRISHIFT_REWRITER_PREFLIGHT_CURL_H_

#include <curl/curl.h>

#include <string>

namespace metrishift::preflight {

// The functions of libcurl that this program uses, under their names without "curl_".
//
// The library is loaded when it is first asked for, as git does it: with the 25 libraries that it
// needs it takes 6 ms to load, in which a hundred files are checked, and hardly any run asks a
// server for anything.
struct Curl {
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;

  // Returns nullptr, and in `*why` a clause for people, when the library cannot be loaded. It stays
  // loaded. Thread-safe.
  static const Curl* Load(std::string* why);
};

}  // namespace metrishift::preflight

#endif  // METRISHIFT_REWRITER_PREFLIGHT_CURL_H_
