#include "exporter/http/listen_address.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace metrishift::http {
namespace {

TEST(ListenAddress, Taken) {
  const std::vector<std::tuple<std::string, std::string, int, bool>> rows = {
      {"127.0.0.1:19797", "127.0.0.1", 19797, false},
      {":0", "", 0, false},
      {"localhost:65535", "localhost", 65535, false},
      {"[::]:9100", "::", 9100, true},
      {"[::1]:1", "::1", 1, true},
      {"[fe80::1%eth0]:9", "fe80::1%eth0", 9, true},
  };
  for (const auto& [text, host, port, ipv6] : rows) {
    ListenAddress address;
    EXPECT_EQ(ParseListenAddress(text, &address), "") << text;
    EXPECT_EQ(address.host, host);
    EXPECT_EQ(address.port, port);
    EXPECT_EQ(address.ipv6, ipv6);
    EXPECT_EQ(ShowListenAddress(address), text);
  }
}

TEST(ListenAddress, Refused) {
  for (const char* text :
       {"", "x", "127.0.0.1", "1:", ":65536", ":123456", ":-1", ":1x", "::1:80", "[::1]", "[::1]80",
        "[]:80", "[x]:80", "[::1:80", "::1]:80", "a:1,b:2", "[::1]:80,[::2]:80", "[[::1]]:80"}) {
    ListenAddress address;
    EXPECT_NE(ParseListenAddress(text, &address), "") << text;
  }
}

}  // namespace
}  // namespace metrishift::http
