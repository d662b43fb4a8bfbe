# Unit tests of task, one program per source file.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
foreach(name insn known_pages landmark memory_hash memory_watch)
  add_executable(task_${name}_test ${CMAKE_CURRENT_LIST_DIR}/task_${name}_test.c)
  target_link_libraries(task_${name}_test PRIVATE task ${CMOCKA_LIBRARY})
  add_test(NAME unit.task.${name} COMMAND task_${name}_test)
  set_tests_properties(unit.task.${name} PROPERTIES TIMEOUT 120
    ENVIRONMENT UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1)
endforeach()
