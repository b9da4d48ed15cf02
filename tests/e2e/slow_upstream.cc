// slow_upstream MILLISECONDS: an HTTP server that sends half of a body, waits, and sends the rest.
// Prints its URL, and runs until it is killed.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/exporter/http/fake_upstream.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  metrishift::http::FakeUpstream upstream;
  upstream.SetReply(
      {"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: 30\r\n\r\nx "
       "1\n",
       std::chrono::milliseconds(std::atoi(argv[1])), "y 1\netcd_mvcc_put_total 7\n"});
  std::puts(upstream.url().c_str());
  std::fflush(stdout);
  for (;;) pause();
}
