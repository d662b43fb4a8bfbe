# Unit tests of recorder, one program per source file.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
add_executable(recorder_signal_order_test ${CMAKE_CURRENT_LIST_DIR}/recorder_signal_order_test.c)
target_link_libraries(recorder_signal_order_test PRIVATE recorder ${CMOCKA_LIBRARY})
add_test(NAME unit.recorder.signal_order COMMAND recorder_signal_order_test)
set_tests_properties(unit.recorder.signal_order PROPERTIES TIMEOUT 60)
