#include "exporter/http/web_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string_view>

#include "core/file.h"
#include "core/node_reader.h"
#include "core/yaml.h"

namespace metrishift::http {
namespace {

using Field = NodeReader::Field;

struct Word {
  std::string_view word;
  int value;
};
constexpr std::array kVersions = {Word{"TLS10", TLS1_VERSION}, Word{"TLS11", TLS1_1_VERSION},
                                  Word{"TLS12", TLS1_2_VERSION}, Word{"TLS13", TLS1_3_VERSION}};
constexpr std::array kClientAuth = {
    Word{"NoClientCert", static_cast<int>(ClientAuth::kNoClientCert)},
    Word{"RequestClientCert", static_cast<int>(ClientAuth::kRequestClientCert)},
    Word{"RequireAnyClientCert", static_cast<int>(ClientAuth::kRequireAnyClientCert)},
    Word{"RequireClientCert", static_cast<int>(ClientAuth::kRequireAnyClientCert)},
    Word{"VerifyClientCertIfGiven", static_cast<int>(ClientAuth::kVerifyClientCertIfGiven)},
    Word{"RequireAndVerifyClientCert", static_cast<int>(ClientAuth::kRequireAndVerifyClientCert)},
};

// Go's names and OpenSSL's. Suites of TLS 1.3 are not chosen there, so neither are they here.
struct Name {
  std::string_view go;
  std::string_view openssl;
};
constexpr std::array kCiphers = {
    Name{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    Name{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    Name{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    Name{"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    Name{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    Name{"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    Name{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    Name{"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"},
    Name{"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    Name{"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    Name{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    Name{"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    Name{"TLS_AES_128_GCM_SHA256", ""},
    Name{"TLS_AES_256_GCM_SHA384", ""},
    Name{"TLS_CHACHA20_POLY1305_SHA256", ""},
};
constexpr std::array kCurves = {Name{"CurveP256", "P-256"}, Name{"CurveP384", "P-384"},
                                Name{"CurveP521", "P-521"}, Name{"X25519", "X25519"},
                                Name{"X25519MLKEM768", "X25519MLKEM768"}};

// The headers that exporter-toolkit lets one set, and the values that it takes; none: any.
struct Header {
  std::string_view name;
  std::array<std::string_view, 2> values;

  bool Takes(std::string_view value) const {
    return values.front().empty() || value.empty() ||
           std::ranges::find(values, value) != values.end();
  }
};
constexpr std::array kHeaders = {
    Header{"Content-Security-Policy", {}}, Header{"Strict-Transport-Security", {}},
    Header{"X-Content-Type-Options", {"nosniff", ""}},
    Header{"X-Frame-Options", {"deny", "sameorigin"}}, Header{"X-XSS-Protection", {}}};

// $2y$10$ and 53 characters of salt and hash. Each step of the cost doubles the time; 16 takes some
// four seconds.
constexpr int kMostBcryptCost = 16;
bool IsBcrypt(std::string_view hash) {
  return hash.size() == 60 && hash.starts_with("$2") &&
         std::string_view("aby").find(hash[2]) != std::string_view::npos && hash[3] == '$' &&
         hash[6] == '$' &&
         hash.find_first_not_of(
             "./0123456789"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
             7) == std::string_view::npos;
}
int BcryptCost(std::string_view hash) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : 99; };
  return digit(hash[4]) * 10 + digit(hash[5]);
}

// As Go's time.ParseDuration takes it ("1m30s", "500ms", "0"), in seconds; nothing where it is
// none, negative, or longer than a day.
std::optional<double> ParseGoDuration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  constexpr std::array kUnits = {Unit{"ns", 1e-9}, Unit{"us", 1e-6}, Unit{"µs", 1e-6},
                                 Unit{"ms", 1e-3}, Unit{"s", 1},     Unit{"m", 60},
                                 Unit{"h", 3600}};
  if (text == "0") return 0;
  double sum = 0;
  do {
    double number = 0;
    const auto [rest, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return {};
    text.remove_prefix(static_cast<size_t>(rest - text.data()));
    const std::string_view name = text.substr(0, text.find_first_of("0123456789."));
    const auto* const unit = std::ranges::find(kUnits, name, &Unit::name);
    if (unit == kUnits.end()) return {};
    text.remove_prefix(name.size());
    sum += number * unit->seconds;
  } while (!text.empty());
  constexpr double kDay = 86400;
  return sum >= 0 && sum <= kDay ? std::optional(sum) : std::nullopt;
}

template <class Table>
std::string Words(const Table& table) {
  std::string words;
  for (const auto& row : table) words.append(words.empty() ? "" : ", ").append(row.word);
  return words;
}

class Reader {
 public:
  Reader(const TextTree& tree, std::filesystem::path folder, std::vector<Diagnostic>& diagnostics)
      : reader_(tree, diagnostics), diagnostics_(diagnostics), folder_(std::move(folder)) {}

  std::shared_ptr<WebConfig> Run(NodeId root) {
    auto config = std::make_shared<WebConfig>();
    const std::vector<Field> fields = {
        {"tls_server_config", false, [&](NodeId node) { config->tls = ReadTls(node); }},
        {"http_server_config", false, [&](NodeId node) { ReadHttp(node, *config); }},
        {"basic_auth_users", false, [&](NodeId node) { ReadUsers(node, *config); }},
        {"rate_limit", false, [&](NodeId node) { config->rate = ReadRateLimit(node); }},
    };
    reader_.Read(root, fields, "the web configuration");
    return config;
  }

  std::vector<std::string> TakeFiles() { return std::move(files_); }

 private:
  std::shared_ptr<const TlsContext> ReadTls(NodeId id) {
    TlsOptions options;
    const std::vector<Field> fields = {
        FileAt("cert_file", "cert", options.cert),
        Inline("cert", options.cert),
        FileAt("key_file", "key", options.key),
        Inline("key", options.key),
        FileAt("client_ca_file", "client_ca", options.client_ca),
        Inline("client_ca", options.client_ca),
        {"client_auth_type", false,
         [&](NodeId node) {
           options.client_auth = static_cast<ClientAuth>(Choose(
               node, kClientAuth, "client_auth_type", static_cast<int>(options.client_auth)));
         }},
        {"client_allowed_sans", false,
         [&](NodeId node) {
           for (const NodeId item : reader_.Items(node, "client_allowed_sans", false))
             options.client_allowed_sans.push_back(reader_.Text(item));
         }},
        {"min_version", false,
         [&](NodeId node) {
           options.min_version = Choose(node, kVersions, "version of TLS", options.min_version);
         }},
        {"max_version", false,
         [&](NodeId node) {
           options.max_version = Choose(node, kVersions, "version of TLS", options.max_version);
         }},
        Names("cipher_suites", kCiphers, options.ciphers),
        Names("curve_preferences", kCurves, options.groups),
        {"prefer_server_cipher_suites", false,
         [&](NodeId node) { options.prefer_server_ciphers = reader_.Bool(node); }},
    };
    const size_t errors = diagnostics_.size();
    reader_.Read(id, fields, "tls_server_config");
    CheckTls(id, options);
    if (diagnostics_.size() > errors) return nullptr;
    TlsFault fault;
    std::shared_ptr<const TlsContext> tls = MakeTlsContext(options, &fault);
    if (tls == nullptr) {
      const auto place = places_.find(fault.part);
      reader_.Error(place != places_.end() ? place->second : reader_[id].span,
                    std::string(fault.part) + " cannot be used: " + fault.message,
                    "check the file with openssl x509, or openssl pkey");
    }
    return tls;
  }

  void CheckTls(NodeId id, const TlsOptions& options) {
    const FileSpan whole{reader_[id].span.begin, reader_[id].span.begin};
    const auto lacks = [&](const PemSource& source, const char* key) {
      if (source.empty())
        reader_.Error(whole, std::string("tls_server_config lacks ") + key,
                      std::string("add ") + key + " with a file in PEM");
    };
    lacks(options.cert, "cert_file");
    lacks(options.key, "key_file");
    const bool verifies = options.client_auth == ClientAuth::kVerifyClientCertIfGiven ||
                          options.client_auth == ClientAuth::kRequireAndVerifyClientCert;
    if (verifies) lacks(options.client_ca, "client_ca_file");
    if (!verifies && !options.client_ca.empty()) {
      reader_.Error(places_.at("client_ca"), "nothing verifies certificates by this authority",
                    "set client_auth_type: RequireAndVerifyClientCert");
    }
    // An allow-list that whoever shows nothing passes would look safe.
    if (options.client_auth != ClientAuth::kRequireAndVerifyClientCert &&
        !options.client_allowed_sans.empty()) {
      reader_.Error(whole, "client_allowed_sans means nothing where clients need no certificate",
                    "set client_auth_type: RequireAndVerifyClientCert");
    }
    if (options.min_version > options.max_version)
      reader_.Error(whole, "min_version is above max_version", "exchange them");
  }

  void ReadHttp(NodeId id, WebConfig& config) {
    const std::vector<Field> fields = {
        {"http2", false, [&](NodeId node) { reader_.Bool(node); }},  // HTTP/1.1 is what is spoken
        {"headers", false, [&](NodeId node) { ReadHeaders(node, config); }},
    };
    reader_.Read(id, fields, "http_server_config");
  }

  void ReadHeaders(NodeId id, WebConfig& config) {
    for (const auto& [key, value] : reader_.Members(id, "headers")) {
      const std::string_view name = reader_[key].value;
      const auto* const header = std::ranges::find(kHeaders, name, &Header::name);
      if (header == kHeaders.end()) {
        reader_.Error(reader_[key].span,
                      "the header \"" + std::string(name) + "\" cannot be configured",
                      "X-Frame-Options, Content-Security-Policy, X-XSS-Protection, "
                      "Strict-Transport-Security and X-Content-Type-Options can");
        continue;
      }
      const std::string text = reader_.AnyText(value);
      if (!header->Takes(text) || std::ranges::any_of(text, IsControl)) {
        reader_.Error(reader_[value].span, "this is no value for " + std::string(name),
                      "X-Frame-Options is deny or sameorigin, X-Content-Type-Options is nosniff");
      } else if (!text.empty() && name != "X-Content-Type-Options") {  // that one is always sent
        config.header_lines.append(name).append(": ").append(text).append("\r\n");
      }
    }
  }

  void ReadUsers(NodeId id, WebConfig& config) {
    for (const auto& [key, value] : reader_.Members(id, "basic_auth_users")) {
      const std::string user(reader_[key].value);
      const std::string hash = reader_.AnyText(value);
      if (user.find(':') != user.npos || std::ranges::any_of(user, IsControl)) {
        reader_.Error(reader_[key].span, "no client can send this name of a user",
                      "a name has neither colons nor control characters");
      } else if (!IsBcrypt(hash)) {
        reader_.Error(reader_[value].span, "the password is no bcrypt hash",
                      "make one with htpasswd -nBC 10 USER");
      } else if (const int cost = BcryptCost(hash); cost < 4 || cost > kMostBcryptCost) {
        reader_.Error(reader_[value].span, "the cost of the bcrypt hash is not from 4 to 16",
                      "make one with htpasswd -nBC 10 USER; each step doubles the time");
      }
      config.users.emplace(user, hash);
    }
  }

  std::shared_ptr<TokenBucket> ReadRateLimit(NodeId id) {
    constexpr double kMostBurst = 1e9;
    double interval = 0;
    double burst = 0;
    const std::vector<Field> fields = {
        {"interval", false,
         [&](NodeId node) {
           const std::optional<double> seconds = ParseGoDuration(reader_.AnyText(node));
           if (!seconds)
             reader_.Error(reader_[node].span, "this is no interval of at most a day",
                           "write it as 500ms, 1s or 1m30s; 0 is no limit");
           interval = seconds.value_or(0);
         }},
        {"burst", false, [&](NodeId node) { burst = reader_.Number(node); }},
    };
    reader_.Read(id, fields, "rate_limit");
    const auto step = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(interval));
    if (step.count() == 0) return nullptr;
    if (burst < 1 || burst > kMostBurst || burst != std::floor(burst)) {
      reader_.Error(reader_[id].span, "rate_limit lets nobody in without a burst from 1 to 1e9",
                    "add burst: 20");
      return nullptr;
    }
    return std::make_shared<TokenBucket>(step, static_cast<int>(burst));
  }

  static bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

  template <class Table>
  int Choose(NodeId id, const Table& table, const char* what, int otherwise) {
    const std::string word = reader_.AnyText(id);
    const auto* const row = std::ranges::find(table, word, &Word::word);
    if (row != table.end()) return row->value;
    if (!word.empty())
      reader_.Error(reader_[id].span, "\"" + word + "\" is no " + what, "known: " + Words(table));
    return otherwise;
  }

  template <class Table>
  Field Names(std::string_view key, const Table& table, std::string& target) {
    return {key, false, [this, key, &table, &target](NodeId id) {
              places_[key] = reader_[id].span;
              for (const NodeId item : reader_.Items(id, std::string(key), false)) {
                const auto* const row = std::ranges::find(table, reader_[item].value, &Name::go);
                if (row == table.end()) {
                  reader_.Error(reader_[item].span,
                                "\"" + std::string(reader_[item].value) + "\" is not known",
                                "use the names of Go's crypto/tls");
                } else if (!row->openssl.empty()) {
                  target.append(target.empty() ? "" : ":").append(row->openssl);
                }
              }
            }};
  }

  Field FileAt(std::string_view key, std::string_view part, PemSource& target) {
    return {key, false, [this, part, &target](NodeId id) {
              const std::string text = reader_.AnyText(id);
              if (text.empty()) return;
              Set(id, part, target);
              target.file = (folder_ / text).string();
              files_.push_back(target.file);
            }};
  }

  Field Inline(std::string_view part, PemSource& target) {
    return {part, false, [this, part, &target](NodeId id) {
              const std::string text = reader_.AnyText(id);
              if (text.empty()) return;
              Set(id, part, target);
              target.text = text;
            }};
  }

  void Set(NodeId id, std::string_view part, const PemSource& target) {
    if (!target.empty())
      reader_.Error(reader_[id].span,
                    std::string(part) + " and " + std::string(part) + "_file are both there",
                    "delete one of the two");
    places_[part] = reader_[id].span;
  }

  NodeReader reader_;
  std::vector<Diagnostic>& diagnostics_;
  const std::filesystem::path folder_;
  std::map<std::string_view, FileSpan> places_;
  std::vector<std::string> files_;
};

// As RenderDiagnostic, but for the source line.
std::string Rendered(const SourceText& source, const Diagnostic& diagnostic) {
  const LineColumn at = source.Locate(diagnostic.span.begin);
  std::string text = source.path() + ":" + std::to_string(at.line) + ":" +
                     std::to_string(at.column) + ": error: " + diagnostic.message;
  if (!diagnostic.hint.empty()) text += "; " + diagnostic.hint;
  return Printable(text) + "\n";
}

}  // namespace

WebConfigFile ReadWebConfig(const std::string& path) {
  WebConfigFile file;
  std::string reason;
  const std::optional<std::string> text = ReadFile(path, &reason);
  if (!text) {
    file.error = "error: " + Printable(path) + " cannot be read: " + reason + "\n";
    return file;
  }
  const SourceText source(path, *text);
  Outcome<TextTree> tree = ParseYaml(*text);
  std::vector<Diagnostic> diagnostics = std::move(tree.diagnostics);
  auto config = std::make_shared<WebConfig>();
  if (tree && tree->documents.size() == 1) {
    Reader reader(*tree, std::filesystem::path(path).parent_path(), diagnostics);
    config = reader.Run(tree->documents.front());
    file.files = reader.TakeFiles();
  } else if (tree && !tree->documents.empty()) {
    diagnostics.push_back({Severity::kError, {}, "a web configuration is one document", ""});
  }
  for (const Diagnostic& diagnostic : diagnostics) file.error += Rendered(source, diagnostic);
  if (file.error.empty()) file.config = std::move(config);
  return file;
}

}  // namespace metrishift::http
