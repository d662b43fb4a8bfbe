# Unit tests of decode: traces made by the writer, and calls made up.
add_executable(decode_test ${CMAKE_CURRENT_LIST_DIR}/decode_test.c)
target_link_libraries(decode_test PRIVATE decode format_fixture)
add_test(NAME unit.decode COMMAND decode_test)
set_tests_properties(unit.decode PROPERTIES TIMEOUT 60)
