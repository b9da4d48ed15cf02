#include "tests/exporter/http/test_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "exporter/http/listen_address.h"

namespace metrishift::http {
namespace {

size_t Append(char* data, size_t, size_t size, void* text) noexcept {
  static_cast<std::string*>(text)->append(data, size);
  return size;
}

}  // namespace

int Connect(int port, std::string_view bytes, int receive_buffer) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) {
    setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }
  const timeval patience{10, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(bytes.size())) {
    std::abort();
  }
  return socket;
}

ClientResult Get(int port, const std::string& path, const ClientOptions& options) {
  ClientResult result;
  const std::shared_ptr<CURL> handle =
      options.kept != nullptr ? options.kept
                              : std::shared_ptr<CURL>(curl_easy_init(), curl_easy_cleanup);
  CURL* const curl = handle.get();
  curl_easy_reset(curl);
  curl_slist* headers = nullptr;
  for (const std::string& header : options.headers) {
    headers = curl_slist_append(headers, header.c_str());
  }
  const std::string url = (options.ca_file.empty() ? "http://" : "https://") + options.host + ":" +
                          std::to_string(port) + path;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, options.timeout_ms);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_NOBODY, options.head ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                   options.http_1_0 ? long{CURL_HTTP_VERSION_1_0} : long{CURL_HTTP_VERSION_1_1});
  const std::pair<CURLoption, const std::string*> texts[] = {{CURLOPT_CAINFO, &options.ca_file},
                                                             {CURLOPT_INTERFACE, &options.source},
                                                             {CURLOPT_SSLCERT, &options.cert_file},
                                                             {CURLOPT_SSLKEY, &options.key_file},
                                                             {CURLOPT_USERPWD, &options.user}};
  for (const auto& [option, text] : texts) {
    if (!text->empty()) curl_easy_setopt(curl, option, text->c_str());
  }
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, options.tls_versions);
  if (options.gzip) curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &result.body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Append);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &result.head);
  result.code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &result.status);
  curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &result.connections);
  curl_slist_free_all(headers);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, nullptr);
  return result;
}

bool HasIpv6() {
  uint16_t port = 0;
  std::string why;
  const int listener = OpenListener({"::1", 0, true}, &port, &why);
  if (listener >= 0) close(listener);
  return listener >= 0;
}

std::string Exchange(int port, std::string_view bytes) {
  const int socket = Connect(port, bytes);
  shutdown(socket, SHUT_WR);
  return ReadToEnd(socket);
}

std::string ReadToEnd(int socket) {
  std::string received;
  std::array<char, 4096> buffer;
  for (ssize_t size; (size = recv(socket, buffer.data(), buffer.size(), 0)) > 0;) {
    received.append(buffer.data(), static_cast<size_t>(size));
  }
  close(socket);
  return received;
}

StuckClient::StuckClient(int port, std::string_view bytes) : socket_(Connect(port, bytes, 4096)) {}

StuckClient::~StuckClient() { close(socket_); }

}  // namespace metrishift::http
