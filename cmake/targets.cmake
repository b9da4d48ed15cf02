# metrishift_flags: what every target of the project is compiled with.
add_library(metrishift_flags INTERFACE)
target_include_directories(metrishift_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(metrishift_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  $<$<BOOL:${METRISHIFT_WERROR}>:-Werror>)
target_compile_definitions(metrishift_flags INTERFACE METRISHIFT_VERSION="${PROJECT_VERSION}")
if(METRISHIFT_SANITIZE)
  target_compile_options(metrishift_flags INTERFACE -fsanitize=${METRISHIFT_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(metrishift_flags INTERFACE -fsanitize=${METRISHIFT_SANITIZE})
  target_compile_definitions(metrishift_flags INTERFACE METRISHIFT_SANITIZED)
endif()
if(METRISHIFT_FUZZ)
  target_compile_options(metrishift_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(metrishift_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# metrishift_library(NAME SOURCES a.cc ... DEPS target ...)
# One static library for one folder. DEPS are public: the link lines are the architecture.
function(metrishift_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(metrishift_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(metrishift_${name} PUBLIC metrishift_flags ${ARG_DEPS})
endfunction()

# metrishift_test(NAME SOURCES a_test.cc ... DEPS target ... [LABELS label ...])
# One GoogleTest executable, each TEST a ctest case named NAME.Suite.Case. The label "threads" is for what starts threads: those
# tests also run under the thread sanitizer.
function(metrishift_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE metrishift_flags ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE METRISHIFT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300 LABELS "${ARG_LABELS}")
endfunction()

# metrishift_fuzz(NAME SOURCE x_fuzz.cc DEPS target ...)
# SOURCE defines LLVMFuzzerTestOneInput. Its corpus, tests/fuzz/corpus/NAME/, is replayed as an ordinary test; with
# METRISHIFT_FUZZ=ON the same source also becomes a libFuzzer program NAME_fuzzer.
function(metrishift_fuzz name)
  cmake_parse_arguments(ARG "" "SOURCE" "DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCE} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cc)
  target_link_libraries(${name} PRIVATE metrishift_flags ${ARG_DEPS})
  add_test(NAME ${name}.Corpus COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  set_tests_properties(${name}.Corpus PROPERTIES TIMEOUT 300)
  if(METRISHIFT_FUZZ)
    add_executable(${name}er ${ARG_SOURCE})
    target_link_libraries(${name}er PRIVATE metrishift_flags ${ARG_DEPS} -fsanitize=fuzzer)
  endif()
endfunction()
