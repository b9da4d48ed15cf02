#ifndef METRISHIFT_EXPORTER_HTTP_CIVET_SOCKET_H_
#define METRISHIFT_EXPORTER_HTTP_CIVET_SOCKET_H_

#include <chrono>
#include <cstdint>
#include <vector>

struct mg_request_info;

namespace metrishift::http {

// civetweb does not say what its sockets are: they are looked for among those of the process.

// That of a request that is being served, over IPv4, or -1.
int SocketOf(const mg_request_info& info);

// Waits until something comes from a client that has had all its answers. `taken`: how many bytes
// of it were read, in all. False: nothing has come within `patience`. True at once where there may
// be something in civetweb's buffer already.
bool AwaitClient(int socket, uint64_t taken, std::chrono::milliseconds patience);

// Ends the connections of this process on `ports` of IPv4.
void ShutDown(const std::vector<int>& ports);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_CIVET_SOCKET_H_
