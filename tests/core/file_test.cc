#include "core/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <thread>

namespace metrishift {
namespace {

namespace fs = std::filesystem;

class ReadFileTest : public ::testing::Test {
 protected:
  ReadFileTest() {
    std::string name = (fs::temp_directory_path() / "read-file-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }
  ~ReadFileTest() override { fs::remove_all(dir_); }

  std::string Path(const char* name) const { return (dir_ / name).string(); }

  // The bytes, or why there are none.
  static std::string Read(const std::string& path) {
    std::string why;
    const std::optional<std::string> text = ReadFile(path, &why);
    return text ? *text : "error: " + why;
  }

  fs::path dir_;
};

TEST_F(ReadFileTest, WhatMayHaveNoEndIsNotRead) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = Path("socket");
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(Read(path), "error: is a socket");
  ::close(fd);
  EXPECT_EQ(Read("/dev/zero"), "error: is a device");
  EXPECT_EQ(Read("/dev/null"), "");
  EXPECT_EQ(Read(dir_.string()), "error: is a folder");
  EXPECT_EQ(Read(Path("none")), "error: No such file or directory");
}

TEST_F(ReadFileTest, APipeIsReadOnceSomebodyWritesToIt) {
  const std::string pipe = Path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string text : {"", "late"}) {
    std::thread writer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const int fd = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
      ::close(fd);
    });
    EXPECT_EQ(Read(pipe), text);
    writer.join();
  }
  EXPECT_EQ(Read(pipe), "error: is a pipe that nobody writes to");
}

TEST_F(ReadFileTest, OwnDescriptorsAreReadWhateverTheyAre) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::write(ends[1], "ab", 2), 2);
  ::close(ends[1]);
  EXPECT_EQ(Read("/dev/fd/" + std::to_string(ends[0])), "ab");
  EXPECT_EQ(Read("/dev/fd/" + std::to_string(ends[0])), "");
  ::close(ends[0]);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(Read("/proc/self/fd/" + std::to_string(null)), "");
  ::close(null);
}

}  // namespace
}  // namespace metrishift
