#include "tests/exporter/http/fake_upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace metrishift::http {
namespace {

constexpr int kPollMs = 50;

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

FakeReply WholeReply(const std::string& body) {
  return {
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
      "Content-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body,
      {},
      {},
      false,
      true};
}

FakeUpstream::FakeUpstream() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread(&FakeUpstream::Accept, this);
}

FakeUpstream::~FakeUpstream() {
  stopping_ = true;
  accepting_.join();
  for (std::thread& thread : serving_) thread.join();
  close(listener_);
}

void FakeUpstream::SetReply(FakeReply reply) {
  const std::lock_guard lock(mutex_);
  reply_ = std::move(reply);
}

FakeReply FakeUpstream::reply() const {
  const std::lock_guard lock(mutex_);
  return reply_;
}

std::vector<std::string> FakeUpstream::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void FakeUpstream::Accept() {
  while (!stopping_) {
    pollfd ready{listener_, POLLIN, 0};
    if (poll(&ready, 1, kPollMs) <= 0) continue;
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ++connections_;
    serving_.emplace_back(&FakeUpstream::Serve, this, socket);
  }
}

void FakeUpstream::Serve(int socket) {
  const timeval patience{5, 0};  // a client that reads nothing must not keep a test from ending
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  std::string received;
  std::array<char, 4096> buffer;
  bool answered = false;
  while (!stopping_) {
    pollfd ready{socket, POLLIN, 0};
    if (poll(&ready, 1, kPollMs) <= 0) continue;
    const ssize_t size = recv(socket, buffer.data(), buffer.size(), 0);
    if (size <= 0) break;
    received.append(buffer.data(), static_cast<size_t>(size));
    if (!received.ends_with("\r\n\r\n")) continue;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::exchange(received, {}));
    }
    const FakeReply now = reply();
    if (now.once && answered) break;
    if (!SendAll(socket, now.bytes)) break;
    answered = true;
    for (auto left = now.pause; left.count() > 0 && !stopping_;
         left -= std::chrono::milliseconds(10)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    if (!SendAll(socket, now.rest)) break;
    if (now.reset) {
      const linger at_once{1, 0};
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
    if (!now.keep_alive) break;
  }
  close(socket);
}

}  // namespace metrishift::http
