#include "exporter/http/response.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <ctime>
#include <utility>

namespace metrishift::http {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};

constexpr std::array kReasons = {
    Reason{200, "OK"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{408, "Request Timeout"},
    Reason{413, "Content Too Large"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
};

// What is mostly written at once: libcurl gives no more.
constexpr size_t kUsualPiece = size_t{16} << 10U;

std::atomic<size_t> held_in_all = 0;  // by the responses of the process

constexpr std::string_view kChunkedHeader = "Transfer-Encoding: chunked\r\n";

std::string Head(const ClientConnection& client, int status, std::string_view content_type,
                 std::string_view more) {
  std::array<char, 64> date;
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  const size_t date_size =
      std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head.append(ReasonPhrase(status)).append("\r\nDate: ").append(date.data(), date_size);
  if (!content_type.empty()) head.append("\r\nContent-Type: ").append(content_type);
  head.append("\r\nX-Content-Type-Options: nosniff\r\nConnection: ")
      .append(client.keeps ? "keep-alive" : "close")
      .append("\r\n")
      .append(client.header_lines)
      .append(more);
  return head.append("\r\n");
}

std::string LengthHeader(size_t size) { return "Content-Length: " + std::to_string(size) + "\r\n"; }

}  // namespace

std::string_view ReasonPhrase(int status) {
  for (const Reason& row : kReasons) {
    if (row.status == status) return row.phrase;
  }
  return {};
}

bool SendPage(ClientConnection* client, const Request& request, int status,
              std::string_view content_type, std::string_view body,
              std::string_view extra_headers) {
  std::string bytes =
      Head(*client, status, content_type, LengthHeader(body.size()).append(extra_headers));
  if (!request.IsHead()) bytes += body;
  client->whole = client->Send(bytes);
  return client->whole;
}

bool SendSentence(ClientConnection* client, const Request& request, int status,
                  std::string_view sentence, std::string_view extra_headers) {
  return SendPage(client, request, status, "text/plain; charset=utf-8",
                  std::string(sentence) + "\n", extra_headers);
}

bool WantsGzip(const Request& request) {
  return request.http_version != "1.0" && AcceptsGzip(request.Header("Accept-Encoding"));
}

StreamedResponse::StreamedResponse(ClientConnection* client, const Request* request)
    : client_(client),
      request_(request),
      mode_(request->IsHead()                ? Mode::kHeadOnly
            : request->http_version == "1.0" ? Mode::kHeld
                                             : Mode::kChunked) {}

StreamedResponse::~StreamedResponse() { held_in_all -= taken_; }

void StreamedResponse::Begin(int status, std::string_view content_type, bool in_gzip) {
  status_ = status;
  content_type_ = content_type;
  if (!in_gzip && WantsGzip(*request_)) {
    gzip_ = std::make_unique<exposition::GzipWriter>([this](std::string_view bytes) {
      chunk_ += bytes;
      return true;
    });
    if (!gzip_->ok()) gzip_.reset();  // no memory for it: the plain body will do
  }
  in_gzip_ = in_gzip || gzip_ != nullptr;
  if (mode_ != Mode::kChunked) return;
  head_ = HeadText(kChunkedHeader);
  room_ = head_.size() + kSizeRoom;
  chunk_.reserve(room_ + kChunkBytes + kUsualPiece);
  chunk_.resize(room_);
}

std::string StreamedResponse::HeadText(std::string_view length_header) const {
  std::string more(length_header);
  if (in_gzip_) more += "Content-Encoding: gzip\r\n";
  more += mode_ == Mode::kHeld ? "Vary: Accept\r\n" : "Vary: Accept, Accept-Encoding\r\n";
  return Head(*client_, status_, content_type_, more);
}

bool ClientConnection::SendFrom(int socket, std::string_view bytes) {
  std::array<char, 16 << 10> taken;
  for (size_t left = bytes.size(); left != 0;) {
    const ssize_t size = recv(socket, taken.data(), std::min(left, taken.size()), 0);
    if (size <= 0) return false;
    left -= static_cast<size_t>(size);
  }
  return Send(bytes);
}

// Each piece that is sent wakes the client, so what belongs together goes out together: the head
// and the chunk's size are written before its bytes, where there is room for them.
bool StreamedResponse::SendChunk(std::string_view after) {
  const size_t size = chunk_.size() - room_;
  std::string before = std::exchange(head_, {});
  if (size != 0) {  // an empty chunk would be the last
    std::array<char, kSizeRoom> digits;
    const char* const end =
        std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
    before.append(digits.data(), static_cast<size_t>(end - digits.data())).append("\r\n");
    chunk_ += "\r\n";
  }
  chunk_ += after;
  const size_t begin = room_ - before.size();
  chunk_.replace(begin, before.size(), before);
  committed_ = true;  // whatever comes of it: no other head may follow
  const bool sent = begin == chunk_.size() || client_->Send(std::string_view(chunk_).substr(begin));
  sent_bytes_ += size;
  chunk_.resize(room_);
  return sent;
}

bool StreamedResponse::Flush() {
  return mode_ != Mode::kChunked || status_ == 0 || announced_ != 0 || SendChunk({});
}

bool StreamedResponse::Hold(std::string_view bytes) {
  if (held_in_all.fetch_add(bytes.size()) + bytes.size() > kMaxHeldBytes) {
    held_in_all -= bytes.size();
    return false;
  }
  taken_ += bytes.size();
  held_.Append(bytes);
  return true;
}

bool StreamedResponse::SendHeld() {
  committed_ = true;
  sent_bytes_ += held_.size();
  bool sent = client_->Send(HeadText(LengthHeader(held_.size())));
  held_.ForEach([&](std::string_view piece) { sent = sent && client_->Send(piece); });
  return sent;
}

bool StreamedResponse::Write(std::string_view bytes) {
  switch (mode_) {
    case Mode::kHeadOnly:
      return true;
    case Mode::kHeld:
      return Hold(bytes);
    case Mode::kChunked:
      break;
  }
  if (gzip_ == nullptr)
    chunk_ += bytes;
  else if (!gzip_->Write(bytes))
    return false;
  return chunk_.size() < kChunkBytes || Flush();
}

// One chunk, whatever it comes in: its size is known.
bool StreamedResponse::Announce(uint64_t size) {
  std::array<char, kSizeRoom> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  const bool sent = SendChunk(std::string(digits.data(), end).append("\r\n"));
  if (!sent) return false;
  chunk_ = std::string(room_, '\0');  // nothing of the body needs its room meanwhile
  head_ = "\r\n";
  announced_ = size;
  return true;
}

bool StreamedResponse::WriteFrom(int socket, std::string_view bytes) {
  sent_bytes_ += bytes.size();
  announced_ -= bytes.size();
  return client_->SendFrom(socket, bytes);
}

bool StreamedResponse::End() {
  client_->whole = SendEnd();
  return client_->whole;
}

bool StreamedResponse::SendEnd() {
  switch (mode_) {
    case Mode::kHeadOnly:
      committed_ = true;
      return client_->Send(HeadText(request_->http_version == "1.0" ? "" : kChunkedHeader));
    case Mode::kHeld:
      return SendHeld();
    case Mode::kChunked:
      break;
  }
  if (gzip_ != nullptr && !gzip_->Finish()) return false;
  return SendChunk("0\r\n\r\n");
}

}  // namespace metrishift::http
