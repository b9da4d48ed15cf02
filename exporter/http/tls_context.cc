#include "exporter/http/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/file.h"

namespace metrishift::http {
namespace {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

// OpenSSL would ask for it at the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

int AcceptAnyCertificate(X509_STORE_CTX*, void*) { return 1; }

BioPtr Open(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// The text of a source; on failure nothing.
std::optional<std::string> Load(const PemSource& source, TlsFault* fault) {
  if (source.file.empty()) return source.text;
  std::string why;
  std::optional<std::string> text = ReadFile(source.file, &why);
  if (!text) fault->message = source.file + " cannot be read: " + why;
  return text;
}

// None if one of them is damaged: a chain or a list of authorities must not become shorter unseen.
std::vector<X509Ptr> ReadCertificates(const std::string& text) {
  std::vector<X509Ptr> certificates;
  const BioPtr bio = Open(text);
  while (X509* const one = PEM_read_bio_X509(bio.get(), nullptr, &NoPassword, nullptr))
    certificates.emplace_back(one);
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) certificates.clear();
  ERR_clear_error();
  return certificates;
}

class Builder {
 public:
  Builder(const TlsOptions& options, SSL_CTX* context, TlsFault* fault)
      : options_(options), context_(context), fault_(fault) {}

  bool Run() {
    ERR_clear_error();
    SetUp();
    return UseCertificate() && UseKey() && UseClientAuthorities() && UseCiphers() && UseGroups();
  }

 private:
  bool Fail(std::string message) {
    if (fault_->message.empty()) fault_->message = std::move(message);
    return false;
  }

  void SetUp() {
    SSL_CTX_set_min_proto_version(context_, options_.min_version);
    SSL_CTX_set_max_proto_version(context_, options_.max_version);
    SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                      SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (options_.prefer_server_ciphers)
      SSL_CTX_set_options(context_, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
                                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context_, 0);
    SSL_CTX_set_default_passwd_cb(context_, &NoPassword);
  }

  bool UseCertificate() {
    fault_->part = "cert";
    const std::optional<std::string> text = Load(options_.cert, fault_);
    if (!text) return false;
    const std::vector<X509Ptr> chain = ReadCertificates(*text);
    if (chain.empty()) return Fail("there is no certificate in PEM, or a damaged one");
    if (SSL_CTX_use_certificate(context_, chain.front().get()) != 1) return Fail(LastTlsError());
    for (size_t i = 1; i < chain.size(); ++i) {
      if (SSL_CTX_add1_chain_cert(context_, chain[i].get()) != 1) return Fail(LastTlsError());
    }
    return true;
  }

  bool UseKey() {
    fault_->part = "key";
    const std::optional<std::string> text = Load(options_.key, fault_);
    if (!text) return false;
    const KeyPtr key(PEM_read_bio_PrivateKey(Open(*text).get(), nullptr, &NoPassword, nullptr));
    if (key == nullptr) return Fail("there is no key in PEM without a password");
    if (SSL_CTX_use_PrivateKey(context_, key.get()) != 1 ||
        SSL_CTX_check_private_key(context_) != 1) {
      return Fail("it is not the certificate's key: " + LastTlsError());
    }
    return true;
  }

  bool UseClientAuthorities() {
    fault_->part = "client_ca";
    const ClientAuth auth = options_.client_auth;
    if (auth == ClientAuth::kNoClientCert) return true;
    const bool required = auth == ClientAuth::kRequireAnyClientCert ||
                          auth == ClientAuth::kRequireAndVerifyClientCert;
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
    if (auth == ClientAuth::kRequestClientCert || auth == ClientAuth::kRequireAnyClientCert) {
      SSL_CTX_set_cert_verify_callback(context_, &AcceptAnyCertificate, nullptr);
      return true;
    }
    const std::optional<std::string> text = Load(options_.client_ca, fault_);
    if (!text) return false;
    const std::vector<X509Ptr> authorities = ReadCertificates(*text);
    if (authorities.empty()) return Fail("there is no certificate in PEM, or a damaged one");
    for (const X509Ptr& one : authorities) {
      if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), one.get()) != 1 ||
          SSL_CTX_add_client_CA(context_, one.get()) != 1) {
        return Fail(LastTlsError());
      }
    }
    return true;
  }

  bool UseCiphers() {
    fault_->part = "cipher_suites";
    return options_.ciphers.empty() ||
           SSL_CTX_set_cipher_list(context_, options_.ciphers.c_str()) == 1 || Fail(LastTlsError());
  }

  bool UseGroups() {
    fault_->part = "curve_preferences";
    return options_.groups.empty() ||
           SSL_CTX_set1_groups_list(context_, options_.groups.c_str()) == 1 ||
           Fail("this OpenSSL does not know all of them");
  }

  const TlsOptions& options_;
  SSL_CTX* const context_;
  TlsFault* const fault_;
};

std::string Text(const ASN1_STRING* string) {
  const auto* const data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
  return {data, static_cast<size_t>(ASN1_STRING_length(string))};
}

// An alternative name as Go's crypto/x509 spells it; nothing for kinds that it does not give.
std::optional<std::string> AlternativeName(const GENERAL_NAME* name) {
  int type = 0;
  const void* const value = GENERAL_NAME_get0_value(name, &type);
  if (type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI)
    return Text(static_cast<const ASN1_STRING*>(value));
  if (type != GEN_IPADD) return std::nullopt;
  const std::string bytes = Text(static_cast<const ASN1_STRING*>(value));
  std::array<char, INET6_ADDRSTRLEN> shown{};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  return inet_ntop(family, bytes.data(), shown.data(), shown.size());
}

}  // namespace

bool TlsContext::Admits(const SSL* connection) const {
  if (client_allowed_sans.empty()) return true;
  const X509Ptr certificate(SSL_get1_peer_certificate(connection));
  if (certificate == nullptr) return false;
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto name = AlternativeName(sk_GENERAL_NAME_value(names.get(), i));
    if (name && std::ranges::find(client_allowed_sans, *name) != client_allowed_sans.end())
      return true;
  }
  return false;
}

std::shared_ptr<const TlsContext> MakeTlsContext(const TlsOptions& options, TlsFault* fault) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), Freed<SSL_CTX_free>());
  if (context == nullptr) {
    *fault = {"cert", "OpenSSL cannot be used: " + LastTlsError()};
    return nullptr;
  }
  if (!Builder(options, context.get(), fault).Run()) return nullptr;
  return std::make_shared<TlsContext>(TlsContext{context, options.client_allowed_sans});
}

std::string LastTlsError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string shown = reason != nullptr ? reason : "the connection ended";
  ERR_clear_error();
  return shown;
}

}  // namespace metrishift::http
