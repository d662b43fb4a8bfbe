# Unit tests of confine, one program per source file.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
foreach(name capabilities landlock reader)
  add_executable(confine_${name}_test ${CMAKE_CURRENT_LIST_DIR}/confine_${name}_test.c)
  target_link_libraries(confine_${name}_test PRIVATE confine ${CMOCKA_LIBRARY})
  add_test(NAME unit.confine.${name} COMMAND confine_${name}_test)
  set_tests_properties(unit.confine.${name} PROPERTIES TIMEOUT 120)
endforeach()
