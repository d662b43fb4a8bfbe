# Unit tests of replayer, one program per source file.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
foreach(name blame check_stub code_spans origin sandbox vendor_places xstate)
  add_executable(replayer_${name}_test ${CMAKE_CURRENT_LIST_DIR}/replayer_${name}_test.c)
  target_link_libraries(replayer_${name}_test PRIVATE replayer format_fixture task ${CMOCKA_LIBRARY})
  add_test(NAME unit.replayer.${name} COMMAND replayer_${name}_test)
  set_tests_properties(unit.replayer.${name} PROPERTIES TIMEOUT 120)
endforeach()
target_link_options(replayer_vendor_places_test PRIVATE -Wl,--wrap=vendor_code_count)

add_test(NAME unit.replayer.dangerous_requests_are_made_in_one_place_each COMMAND
  ${CMAKE_CURRENT_LIST_DIR}/replayer_choke_points.sh ${CMAKE_SOURCE_DIR}/replayer)
set_tests_properties(unit.replayer.dangerous_requests_are_made_in_one_place_each PROPERTIES TIMEOUT 30)
