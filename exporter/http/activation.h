#ifndef METRISHIFT_EXPORTER_HTTP_ACTIVATION_H_
#define METRISHIFT_EXPORTER_HTTP_ACTIVATION_H_

#include <string>
#include <vector>

namespace metrishift::http {

// A socket that listens and was opened by somebody else.
struct InheritedSocket {
  int fd = -1;
  std::string address;  // 127.0.0.1:9000, [::1]:9000, or the path of a unix socket
};

// The sockets that systemd has opened for this process: sd_listen_fds(3). None, and a clause in
// `error`, where there are none or one of them is no stream socket that listens. They are not
// blocking, and no process started later has them. To be called once, before there are threads.
std::vector<InheritedSocket> TakeActivationSockets(std::string* error);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_ACTIVATION_H_
