# Unit tests of recorder, one program per source file.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
foreach(name agenda group signal_order standstill task_state)
  add_executable(recorder_${name}_test ${CMAKE_CURRENT_LIST_DIR}/recorder_${name}_test.c)
  target_link_libraries(recorder_${name}_test PRIVATE recorder ${CMOCKA_LIBRARY})
  add_test(NAME unit.recorder.${name} COMMAND recorder_${name}_test)
  set_tests_properties(unit.recorder.${name} PROPERTIES TIMEOUT 60)
endforeach()
