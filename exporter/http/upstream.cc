#include "exporter/http/upstream.h"

#include <curl/curl.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <exception>
#include <iterator>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "core/file.h"
#include "exporter/http/file_stamp.h"

namespace metrishift::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What is received at once, at most: about what a unix socket holds, and as much as goes out by one
// send (StreamedResponse::kChunkBytes), so that nothing is left over that needs another one.
constexpr long kReceiveBytes = 192 << 10;

// From how much on the rest of a body is read past libcurl, and how much of it is looked at at
// once.
constexpr uint64_t kMuchLeft = 256 << 10;
constexpr size_t kLookBytes = kReceiveBytes;

constexpr milliseconds kCancelPatience{1000};  // within which Cancel is noticed

// `url`, or where `reference` leads from there, without its secrets; "" when that is no URL.
std::string DisplayUrl(const std::string& url, const std::string& reference = {}) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  std::string shown;
  for (const std::string& step : {url, reference}) {
    if (step.empty()) continue;
    if (curl_url_set(parsed.get(), CURLUPART_URL, step.c_str(), 0) != CURLUE_OK) return shown;
  }
  for (const CURLUPart part :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    curl_url_set(parsed.get(), part, nullptr, 0);
  }
  char* text = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_URL, &text, 0) == CURLUE_OK) {
    shown = text;
    curl_free(text);
  }
  return shown;
}

// The first `most` values of the header `name` as one, with commas between them: RFC 9110 section
// 5.2. Empty where there is none.
std::string Values(CURL* curl, const char* name, size_t most) {
  std::string values;
  curl_header* header = nullptr;
  for (size_t i = 0; i < most; ++i) {
    if (curl_easy_header(curl, name, i, CURLH_HEADER, -1, &header) != CURLHE_OK) break;
    most = std::min(most, header->amount);  // looking for one more is not cheap
    if (i != 0) values += ", ";
    values += header->value;
    if (values.ends_with('\r')) values.pop_back();  // libcurl 7.88 leaves it on empty values
  }
  return values;
}

std::string FirstValue(CURL* curl, const char* name) { return Values(curl, name, 1); }

std::string AllValues(CURL* curl, const char* name) { return Values(curl, name, SIZE_MAX); }

// In bytes; nothing where it is none that libcurl goes by. The header's mere presence is not enough
// for UpstreamHead::framed: for one that is too large libcurl reads to the connection's end, and so
// it does for transfer codings other than chunked.
std::optional<uint64_t> ParseLength(const std::string& content_length) {
  int64_t length = -1;
  const char* const end = content_length.data() + content_length.size();
  const auto [stop, error] = std::from_chars(content_length.data(), end, length);
  if (stop != end || error != std::errc() || length < 0) return {};
  return static_cast<uint64_t>(length);
}

}  // namespace

// The sockets that libcurl has open: for a moment one of each kind of address, which it tries at
// once.
class Sockets {
 public:
  curl_socket_t Open(const curl_sockaddr& address) {
    const int opened = socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
    if (opened < 0) return CURL_SOCKET_BAD;
    last_ = opened;
    ++count_;
    return opened;
  }
  int Close(curl_socket_t socket) {
    if (last_ == socket) last_ = -1;
    --count_;
    return close(socket);
  }

  // The one that is open, or -1.
  int Only() const { return count_ == 1 ? last_ : -1; }

 private:
  int last_ = -1;
  int count_ = 0;
};

