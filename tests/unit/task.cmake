# Unit tests of task, one program per source file.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
foreach(name code_stop cpu_flags cpu_level known_pages landmark machine memory_hash memory_watch memory_operand
    proc redirect redirect_read regs rep_span state_insn tracee)
  add_executable(task_${name}_test ${CMAKE_CURRENT_LIST_DIR}/task_${name}_test.c)
  target_link_libraries(task_${name}_test PRIVATE task ${CMOCKA_LIBRARY})
  add_test(NAME unit.task.${name} COMMAND task_${name}_test)
  set_tests_properties(unit.task.${name} PROPERTIES TIMEOUT 120
    ENVIRONMENT UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1)
endforeach()

# Code that is copied into other programs.
foreach(stub recorder/call_stub replayer/fast_stub)
  get_filename_component(part ${stub} DIRECTORY)
  get_filename_component(section ${stub} NAME)
  add_test(NAME unit.${part}.${section}_stands_alone COMMAND
    ${CMAKE_CURRENT_LIST_DIR}/stub_stands_alone.sh ${section}
    ${CMAKE_BINARY_DIR}/${part}/CMakeFiles/${part}.dir/${section}.c.o
    ${CMAKE_BINARY_DIR}/${part}/CMakeFiles/${part}.dir/${section}_entry.S.o)
  set_tests_properties(unit.${part}.${section}_stands_alone PROPERTIES TIMEOUT 30)
endforeach()
