# Replays that are opened, stepped and closed: see positions.c.
foreach(name positions arrivals)
  add_executable(${name} ${CMAKE_CURRENT_LIST_DIR}/${name}.c ${CMAKE_CURRENT_LIST_DIR}/states.c)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/..)
  target_link_libraries(${name} PRIVATE replayer format task base xxhash)
endforeach()
add_executable(ticks ${CMAKE_CURRENT_LIST_DIR}/ticks.c)
target_compile_options(ticks PRIVATE -O1 -fno-pie)
target_link_options(ticks PRIVATE -no-pie)
target_link_libraries(ticks PRIVATE Threads::Threads)
add_test(NAME session.arrivals_are_counted_alike
  COMMAND ${CMAKE_CURRENT_LIST_DIR}/arrivals.sh $<TARGET_FILE:ticks>)
set_tests_properties(session.arrivals_are_counted_alike PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 400
  ENVIRONMENT "REPRISE=$<TARGET_FILE:reprise>;BOUNDED=$<TARGET_FILE:bounded>;ARRIVALS=$<TARGET_FILE:arrivals>")
function(session_test name)
  add_test(NAME session.positions_are_exact.${name}
    COMMAND ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/positions.sh ${ARGN})
  set_tests_properties(session.positions_are_exact.${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 400
    ENVIRONMENT "REPRISE=$<TARGET_FILE:reprise>;BOUNDED=$<TARGET_FILE:bounded>;POSITIONS=$<TARGET_FILE:positions>")
endfunction()

foreach(name spin_locks_guard_a_counter timer_against_compute_loops
    data_race_differs_from_run_to_run handlers_nest_and_masks_hold_signals_back
    sigreturn_restores_AVX_state mremap_grows_moves_and_shrinks
    shared_file_is_handed_over_between_processes time_stamps_are_read_in_loops
    random_numbers_go_to_any_register tasks_of_all_kinds_execute_fresh_code)
  session_test(${name} $<TARGET_FILE:${name}>)
endforeach()
session_test(shell sh -c "for i in 1 2 3; do date +%N | tr 0-9 a-j; done")
session_test(python /usr/bin/python3 -c "import json, threading, subprocess; t = [threading.Thread(target=json.dumps, args=([1] * 1000,)) for i in range(4)]; [x.start() for x in t]; subprocess.run(['true'])")
