# Unit tests of diff, one program per idea.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
foreach(name addr_space align field_rules pairing points words)
  add_executable(diff_${name}_test ${CMAKE_CURRENT_LIST_DIR}/diff_${name}_test.c)
  target_link_libraries(diff_${name}_test PRIVATE diff symbols_none ${CMOCKA_LIBRARY})
  add_test(NAME unit.diff.${name} COMMAND diff_${name}_test)
  set_tests_properties(unit.diff.${name} PROPERTIES TIMEOUT 120
    ENVIRONMENT UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1)
endforeach()