// One curl handle with its kept-alive connection, and the transfer it is busy with.
class Upstream::Handle {
 public:
  Handle(const Upstream& upstream, std::string files)
      : upstream_(upstream),
        multi_(curl_multi_init()),
        curl_(curl_easy_init()),
        files_(std::move(files)) {
    if (multi_ == nullptr || curl_ == nullptr) throw std::bad_alloc();
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 1L);
  }
  ~Handle() {
    curl_easy_cleanup(curl_);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  FetchResult Perform(const FetchRequest& request, UpstreamListener* listener);

  // What the files of its connection were: see Upstream::files_.
  const std::string& files() const { return files_; }

  // Which thread used it last.
  std::thread::id user() const { return user_; }
  void set_user(std::thread::id user) { user_ = user; }

 private:
  static size_t OnWrite(char* data, size_t, size_t size, void* self) noexcept;
  static curl_socket_t OnOpen(void* sockets, curlsocktype, curl_sockaddr* address) noexcept;
  static int OnClose(void* sockets, curl_socket_t socket) noexcept;

  std::string SetUp(const FetchRequest& request);
  void SetUpTls();
  void SetUpHeaders(const FetchRequest& request);
  std::string SetUpCredentials();
  bool MayStaySetUp() const;
  std::string Doubt(CURLcode code) const;
  bool GiveHead();
  template <class Call>
  bool Ask(const Call& call) noexcept;
  void Pass(size_t size);
  bool MayReadSocket();
  CURLcode Transfer();
  CURLcode ReadSocket();
  CURLcode LostSocket(ssize_t size);

  const Upstream& upstream_;
  CURLM* const multi_;  // has the connection
  CURL* const curl_;
  const std::string files_;
  std::thread::id user_;
  Sockets sockets_;
  curl_slist* headers_ = nullptr;
  std::optional<FetchRequest> set_up_for_;  // what can be asked for without SetUp
  std::array<char, CURL_ERROR_SIZE> error_{};
  UpstreamListener* listener_ = nullptr;
  bool head_given_ = false;
  bool stopped_ = false;
  bool asked_ = false;   // whether the rest may be read past libcurl
  bool paused_ = false;  // to that end
  uint64_t passed_ = 0;  // bytes of the body
  uint64_t left_ = 0;    // bytes of the body that are still to come, where that is known; or 0
  steady_clock::time_point end_;
  std::exception_ptr thrown_;  // by the listener: no exception may pass through libcurl
};

// All that libcurl is told of a transfer, and nothing that it was told before. Returns an empty
// string, or why there can be none.
std::string Upstream::Handle::SetUp(const FetchRequest& request) {
  curl_easy_reset(curl_);
  const bool is_file = upstream_.options_.url.starts_with("file:");
  curl_easy_setopt(curl_, CURLOPT_URL, upstream_.options_.url.c_str());
  curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, is_file ? "file" : "http,https");
  curl_easy_setopt(curl_, CURLOPT_FOLLOWLOCATION, upstream_.options_.follow_redirects ? 1L : 0L);
  curl_easy_setopt(curl_, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  if (!upstream_.options_.unix_socket.empty())
    curl_easy_setopt(curl_, CURLOPT_UNIX_SOCKET_PATH, upstream_.options_.unix_socket.c_str());
  curl_easy_setopt(curl_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(curl_, CURLOPT_USERAGENT, "metrishift-exporter/" METRISHIFT_VERSION);
  curl_easy_setopt(curl_, CURLOPT_NOPROXY, "*");  // never by way of http_proxy
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl_, CURLOPT_QUICK_EXIT, 1L);  // do not wait for a resolver after the timeout
  curl_easy_setopt(curl_, CURLOPT_BUFFERSIZE, kReceiveBytes);
  curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Handle::OnWrite);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl_, CURLOPT_OPENSOCKETFUNCTION, &Handle::OnOpen);
  curl_easy_setopt(curl_, CURLOPT_OPENSOCKETDATA, &sockets_);
  curl_easy_setopt(curl_, CURLOPT_CLOSESOCKETFUNCTION, &Handle::OnClose);
  curl_easy_setopt(curl_, CURLOPT_CLOSESOCKETDATA, &sockets_);
  const auto timeout = static_cast<long>(request.timeout.count());
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT_MS, timeout);
  SetUpTls();
  SetUpHeaders(request);
  std::string why = SetUpCredentials();
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
  return why;
}

void Upstream::Handle::SetUpHeaders(const FetchRequest& request) {
  curl_slist_free_all(std::exchange(headers_, nullptr));
  std::array<char, 64> patience;
  std::snprintf(patience.data(), patience.size(), "X-Prometheus-Scrape-Timeout-Seconds: %.3f",
                std::chrono::duration<double>(request.timeout).count());
  const std::string accept = "Accept: " + request.accept;
  const char* const encoding = request.gzip ? "Accept-Encoding: gzip" : "Accept-Encoding: identity";
  for (const char* header : {static_cast<const char*>(patience.data()), accept.c_str(), encoding}) {
    headers_ = curl_slist_append(headers_, header);
  }
}

