# Unit tests of replayer, one program per source file.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
add_executable(replayer_check_stub_test ${CMAKE_CURRENT_LIST_DIR}/replayer_check_stub_test.c)
target_link_libraries(replayer_check_stub_test PRIVATE replayer task ${CMOCKA_LIBRARY})
add_test(NAME unit.replayer.check_stub COMMAND replayer_check_stub_test)
set_tests_properties(unit.replayer.check_stub PROPERTIES TIMEOUT 120)
