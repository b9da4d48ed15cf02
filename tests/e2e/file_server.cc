// file_server FOLDER: serves the files in it over HTTP, each with the Content-Type of the
// exposition format that its ending names: .prom, .om, .pb. Prints its address, and runs until it
// is killed.

#include <civetweb.h>
#include <unistd.h>

#include <array>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const char* const types =
      ".prom=text/plain; version=0.0.4,"
      ".om=application/openmetrics-text; version=1.0.0; charset=utf-8,"
      ".pb=application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
      "encoding=delimited";
  std::array<const char*, 9> options = {"document_root",
                                        argv[1],
                                        "listening_ports",
                                        "127.0.0.1:0",
                                        "extra_mime_types",
                                        types,
                                        "num_threads",
                                        "16",
                                        nullptr};
  mg_callbacks callbacks{};
  mg_context* const server = mg_start(&callbacks, nullptr, options.data());
  mg_server_port port{};
  if (server == nullptr || mg_get_server_ports(server, 1, &port) != 1) return 1;
  std::printf("127.0.0.1:%d\n", port.port);
  std::fflush(stdout);
  for (;;) pause();
}
