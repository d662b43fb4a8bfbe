# The fuzzer of the trace reader, bounded. It is built by its own script, since it needs clang
# whatever compiler the rest is built with.
get_filename_component(fuzz_source ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
add_test(NAME fuzz.trace_reader
  COMMAND ${CMAKE_CURRENT_LIST_DIR}/run.sh ${fuzz_source}
    ${CMAKE_BINARY_DIR}/gates/format_generated ${CMAKE_BINARY_DIR}/fuzz)
set_tests_properties(fuzz.trace_reader PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 LABELS slow)
