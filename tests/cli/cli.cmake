# The command line: what each command does, and what becomes of bad input. Every function of these
# scripts is a test, its name a sentence.
add_executable(cli_alter ${CMAKE_CURRENT_LIST_DIR}/alter.c)
target_link_libraries(cli_alter PRIVATE format)
add_executable(cli_craft ${CMAKE_CURRENT_LIST_DIR}/craft.c)
target_link_libraries(cli_craft PRIVATE format)
add_executable(cli_costly ${CMAKE_CURRENT_LIST_DIR}/costly.c)
target_link_libraries(cli_costly PRIVATE format xxhash)
add_executable(cli_unemulated ${CMAKE_CURRENT_LIST_DIR}/unemulated.c)
target_link_libraries(cli_unemulated PRIVATE replayer format task)
target_link_options(cli_unemulated PRIVATE -Wl,--wrap=ptrace)
add_executable(cli_splice ${CMAKE_CURRENT_LIST_DIR}/splice.c)
target_link_libraries(cli_splice PRIVATE format)
add_executable(cli_pairs ${CMAKE_CURRENT_LIST_DIR}/pairs.c)
find_package(Threads REQUIRED)
add_executable(cli_asleep ${CMAKE_CURRENT_LIST_DIR}/asleep.c)
target_link_libraries(cli_asleep PRIVATE Threads::Threads)
add_executable(cli_forbid ${CMAKE_CURRENT_LIST_DIR}/forbid.c)

add_executable(make_trace ${CMAKE_CURRENT_LIST_DIR}/../export/make_trace.c)
target_link_libraries(make_trace PRIVATE format)

add_executable(many_calls ${CMAKE_CURRENT_LIST_DIR}/../dump/many_calls.c)
target_compile_options(many_calls PRIVATE -w) # calls that cannot go well are part of it

include(${CMAKE_CURRENT_LIST_DIR}/../flaky/flaky.cmake)

foreach(script commands diff store outcome bad_program bad_trace hostile_trace costly_trace bad_surroundings messages terminal stat export dump)
  set(path ${CMAKE_CURRENT_LIST_DIR}/${script}.sh)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(STRINGS ${path} functions REGEX "^[a-zA-Z0-9][a-zA-Z0-9_]*\\(\\) {$")
  foreach(function ${functions})
    string(REGEX REPLACE "\\(.*" "" test ${function})
    add_test(NAME cli.${test} COMMAND bash ${path} ${test})
    set_tests_properties(cli.${test} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 240 ENVIRONMENT
      "REPRISE=$<TARGET_FILE:reprise>;BOUNDED=$<TARGET_FILE:bounded>;ALTER=$<TARGET_FILE:cli_alter>;SPLICE=$<TARGET_FILE:cli_splice>;CRAFT=$<TARGET_FILE:cli_craft>;COSTLY=$<TARGET_FILE:cli_costly>;UNEMULATED=$<TARGET_FILE:cli_unemulated>;FORBID=$<TARGET_FILE:cli_forbid>;PAIRS=$<TARGET_FILE:cli_pairs>;ASLEEP=$<TARGET_FILE:cli_asleep>;MAKE_TRACE=$<TARGET_FILE:make_trace>;FLAKY=${CMAKE_CURRENT_BINARY_DIR}/flaky;PROGRAMS=${CMAKE_CURRENT_BINARY_DIR}/programs;MANY_CALLS=$<TARGET_FILE:many_calls>;COMPARE=${CMAKE_CURRENT_SOURCE_DIR}/dump/compare.py")
  endforeach()
endforeach()
set_tests_properties(cli.ten_million_events_take_little_memory
  cli.dump_of_ten_million_events_takes_little_memory
  cli.diff_of_ten_million_events_takes_little_memory
  cli.diff_of_ten_million_events_that_differ_takes_little_memory
  cli.diff_of_ten_million_events_of_unrelated_programs_takes_little_memory PROPERTIES TIMEOUT 3600 LABELS slow)
