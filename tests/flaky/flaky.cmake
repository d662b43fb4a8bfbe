# Programs that fail for one known cause each; tests/cli/diff.sh records them passing and failing.
find_package(Threads REQUIRED)
foreach(name clock_leap different_data directory_order environment_variable full_disk hold_port killed
    missing_file port_in_use race random_seed set_back_clock short_read signal_comes slow_peer
    time_of_day)
  add_executable(flaky_${name} ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
  target_link_libraries(flaky_${name} PRIVATE Threads::Threads)
  set_target_properties(flaky_${name} PROPERTIES OUTPUT_NAME ${name}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/flaky)
endforeach()
