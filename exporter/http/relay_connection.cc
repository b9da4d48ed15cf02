#include "exporter/http/relay_connection.h"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "exporter/http/relay.h"

namespace metrishift::http {
namespace {

using Result = ClientChannel::Result;

constexpr size_t kBuffer = size_t{64} << 10U;
// More than civetweb takes, so that it says what is wrong with a head that is too long.
constexpr size_t kMostHead = size_t{16} << 10U;
constexpr std::chrono::milliseconds kDrainPatience{2000};

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

Result OutcomeOf(ssize_t size, short wait) {
  if (size > 0) return {static_cast<size_t>(size), 0};
  return size < 0 && WouldBlock() ? Result{0, wait} : Result{};
}

// Of the head that begins `bytes`, with its empty line; 0: it is not there as a whole. It ends
// where civetweb sees its end; what that makes of bare line feeds is for the gate to judge.
size_t HeadSize(const std::string& bytes) {
  const size_t bare = bytes.find("\n\n");
  const size_t plain = bytes.find("\r\n\r\n");
  if (bare < plain) return bare + 2;
  return plain == bytes.npos ? 0 : plain + 4;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void Socket::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

ClientChannel::ClientChannel(Socket socket, std::shared_ptr<const TlsContext> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {
  if (tls_ == nullptr) return;
  ssl_.reset(SSL_new(tls_->ssl.get()));
  if (ssl_ != nullptr) SSL_set_fd(ssl_.get(), socket_.fd());
}

Result ClientChannel::Outcome(int result) {
  if (result > 0) return {static_cast<size_t>(result), 0};
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return {0, POLLIN};
  if (error == SSL_ERROR_WANT_WRITE) return {0, POLLOUT};
  // Who just leaves, or looks whether somebody listens, is no problem.
  if (error == SSL_ERROR_SSL && SSL_is_init_finished(ssl_.get()) == 0) fault_ = LastTlsError();
  ERR_clear_error();
  return {};
}

Result ClientChannel::Handshake() {
  if (ssl_ == nullptr) return {};
  ERR_clear_error();
  const Result result = Outcome(SSL_accept(ssl_.get()));
  if (result.bytes == 0 || tls_->Admits(ssl_.get())) return result;
  fault_ = "the client's certificate has none of client_allowed_sans";
  return {};
}

Result ClientChannel::Read(char* data, size_t size) {
  if (!has_tls()) return OutcomeOf(recv(fd(), data, size, 0), POLLIN);
  ERR_clear_error();
  return Outcome(SSL_read(ssl_.get(), data, static_cast<int>(size)));
}

Result ClientChannel::Write(const char* data, size_t size) {
  if (!has_tls()) return OutcomeOf(send(fd(), data, size, MSG_NOSIGNAL), POLLOUT);
  ERR_clear_error();
  return Outcome(SSL_write(ssl_.get(), data, static_cast<int>(size)));
}

void ClientChannel::Finish() {
  if (has_tls() && SSL_is_init_finished(ssl_.get()) != 0 && fault_.empty()) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  shutdown(fd(), SHUT_WR);
}

RelayConnection::RelayConnection(ClientChannel client, Patience patience)
    : client_(std::move(client)),
      patience_(patience),
      deadline_(since_ + patience.client),
      phase_(client_.tls() != nullptr ? Phase::kHandshake : Phase::kHead) {}

void RelayConnection::SetBackend(Socket backend) {
  backend_ = std::move(backend);
  phase_ = Phase::kRequest;
}

bool RelayConnection::Wait(short client, short backend) {
  client_events_ = client;
  backend_events_ = backend;
  return false;
}

bool RelayConnection::Step(Clock::time_point now) {
  // Who may just be about to ask for more is told that there is no more.
  const bool idle = phase_ == Phase::kHead && deadline_ == since_ + patience_.idle;
  if (now >= deadline_ && !(idle && Finish(now))) return false;
  constexpr int kMostRounds = 4;  // then the others have their turn
  bool more = true;
  for (int round = 0; more && !over_ && round < kMostRounds; ++round) {
    switch (phase_) {
      case Phase::kHandshake:
        more = Handshake(now);
        break;
      case Phase::kHead:
        more = ReadHead(now);
        break;
      case Phase::kBackend:
      case Phase::kAnswered:
        return true;
      case Phase::kRequest:
        more = SendRequest();
        break;
      case Phase::kResponse:
        more = PassResponse(now);
        break;
      case Phase::kDrain:
        more = Drain();
        break;
    }
  }
  if (more && phase_ == Phase::kHead) Wait(POLLIN, 0);
  if (more && phase_ == Phase::kResponse)
    Wait(begin_ < end_ ? POLLOUT : 0, begin_ < end_ ? 0 : POLLIN);
  return !over_;
}

bool RelayConnection::Handshake(Clock::time_point now) {
  const Result result = client_.Handshake();
  if (result.wait != 0) return Wait(result.wait, 0);
  if (result.over()) return Finish(now);
  phase_ = Phase::kHead;
  return true;
}

bool RelayConnection::ReadHead(Clock::time_point now) {
  // A whole record of TLS: what is left of one lies in OpenSSL, where poll(2) does not see it.
  std::array<char, 16384> piece;
  const Result result = client_.Read(piece.data(), piece.size());
  if (result.wait != 0) return Wait(result.wait, 0);
  if (result.over()) return Finish(now);
  if (received_.empty()) deadline_ = std::min(deadline_, now + patience_.client);
  received_.append(piece.data(), result.bytes);
  return LookForHead();
}

bool RelayConnection::LookForHead() {
  head_size_ = HeadSize(received_);
  if (head_size_ == 0 && received_.size() >= kMostHead) head_size_ = received_.size();
  phase_ = head_size_ != 0 ? Phase::kBackend : Phase::kHead;
  return true;
}

bool RelayConnection::SendRequest() {
  const ssize_t sent =
      send(backend_.fd(), received_.data() + begin_, head_size_ - begin_, MSG_NOSIGNAL);
  // Until it is connected the kernel says so by EAGAIN.
  if (sent <= 0) return WouldBlock() ? Wait(0, POLLOUT) : End();
  begin_ += static_cast<size_t>(sent);
  if (begin_ < head_size_) return true;
  received_ = received_.substr(head_size_);  // gives the memory back, too
  begin_ = 0;
  end_ = 0;
  buffer_.resize(kBuffer);
  deadline_ = Clock::time_point::max();  // civetweb has its own
  phase_ = Phase::kResponse;
  return true;
}

bool RelayConnection::PassResponse(Clock::time_point now) {
  const short end_of_backend = last_deadline_ ? 0 : POLLRDHUP;
  if (begin_ == end_) {
    const ssize_t size = recv(backend_.fd(), buffer_.data(), buffer_.size(), 0);
    if (size < 0 && WouldBlock()) {
      if (!last_deadline_)
        deadline_ = client_ended_ ? now + patience_.client : Clock::time_point::max();
      return Wait(client_ended_ ? 0 : POLLRDHUP, static_cast<short>(POLLIN | end_of_backend));
    }
    if (size < 0) return Finish(now);
    if (size == 0) {
      phase_ = Phase::kAnswered;
      return true;
    }
    begin_ = 0;
    end_ = static_cast<size_t>(size);
    if (!last_deadline_) deadline_ = now + patience_.client;
  }
  const Result result = client_.Write(buffer_.data() + begin_, end_ - begin_);
  if (result.wait != 0) return Wait(result.wait, end_of_backend);
  if (result.over()) return End();
  begin_ += result.bytes;
  if (!last_deadline_) deadline_ = now + patience_.client;
  return true;
}

void RelayConnection::GoOn(Clock::time_point now) {
  backend_ = {};
  buffer_ = {};
  begin_ = 0;
  last_deadline_ = false;
  since_ = now;
  deadline_ = now + (received_.empty() ? patience_.idle : patience_.client);
  LookForHead();
}

void RelayConnection::NoteBackendEnd(Clock::time_point now) {
  if (phase_ != Phase::kResponse || last_deadline_) return;
  last_deadline_ = true;
  deadline_ = now + Relay::kLastPatience;
}

bool RelayConnection::Finish(Clock::time_point now) {
  shutdown(backend_.fd(), SHUT_RDWR);  // it stays open as long as the port has to be ours
  client_.Finish();
  deadline_ = now + kDrainPatience;
  phase_ = Phase::kDrain;
  return true;
}

bool RelayConnection::Drain() {
  std::array<char, 4096> piece;
  const ssize_t size = recv(client_.fd(), piece.data(), piece.size(), 0);
  if (size > 0) return true;
  return size < 0 && WouldBlock() ? Wait(POLLIN, 0) : End();
}

}  // namespace metrishift::http
