# Unit tests of the code in the vDSO page.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
foreach(name state_save tsc_read)
  add_executable(vdso_${name}_test ${CMAKE_CURRENT_LIST_DIR}/vdso_${name}_test.c)
  target_link_libraries(vdso_${name}_test PRIVATE vdso ${CMOCKA_LIBRARY})
  add_test(NAME unit.vdso.${name} COMMAND vdso_${name}_test)
  set_tests_properties(unit.vdso.${name} PROPERTIES TIMEOUT 60)
endforeach()
