#ifndef METRISHIFT_EXPORTER_HTTP_RELAY_CONNECTION_H_
#define METRISHIFT_EXPORTER_HTTP_RELAY_CONNECTION_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporter/http/tls_context.h"

namespace metrishift::http {

// A socket that is closed with its owner; -1: none.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { Close(); }
  Socket(Socket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Socket& operator=(Socket&& other) noexcept;

  int fd() const { return fd_; }
  void Close();

 private:
  int fd_ = -1;
};

// A client's connection, with TLS or without; never blocks.
class ClientChannel {
 public:
  // How reading or writing went: bytes, or what to wait for (POLLIN, POLLOUT), or neither: it is
  // over.
  struct Result {
    size_t bytes = 0;
    short wait = 0;
    bool over() const { return bytes == 0 && wait == 0; }
  };

  ClientChannel(Socket socket, std::shared_ptr<const TlsContext> tls);

  // One byte: done; a client that may not go on is over.
  Result Handshake();
  Result Read(char* data, size_t size);
  Result Write(const char* data, size_t size);

  // Says that nothing more comes; what the client still sends is to be read until it closes, or
  // else the kernel would take back what it has not read yet.
  void Finish();

  int fd() const { return socket_.fd(); }
  bool has_tls() const { return ssl_ != nullptr; }
  const TlsContext* tls() const { return tls_.get(); }
  const std::string& fault() const { return fault_; }  // of the handshake: a clause

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Result Outcome(int result);

  Socket socket_;
  std::shared_ptr<const TlsContext> tls_;
  std::unique_ptr<SSL, Free> ssl_;
  std::string fault_;
};

// One client's way through a relay. To be stepped whenever a socket is ready for what it waits for
// or its deadline has come. Not thread-safe.
class RelayConnection {
 public:
  using Clock = std::chrono::steady_clock;

  struct Patience {
    Clock::duration client;  // see RelayOptions
    Clock::duration idle;
  };

  RelayConnection(ClientChannel client, Patience patience);

  // Goes on as far as it can without waiting. False: it is over.
  bool Step(Clock::time_point now);

  // True once the request's head is there and a backend is wanted.
  bool WantsBackend() const { return phase_ == Phase::kBackend; }
  void SetBackend(Socket backend);

  // True once all that the backend has sent is with the client, and the backend has ended: then it
  // is to be said whether that was the whole of a response after which the connection may go on.
  bool IsAnswered() const { return phase_ == Phase::kAnswered; }
  void GoOn(Clock::time_point now);
  bool Finish(Clock::time_point now);

  // What is waited for, as for poll(2).
  int client_fd() const { return client_.fd(); }
  short client_events() const { return client_events_; }
  int backend_fd() const { return backend_.fd(); }
  short backend_events() const { return backend_events_; }
  Clock::time_point deadline() const { return deadline_; }

  // To be called when poll(2) says POLLRDHUP of the backend: all that is left is in the sockets.
  void NoteBackendEnd(Clock::time_point now);

  // To be called when poll(2) says POLLRDHUP of the client: it sends no more. Whether it still
  // reads cannot be told; so from now on the backend is given up when it is silent for `patience`.
  void NoteClientEnd() { client_ended_ = true; }

  // True iff it has not sent a request's head yet, or none after the last response.
  bool IsBeforeHead() const { return phase_ == Phase::kHandshake || phase_ == Phase::kHead; }
  Clock::time_point since() const { return since_; }  // when it was accepted or last answered

  bool HasTls(const TlsContext* context) const { return client_.tls() == context; }

  // What went wrong with TLS, as a clause; empty: nothing.
  const std::string& fault() const { return client_.fault(); }

 private:
  enum class Phase : uint8_t {
    kHandshake,
    kHead,
    kBackend,
    kRequest,
    kResponse,
    kAnswered,
    kDrain
  };

  // Each goes on in its phase: true when something was done, so that there may be more to do.
  bool Handshake(Clock::time_point now);
  bool ReadHead(Clock::time_point now);
  bool LookForHead();
  bool SendRequest();
  bool PassResponse(Clock::time_point now);
  bool Drain();

  bool End() {
    over_ = true;
    return false;
  }
  bool Wait(short client, short backend);

  ClientChannel client_;
  Socket backend_;
  const Patience patience_;
  Clock::time_point since_ = Clock::now();
  Clock::time_point deadline_;
  bool last_deadline_ = false;  // deadline_ does not move any more
  bool client_ended_ = false;   // it sends no more
  Phase phase_;
  bool over_ = false;
  short client_events_ = 0;
  short backend_events_ = 0;
  std::string received_;  // from the client, and not sent on
  size_t head_size_ = 0;  // of the request that begins it, once that is there
  std::vector<char> buffer_;
  size_t begin_ = 0;  // of what has not gone out
  size_t end_ = 0;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_RELAY_CONNECTION_H_
