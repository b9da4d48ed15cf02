// Many clients at once of two URLs, each asking again as soon as it has its answer, all in one
// thread. What comes as a whole has to be right:
//   soak_clients SECONDS CLIENTS URL EXPECTED_FILE [URL EXPECTED_FILE...]
// Prints "whole N refused N cut N wrong N" and fails where one was wrong. By their number clients
// take gzip, speak HTTP/1.0, close their connection each time, or leave in the middle.

#include <curl/curl.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using std::chrono::steady_clock;

struct Page {
  std::string url;
  std::string body;
};

// One that asks for `page` again and again. What arrives is compared at once and not kept.
struct Client {
  const Page* page = nullptr;
  size_t leaves_after = 0;  // bytes; 0: it does not
  size_t received = 0;
  bool differs = false;
  CURL* curl = nullptr;
};

struct Tally {
  size_t whole = 0;
  size_t refused = 0;  // another status, or no connection
  size_t cut = 0;
  size_t wrong = 0;
};

size_t Receive(char* data, size_t, size_t size, void* user) noexcept {
  Client& client = *static_cast<Client*>(user);
  const std::string_view expected = client.page->body;
  client.differs = client.differs || client.received > expected.size() ||
                   expected.substr(client.received, size) != std::string_view(data, size);
  client.received += size;
  return client.leaves_after > 0 && client.received >= client.leaves_after ? 0 : size;
}

void Prepare(Client& client, size_t number) {
  client.curl = curl_easy_init();
  curl_easy_setopt(client.curl, CURLOPT_URL, client.page->url.c_str());
  curl_easy_setopt(client.curl, CURLOPT_PRIVATE, &client);
  curl_easy_setopt(client.curl, CURLOPT_WRITEFUNCTION, &Receive);
  curl_easy_setopt(client.curl, CURLOPT_WRITEDATA, &client);
  curl_easy_setopt(client.curl, CURLOPT_PROXY, "");
  curl_easy_setopt(client.curl, CURLOPT_TIMEOUT, 60L);
  const bool http_1_0 = number % 7 == 1;
  curl_easy_setopt(client.curl, CURLOPT_HTTP_VERSION,
                   http_1_0 ? long{CURL_HTTP_VERSION_1_0} : long{CURL_HTTP_VERSION_1_1});
  if (number % 4 == 2) curl_easy_setopt(client.curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  if (number % 5 == 3) curl_easy_setopt(client.curl, CURLOPT_FORBID_REUSE, 1L);
  if (number % 10 == 9) client.leaves_after = 1 + client.page->body.size() / 3;
}

void Count(const Client& client, CURLcode code, Tally* tally) {
  long status = 0;
  curl_easy_getinfo(client.curl, CURLINFO_RESPONSE_CODE, &status);
  const size_t size = client.page->body.size();
  const bool forgotten = code == CURLE_OPERATION_TIMEDOUT;
  const bool short_of = code == CURLE_OK && client.received < size;
  if (!forgotten && status != 200)
    ++tally->refused;
  else if (forgotten || short_of || client.differs || client.received > size)
    ++tally->wrong;
  else
    ++(code == CURLE_OK ? tally->whole : tally->cut);
}

Tally Run(std::span<Client> clients, steady_clock::time_point end) {
  CURLM* const multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(clients.size()));
  for (const Client& client : clients) curl_multi_add_handle(multi, client.curl);
  Tally tally;
  int running = 1;
  while (running > 0) {
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
      char* user = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
      Client& client = *reinterpret_cast<Client*>(user);
      Count(client, message->data.result, &tally);
      client.received = 0;
      client.differs = false;
      curl_multi_remove_handle(multi, client.curl);
      if (steady_clock::now() >= end) continue;
      curl_multi_add_handle(multi, client.curl);
      running = 1;
    }
    curl_multi_poll(multi, nullptr, 0, 100, nullptr);
  }
  for (const Client& client : clients) curl_easy_cleanup(client.curl);
  curl_multi_cleanup(multi);
  return tally;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (words.size() < 5 || words.size() % 2 == 0) return 2;
  std::vector<Page> pages;
  for (size_t i = 3; i + 1 < words.size(); i += 2) {
    std::ifstream file(words[i + 1], std::ios::binary);
    pages.push_back({words[i], {std::istreambuf_iterator<char>(file), {}}});
  }
  std::vector<Client> clients(std::stoul(words[2]));
  for (size_t i = 0; i < clients.size(); ++i) {
    clients[i].page = &pages[i % pages.size()];
    Prepare(clients[i], i / pages.size());
  }
  const Tally tally = Run(clients, steady_clock::now() + std::chrono::seconds(std::stol(words[1])));
  std::printf("whole %zu refused %zu cut %zu wrong %zu\n", tally.whole, tally.refused, tally.cut,
              tally.wrong);
  return tally.wrong == 0 ? 0 : 1;
}
