// A scraper without a server around it, for clients that no test can be over a socket.

#include "exporter/http/scrape.h"

#include <gtest/gtest.h>

#include <new>
#include <thread>
#include <utility>

#include "tests/exporter/http/fake_upstream.h"
#include "tests/exporter/http/test_certificates.h"
#include "tests/exporter/http/test_server.h"

namespace metrishift::http {
namespace {

using std::chrono::milliseconds;

// There is no memory for one of the calls.
class PoorClient : public ClientConnection {
 public:
  explicit PoorClient(int failing) : failing_(failing) {}

  bool Send(std::string_view bytes) override {
    if (calls_++ == failing_) throw std::bad_alloc();
    sent_ += bytes;
    return true;
  }
  const std::string& sent() const { return sent_; }

 private:
  const int failing_;
  int calls_ = 0;
  std::string sent_;
};

// Wherever memory ends, a body that has begun is cut, and it is counted.
TEST(Scraper, OutOfMemory) {
  FakeUpstream upstream;
  const std::string begin = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n";
  const std::vector<std::pair<FakeReply, int>> rows = {
      {WholeReply("new 1\n"), 0},  // goes out at the end
      // in a pause
      {{begin + "Content-Length: 12\r\n\r\nnew 1\n", milliseconds(300), "new 2\n"}, 0},
      {WholeReply(std::string(4 * StreamedResponse::kChunkBytes, '\n')), 0},  // as it comes
      {WholeReply(std::string(4 * StreamedResponse::kChunkBytes, '\n')), 1},
  };
  Route route;
  route.upstream.url = upstream.url();
  Scraper scraper(route, OldAndNew());
  const Request request{"GET", "/metrics", "1.1", {{"Host", "x"}}};
  for (const auto& [reply, failing] : rows) {
    upstream.SetReply(reply);
    PoorClient poor(failing);
    ScrapeRecord record;
    scraper.Scrape(request, &poor, &record);
    EXPECT_EQ(record.outcome, ScrapeOutcome::kLimit) << reply.bytes.size();
    EXPECT_EQ(record.limit, "memory") << reply.bytes.size();
    EXPECT_TRUE(record.cut) << reply.bytes.size();
    EXPECT_FALSE(poor.sent().ends_with("\r\n0\r\n\r\n")) << reply.bytes.size();
    PoorClient rich(-1);
    scraper.Scrape(request, &rich, &record);
    EXPECT_TRUE(rich.sent().ends_with("\r\n0\r\n\r\n")) << reply.bytes.size();
  }
}

// What is held back for clients of HTTP/1.0 has one ceiling for all of them.
TEST(StreamedResponse, HoldsBackNoMoreThanItMay) {
  const Request old{"GET", "/metrics", "1.0", {}};
  const std::string part(StreamedResponse::kMaxHeldBytes / 4, 'x');
  PoorClient client(-1);
  const auto hold = [&](StreamedResponse& response, int parts) {
    bool held = true;
    for (int i = 0; i < parts; ++i) held = held && response.Write(part);
    return held;
  };
  StreamedResponse first(&client, &old);
  EXPECT_TRUE(hold(first, 2));
  {
    StreamedResponse second(&client, &old);
    EXPECT_TRUE(hold(second, 2));
    EXPECT_FALSE(hold(first, 1));
    EXPECT_FALSE(second.Write("y"));
  }
  EXPECT_TRUE(hold(first, 2)) << "what the second had is free again";
  EXPECT_FALSE(first.Write("y"));
  first.Begin(200, "text/plain");
  EXPECT_TRUE(first.End());
  EXPECT_TRUE(client.sent().ends_with(std::string(StreamedResponse::kMaxHeldBytes, 'x')));
}

// Also one that was busy when the files were exchanged.
TEST(Scraper, NoConnectionSurvivesItsCertificates) {
  const TestFolder folder;
  FakeUpstream upstream;
  FakeReply slow = WholeReply("new 1\n");
  slow.rest = std::exchange(slow.bytes, "");
  slow.pause = milliseconds(500);
  slow.keep_alive = true;
  upstream.SetReply(slow);
  Route route;
  route.upstream.url = upstream.url();
  route.upstream.ca_file = folder.Write("ca.pem", "one");
  Scraper scraper(route, OldAndNew());
  const auto scrape = [&scraper] {
    PoorClient client(-1);
    ScrapeRecord record;
    scraper.Scrape({"GET", "/metrics", "1.1", {{"Host", "x"}}}, &client, &record);
    EXPECT_EQ(record.outcome, ScrapeOutcome::kTranslated) << record.message;
  };
  {
    const std::jthread busy(scrape);
    while (upstream.requests().empty()) std::this_thread::sleep_for(milliseconds(5));
    folder.Write("ca.pem", "another");
    scrape();
  }
  EXPECT_EQ(upstream.connections(), 2);
  {
    const std::jthread one(scrape);
    const std::jthread other(scrape);
  }
  EXPECT_EQ(upstream.connections(), 3) << "the one with the old files was used again";
}

}  // namespace
}  // namespace metrishift::http
