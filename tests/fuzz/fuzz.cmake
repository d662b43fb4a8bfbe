# The fuzzers of what reads traces, bounded. They are built by their own script, since they need
# clang whatever compiler the rest is built with.
get_filename_component(fuzz_source ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
foreach(target trace_reader views diff dump calls code points origin)
  add_test(NAME fuzz.${target}
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/run.sh ${target} ${fuzz_source}
      ${CMAKE_BINARY_DIR}/gates/format_generated ${CMAKE_BINARY_DIR}/fuzz/${target}
      $<TARGET_FILE:make_trace>)
  set_tests_properties(fuzz.${target} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 LABELS slow)
endforeach()
