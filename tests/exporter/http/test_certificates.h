#ifndef METRISHIFT_TESTS_EXPORTER_HTTP_TEST_CERTIFICATES_H_
#define METRISHIFT_TESTS_EXPORTER_HTTP_TEST_CERTIFICATES_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace metrishift::http {

// A folder of its own that is gone at the end.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  // Writes a new file and puts it in the place of what is there. Returns its path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

// A certificate and its key, in PEM, valid for an hour.
struct TestCertificate {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  std::string CertificatePem() const;
  std::string KeyPem() const;
};

// For `name`, with the alternative names `sans` ("IP:127.0.0.1,DNS:x"; empty: an authority), signed
// by `issuer` (nullptr: by itself).
TestCertificate MakeCertificate(const std::string& name, const std::string& sans,
                                const TestCertificate* issuer);

}  // namespace metrishift::http

#endif  // METRISHIFT_TESTS_EXPORTER_HTTP_TEST_CERTIFICATES_H_
