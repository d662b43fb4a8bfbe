# Unit tests of format, one program per source file, and the golden trace of each format version.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
set(format_golden ${CMAKE_CURRENT_LIST_DIR}/../golden)

add_library(format_fixture STATIC ${CMAKE_CURRENT_LIST_DIR}/format_fixture.c
  ${format_golden}/message_text.c)
target_include_directories(format_fixture PUBLIC ${CMAKE_CURRENT_LIST_DIR} ${format_golden})
target_link_libraries(format_fixture PUBLIC format ${CMOCKA_LIBRARY} zstd xxhash)

foreach(name blob cursor event_check event_kinds event_pack golden index parts reader writer)
  add_executable(format_${name}_test ${CMAKE_CURRENT_LIST_DIR}/format_${name}_test.c)
  target_link_libraries(format_${name}_test PRIVATE format_fixture)
  add_test(NAME unit.format.${name} COMMAND format_${name}_test)
  set_tests_properties(unit.format.${name} PROPERTIES TIMEOUT 120
    ENVIRONMENT UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1)
endforeach()

target_compile_definitions(format_golden_test PRIVATE GOLDEN_DIR="${format_golden}"
  FORMAT_DOC="${CMAKE_CURRENT_LIST_DIR}/../../doc/FORMAT.md")

# Only for a new format version: make_golden TRACE TEXT
add_executable(make_golden EXCLUDE_FROM_ALL ${format_golden}/make_golden.c)
target_link_libraries(make_golden PRIVATE format_fixture)

include(${CMAKE_CURRENT_LIST_DIR}/../fuzz/fuzz.cmake)
