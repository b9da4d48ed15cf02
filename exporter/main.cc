// metrishift-exporter: re-emits metrics under their old names beside the new ones.

#include <cstdio>
#include <exception>

#include "exporter/cli/translate.h"
#include "exporter/http/options.h"
#include "exporter/http/run.h"

int main(int argc, char** argv) {
  try {
    if (metrishift::cli::IsTranslate(argc, argv)) return metrishift::cli::RunTranslate(argc, argv);
    const metrishift::http::ParsedOptions parsed = metrishift::http::ParseOptions(argc, argv);
    if (!parsed.options) return parsed.exit_code;
    return metrishift::http::Run(*parsed.options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "metrishift-exporter: %s\n", error.what());
    return 2;
  }
}
