# Unit tests of the code in the vDSO page.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
add_executable(vdso_state_save_test ${CMAKE_CURRENT_LIST_DIR}/vdso_state_save_test.c)
target_link_libraries(vdso_state_save_test PRIVATE vdso ${CMOCKA_LIBRARY})
add_test(NAME unit.vdso.state_save COMMAND vdso_state_save_test)
set_tests_properties(unit.vdso.state_save PROPERTIES TIMEOUT 60)
