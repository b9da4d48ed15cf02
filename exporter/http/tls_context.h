#ifndef METRISHIFT_EXPORTER_HTTP_TLS_CONTEXT_H_
#define METRISHIFT_EXPORTER_HTTP_TLS_CONTEXT_H_

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace metrishift::http {

// PEM, from a file or as it stands in the configuration. Neither: there is none.
struct PemSource {
  std::string file;
  std::string text;

  bool empty() const { return file.empty() && text.empty(); }
};

// What is asked of clients, by the names that Go's crypto/tls and so exporter-toolkit has for it.
enum class ClientAuth : uint8_t {
  kNoClientCert,
  kRequestClientCert,
  kRequireAnyClientCert,
  kVerifyClientCertIfGiven,
  kRequireAndVerifyClientCert,
};

struct TlsOptions {
  PemSource cert;  // the server's, with intermediate ones after it
  PemSource key;
  PemSource client_ca;
  ClientAuth client_auth = ClientAuth::kNoClientCert;
  std::vector<std::string> client_allowed_sans;  // empty: any
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
  std::string ciphers;  // up to TLS 1.2, by OpenSSL's names with colons; empty: OpenSSL's choice
  std::string groups;   // likewise
  bool prefer_server_ciphers = true;
};

// What a TLS server needs for its handshakes. Immutable.
struct TlsContext {
  std::shared_ptr<SSL_CTX> ssl;
  std::vector<std::string> client_allowed_sans;

  // True iff the peer of a finished handshake may go on: its certificate has one of the names that
  // are asked for, or none is.
  bool Admits(const SSL* connection) const;
};

struct TlsFault {
  std::string_view part;  // a member of TlsOptions: "cert", "key", "client_ca", ...
  std::string message;    // a clause about it
};

// Reads the files and makes a context of them; on failure nullptr, and `fault` says why. Sessions
// are not resumed: a client proves itself each time, by the certificates of now.
std::shared_ptr<const TlsContext> MakeTlsContext(const TlsOptions& options, TlsFault* fault);

// What OpenSSL's last error on this thread was, as a clause; clears its queue.
std::string LastTlsError();

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_TLS_CONTEXT_H_
