# Unit tests of code, one program per source file.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
foreach(name insn machine_code)
  add_executable(code_${name}_test ${CMAKE_CURRENT_LIST_DIR}/code_${name}_test.c)
  target_link_libraries(code_${name}_test PRIVATE code ${CMOCKA_LIBRARY})
  add_test(NAME unit.code.${name} COMMAND code_${name}_test)
  set_tests_properties(unit.code.${name} PROPERTIES TIMEOUT 120
    ENVIRONMENT UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1)
endforeach()
