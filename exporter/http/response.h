#ifndef METRISHIFT_EXPORTER_HTTP_RESPONSE_H_
#define METRISHIFT_EXPORTER_HTTP_RESPONSE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/exposition/byte_rope.h"
#include "exporter/exposition/gzip_writer.h"
#include "exporter/http/request.h"

namespace metrishift::http {

// The way back to the client.
class ClientConnection {
 public:
  virtual ~ClientConnection() = default;
  // Sends all of `bytes`. False once the client is gone or too slow; later calls then fail too.
  virtual bool Send(std::string_view bytes) = 0;
  // Sends what comes next from `socket`, and takes it from there; it is `bytes`. False as with
  // Send.
  virtual bool SendFrom(int socket, std::string_view bytes);
  // True once nobody waits for what could be sent. To be asked now and then while there is nothing.
  virtual bool IsGone() { return false; }

  // Lines with "\r\n" for the head of each response.
  std::string header_lines;

  // The connection may serve another request after this response, and its head says so.
  bool keeps = false;
  // The response went out as a whole. Unless it did, the connection has to close.
  bool whole = false;
};

// "Not Found" for 404; "" for codes without a registered phrase that matters here.
std::string_view ReasonPhrase(int status);

// A whole response in one piece, with its length; without the body for HEAD. `extra_headers`: whole
// lines with "\r\n".
bool SendPage(ClientConnection* client, const Request& request, int status,
              std::string_view content_type, std::string_view body,
              std::string_view extra_headers = {});

// The same for an error: one sentence as plain text.
bool SendSentence(ClientConnection* client, const Request& request, int status,
                  std::string_view sentence, std::string_view extra_headers = {});

// True iff a body is to go out in gzip: the client accepts it. Not for HTTP/1.0.
bool WantsGzip(const Request& request);

// A response whose length is not known before its end and whose end must never be taken for real
// when it is not:
//   HTTP/1.1  chunked; without End the last chunk is missing, and the client knows that the body
//   was cut HTTP/1.0  has no such mark, so the body is held back (up to kMaxHeldBytes) and sent
//   with its length by End HEAD      only the head is sent, by End, once it is known that a GET
//   would have come to its end
// Compresses where WantsGzip and the body is not in gzip yet.
// Not thread-safe.
class StreamedResponse {
 public:
  // Both must outlive the object.
  StreamedResponse(ClientConnection* client, const Request* request);
  ~StreamedResponse();
  StreamedResponse(const StreamedResponse&) = delete;
  StreamedResponse& operator=(const StreamedResponse&) = delete;

  // Fixes the head. `content_type` may be empty: then there is no such header. `in_gzip`: what will
  // be written is compressed already. To be called once, before Write or End.
  void Begin(int status, std::string_view content_type, bool in_gzip = false);
  bool begun() const { return status_ != 0; }

  // Adds to the body; sends what there is once it is kChunkBytes. False when it cannot be sent: the
  // client is gone, or too much would have to be held back.
  [[nodiscard]] bool Write(std::string_view bytes);

  // Sends what there is. To be called when nothing more comes for a while. False as with Write.
  [[nodiscard]] bool Flush();

  // True iff the body goes out as it comes in, so that Announce and WriteFrom may be used.
  bool TakesSockets() const { return mode_ == Mode::kChunked && gzip_ == nullptr; }

  // Sends what there is. The next `size` bytes of the body have to come by WriteFrom. False as with
  // Write.
  [[nodiscard]] bool Announce(uint64_t size);

  // Adds to the body what comes next from `socket`, which is `bytes`: see
  // ClientConnection::SendFrom. False as with Write.
  [[nodiscard]] bool WriteFrom(int socket, std::string_view bytes);

  // The body is whole. Without this call the response is left cut.
  bool End();

  // True iff bytes have gone to the client, so that it is too late for another status.
  bool committed() const { return committed_; }

  int status() const { return status_; }

  // Bytes of the body that went out, compressed where it is, without the marks of chunks.
  size_t sent_bytes() const { return sent_bytes_; }

  // Of all responses of the process together.
  static constexpr size_t kMaxHeldBytes = size_t{32} << 20U;

  // Each send wakes the client; a scrape of etcd goes out by one.
  static constexpr size_t kChunkBytes = size_t{192} << 10U;

 private:
  enum class Mode : uint8_t { kChunked, kHeld, kHeadOnly };

  static constexpr size_t kSizeRoom = 18;  // for the digits of any size and a line's end

  std::string HeadText(std::string_view length_header) const;
  bool Hold(std::string_view bytes);
  bool SendHeld();
  bool SendChunk(std::string_view after);
  bool SendEnd();
  ClientConnection* const client_;
  const Request* const request_;
  const Mode mode_;
  int status_ = 0;
  size_t sent_bytes_ = 0;
  bool committed_ = false;
  std::string content_type_;
  bool in_gzip_ = false;                          // the body goes out in gzip
  std::unique_ptr<exposition::GzipWriter> gzip_;  // where it is compressed here
  std::string head_;   // what goes before the next chunk, in Mode::kChunked
  std::string chunk_;  // what is to be sent, behind room for the head and the size
  size_t room_ = 0;
  uint64_t announced_ = 0;     // bytes of the chunk under way that are still to come by WriteFrom
  exposition::ByteRope held_;  // the body so far, for HTTP/1.0
  size_t taken_ = 0;           // of kMaxHeldBytes
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_RESPONSE_H_
