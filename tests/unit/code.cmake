# Unit tests of code, one program per source file.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
add_library(code_fixture OBJECT ${CMAKE_CURRENT_LIST_DIR}/code_fixture.c)
target_link_libraries(code_fixture PRIVATE code)
foreach(name code_extent code_finder code_marks code_paths consensus elf_layout file_window go_table insn likely_code
    machine_code scan sorted_table stretches symbol_table truth unwind_table vendor_code vendor_insn vendor_scan)
  add_executable(code_${name}_test ${CMAKE_CURRENT_LIST_DIR}/code_${name}_test.c)
  target_link_libraries(code_${name}_test PRIVATE code_fixture code ${CMOCKA_LIBRARY})
  add_test(NAME unit.code.${name} COMMAND code_${name}_test)
  set_tests_properties(unit.code.${name} PROPERTIES TIMEOUT 120
    ENVIRONMENT UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1)
endforeach()