void Upstream::Handle::SetUpTls() {
  const UpstreamOptions& options = upstream_.options_;
  const std::pair<CURLoption, const std::string*> files[] = {{CURLOPT_CAINFO, &options.ca_file},
                                                             {CURLOPT_SSLCERT, &options.cert_file},
                                                             {CURLOPT_SSLKEY, &options.key_file}};
  for (const auto& [option, path] : files) {
    if (!path->empty()) curl_easy_setopt(curl_, option, path->c_str());
  }
  curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYPEER, options.insecure_skip_verify ? 0L : 1L);
  curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYHOST, options.insecure_skip_verify ? 0L : 2L);
  curl_easy_setopt(curl_, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
}

// Whether the same request needs nothing of SetUp again. Files of credentials may say something
// else by then. libcurl counts how often a kept connection turned out to have ended, gives up at
// the sixth time, and nothing but a reset makes it forget; but then it has opened another one.
bool Upstream::Handle::MayStaySetUp() const {
  const UpstreamOptions& options = upstream_.options_;
  long connects = 0;
  curl_easy_getinfo(curl_, CURLINFO_NUM_CONNECTS, &connects);
  return connects == 0 && !asked_ && options.bearer_token_file.empty() &&
         options.basic_auth_file.empty();
}

// What proves who asks, read from its file. Returns an empty string, or why there is none.
std::string Upstream::Handle::SetUpCredentials() {
  const UpstreamOptions& options = upstream_.options_;
  const auto secret = [](const std::string& path, std::string* text) -> std::string {
    std::string reason;
    std::optional<std::string> read = ReadFile(path, &reason);
    if (!read) return path + " cannot be read: " + reason;
    while (!read->empty() && (read->back() == '\n' || read->back() == '\r' || read->back() == ' '))
      read->pop_back();
    const bool odd = std::ranges::any_of(
        *read, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (read->empty() || odd) return path + " does not hold one line";
    *text = *std::move(read);
    return {};
  };
  std::string text;
  if (!options.bearer_token_file.empty()) {
    if (std::string why = secret(options.bearer_token_file, &text); !why.empty()) return why;
    headers_ = curl_slist_append(headers_, ("Authorization: Bearer " + text).c_str());
  }
  if (!options.basic_auth_file.empty()) {
    if (std::string why = secret(options.basic_auth_file, &text); !why.empty()) return why;
    if (text.find(':') == text.npos)
      return options.basic_auth_file + " does not hold USER:PASSWORD";
    curl_easy_setopt(curl_, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl_, CURLOPT_USERPWD, text.c_str());
  }
  return {};
}

bool Upstream::Handle::GiveHead() {
  if (head_given_) return true;
  head_given_ = true;
  UpstreamHead head;
  if (upstream_.options_.url.starts_with("file:")) {
    head = {200, "text/plain; version=0.0.4; charset=utf-8", "", "", true};
  } else {
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    head.status = static_cast<int>(status);
    head.content_type = FirstValue(curl_, "Content-Type");
    head.content_encoding = AllValues(curl_, "Content-Encoding");
    if (const std::string location = FirstValue(curl_, "Location"); !location.empty()) {
      head.location = DisplayUrl(upstream_.options_.url, location);
    }
    const std::string coding = AllValues(curl_, "Transfer-Encoding");
    const std::optional<uint64_t> length = ParseLength(AllValues(curl_, "Content-Length"));
    head.framed = coding.empty() ? length.has_value() : strcasecmp(coding.c_str(), "chunked") == 0;
    if (coding.empty()) left_ = length.value_or(0);
  }
  return listener_->OnHead(head);
}

size_t Upstream::Handle::OnWrite(char* data, size_t, size_t size, void* self) noexcept {
  auto* const handle = static_cast<Handle*>(self);
  try {
    const bool goes_on = size == 0 || (!handle->upstream_.cancelled_ && handle->GiveHead() &&
                                       handle->listener_->OnBody({data, size}));
    if (goes_on) {
      handle->Pass(size);
      return size;
    }
  } catch (...) {
    handle->thrown_ = std::current_exception();
  }
  handle->stopped_ = true;
  return CURL_WRITEFUNC_ERROR;
}

// While a transfer is under way libcurl does not say what its socket is, so it opens it here.
curl_socket_t Upstream::Handle::OnOpen(void* sockets, curlsocktype,
                                       curl_sockaddr* address) noexcept {
  return static_cast<Sockets*>(sockets)->Open(*address);
}

int Upstream::Handle::OnClose(void* sockets, curl_socket_t socket) noexcept {
  return static_cast<Sockets*>(sockets)->Close(socket);
}

// What the listener says. An exception waits until the handle has left libcurl's list.
template <class Call>
bool Upstream::Handle::Ask(const Call& call) noexcept {
  try {
    return call();
  } catch (...) {
    thrown_ = std::current_exception();
    return false;
  }
}

// The listener has had `size` bytes of the body. Where much is left libcurl is to come back before
// it reads on: see ReadSocket.
void Upstream::Handle::Pass(size_t size) {
  passed_ += size;
  left_ -= std::min<uint64_t>(left_, size);
  const bool is_plain = sockets_.Only() >= 0 && upstream_.options_.url.starts_with("http:") &&
                        !upstream_.options_.follow_redirects;
  if (asked_ || left_ < kMuchLeft || !is_plain) return;
  asked_ = true;
  paused_ = curl_easy_pause(curl_, CURLPAUSE_RECV) == CURLE_OK;
}

// True iff what comes next from the socket is the rest of the body, and the listener wants it.
// libcurl may hold bytes that it has not passed on.
bool Upstream::Handle::MayReadSocket() {
  curl_off_t read = 0;
  curl_easy_getinfo(curl_, CURLINFO_SIZE_DOWNLOAD_T, &read);
  return static_cast<uint64_t>(read) == passed_ &&
         Ask([this] { return listener_->WantsSocket(left_); });
}

// As curl_easy_perform; but what that calls while it waits it calls at the end, too, where what
// there is to send can still wait for the rest.
CURLcode Upstream::Handle::Transfer() {
  curl_multi_add_handle(multi_, curl_);
  std::optional<CURLcode> code;
  int running = 1;
  while (curl_multi_perform(multi_, &running) == CURLM_OK && running != 0 && !stopped_) {
    if (std::exchange(paused_, false)) {
      if (MayReadSocket()) {
        code = ReadSocket();
        break;
      }
      curl_easy_pause(curl_, CURLPAUSE_CONT);
    }
    stopped_ =
        thrown_ != nullptr || upstream_.cancelled_ || !Ask([this] { return listener_->OnPause(); });
    if (!stopped_)
      curl_multi_poll(multi_, nullptr, 0, static_cast<int>(kCancelPatience.count()), nullptr);
  }
  int left = 0;
  const CURLMsg* const message = curl_multi_info_read(multi_, &left);
  const CURLcode result = message != nullptr ? message->data.result : CURLE_ABORTED_BY_CALLBACK;
  curl_multi_remove_handle(multi_, curl_);
  return code.value_or(result);
}

// The rest of the body, past libcurl, which has no way to leave the bytes where they are: they are
// looked at, and the listener takes them. To libcurl the transfer is one that was given up, so it
// closes the connection. (Lending it the socket again was no quicker.)
CURLcode Upstream::Handle::ReadSocket() {
  const int socket = sockets_.Only();
  const auto look = std::make_unique_for_overwrite<char[]>(kLookBytes);
  while (left_ != 0 && !stopped_) {
    const ssize_t size =
        recv(socket, look.get(), std::min<uint64_t>(left_, kLookBytes), MSG_PEEK | MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return LostSocket(size);
    const std::string_view bytes(look.get(), size < 0 ? 0 : static_cast<size_t>(size));
    stopped_ = upstream_.cancelled_ || !Ask([&] {
                 return bytes.empty() ? listener_->OnPause() : listener_->OnSocket(socket, bytes);
               });
    left_ -= bytes.size();
    const auto patience = std::chrono::ceil<milliseconds>(end_ - steady_clock::now());
    if (patience.count() <= 0 && left_ != 0 && !stopped_) return CURLE_OPERATION_TIMEDOUT;
    pollfd more{socket, POLLIN, 0};
    if (bytes.empty() && !stopped_)
      poll(&more, 1, static_cast<int>(std::min(patience, kCancelPatience).count()));
  }
  return stopped_ ? CURLE_ABORTED_BY_CALLBACK : CURLE_OK;
}

// After recv has returned `size`.
CURLcode Upstream::Handle::LostSocket(ssize_t size) {
  if (size < 0) {
    std::snprintf(error_.data(), error_.size(), "the connection was lost: %s",
                  std::generic_category().message(errno).c_str());
    return CURLE_RECV_ERROR;
  }
  std::snprintf(error_.data(), error_.size(), "the connection ended %ju bytes too early",
                uintmax_t{left_});
  return CURLE_PARTIAL_FILE;
}

// What libcurl cannot know: from TLS 1.3 on a server refuses a certificate after the handshake, by
// ending the connection, and which call notices that first is a matter of chance.
std::string Upstream::Handle::Doubt(CURLcode code) const {
  constexpr std::array kEnds = {CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING};
  if (head_given_ || !upstream_.options_.url.starts_with("https:") ||
      std::ranges::find(kEnds, code) == kEnds.end())
    return {};
  return upstream_.options_.cert_file.empty() ? "; it may want a certificate of its clients"
                                              : "; it may want another certificate than this one";
}

FetchResult Upstream::Handle::Perform(const FetchRequest& request, UpstreamListener* listener) {
  using Status = FetchResult::Status;
  listener_ = listener;
  head_given_ = false;
  stopped_ = false;
  asked_ = false;
  paused_ = false;
  passed_ = 0;
  left_ = 0;
  end_ = steady_clock::now() + request.timeout;
  thrown_ = nullptr;
  error_[0] = '\0';
  if (std::exchange(set_up_for_, {}) != request) {
    if (std::string why = SetUp(request); !why.empty())
      return {Status::kFailed, why, CURLE_LOGIN_DENIED};
  }
  const CURLcode code = Transfer();
  if (code == CURLE_OK && MayStaySetUp()) set_up_for_ = request;
  if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  if (stopped_) return {Status::kStopped, {}};
  if (code != CURLE_OK) {
    const Status status = code == CURLE_OPERATION_TIMEDOUT ? Status::kTimedOut : Status::kFailed;
    const char* const why = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
    const std::string doubt = Doubt(code);
    return {status, why + doubt, doubt.empty() ? code : CURLE_RECV_ERROR};
  }
  return {GiveHead() ? Status::kComplete : Status::kStopped, {}};
}

Upstream::Upstream(UpstreamOptions options)
    : options_(std::move(options)), display_url_(DisplayUrl(options_.url)) {
  if (!options_.unix_socket.empty()) display_url_ += " at " + options_.unix_socket;
}

Upstream::~Upstream() = default;

// That of the same thread where there is one: what one thread has allocated and another frees makes
// the two wait for each other in malloc, at each of libcurl's many calls.
std::unique_ptr<Upstream::Handle> Upstream::Borrow() {
  std::string files =
      StampOf(std::array<std::string, 3>{options_.ca_file, options_.cert_file, options_.key_file});
  {
    const std::lock_guard lock(mutex_);
    if (files != files_) idle_.clear();
    files_ = files;
    if (!idle_.empty()) {
      const auto own = std::ranges::find(idle_, std::this_thread::get_id(), &Handle::user);
      std::unique_ptr<Handle> handle = std::move(own == idle_.end() ? idle_.back() : *own);
      idle_.erase(own == idle_.end() ? std::prev(own) : own);
      return handle;
    }
  }
  return std::make_unique<Handle>(*this, std::move(files));
}

void Upstream::Return(std::unique_ptr<Handle> handle) {
  handle->set_user(std::this_thread::get_id());
  const std::lock_guard lock(mutex_);
  if (handle->files() == files_) idle_.push_back(std::move(handle));
}

FetchResult Upstream::Fetch(const FetchRequest& request, UpstreamListener* listener) {
  std::unique_ptr<Handle> handle = Borrow();
  FetchResult result = handle->Perform(request, listener);
  Return(std::move(handle));
  return result;
}

}  // namespace metrishift::http
