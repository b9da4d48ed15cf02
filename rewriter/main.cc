#include <exception>
#include <iostream>

#include "rewriter/cli/main_command.h"

int main(int argc, char** argv) {
  try {
    return metrishift::cli::Main(argc, argv);
  } catch (const std::exception& error) {  // out of memory, or a fault of a library
    std::cerr << "metrishift: " << error.what() << "\n";
    return 2;
  }
}
