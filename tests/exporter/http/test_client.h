#ifndef METRISHIFT_TESTS_EXPORTER_HTTP_TEST_CLIENT_H_
#define METRISHIFT_TESTS_EXPORTER_HTTP_TEST_CLIENT_H_

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace metrishift::http {

struct ClientOptions {
  bool http_1_0 = false;
  bool head = false;
  bool gzip = false;
  long timeout_ms = 30'000;
  std::vector<std::string> headers = {};  // "Name: value"
  std::string host = "127.0.0.1";
  std::string ca_file = {};  // not empty: over HTTPS
  std::string cert_file = {};
  std::string key_file = {};
  std::string user = {};    // USER:PASSWORD
  std::string source = {};  // the address to come from
  long tls_versions = CURL_SSLVERSION_DEFAULT;
  std::shared_ptr<CURL> kept = {};  // has the connections of earlier requests
};

struct ClientResult {
  CURLcode code = CURLE_OK;  // CURLE_OK iff the response came to its proper end
  long status = 0;
  long connections = 0;  // that had to be made
  std::string head;
  std::string body;  // decompressed
};

// Requests http(s)://HOST:PORT/PATH with libcurl.
ClientResult Get(int port, const std::string& path, const ClientOptions& options = {});

// Sends raw bytes, says that no more come, and gives everything that comes back until the other
// side closes.
std::string Exchange(int port, std::string_view bytes);

// Everything that comes until the other side closes; closes the socket then.
std::string ReadToEnd(int socket);

// True iff this machine has an address of IPv6 to listen on.
bool HasIpv6();

// A TCP connection to 127.0.0.1 that has sent `bytes`; aborts when there is none.
int Connect(int port, std::string_view bytes, int receive_buffer = 0);

// A connection that has sent `bytes` and reads nothing. Closes at the end of its life.
class StuckClient {
 public:
  StuckClient(int port, std::string_view bytes);
  ~StuckClient();
  StuckClient(const StuckClient&) = delete;
  StuckClient& operator=(const StuckClient&) = delete;

 private:
  int socket_;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_TESTS_EXPORTER_HTTP_TEST_CLIENT_H_
