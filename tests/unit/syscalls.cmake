# Unit tests of syscalls: the table against itself and the kernel's header, the walkers against
# made-up memory, and everything against the kernel that runs.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)

# The kernel's numbers, as an initialiser.
find_path(syscalls_header_dir asm/unistd_64.h REQUIRED)
file(STRINGS ${syscalls_header_dir}/asm/unistd_64.h syscalls_numbers REGEX "^#define __NR_")
list(TRANSFORM syscalls_numbers REPLACE "^#define __NR_([a-z0-9_]+)[ \t]+([0-9]+).*" "{\\2, \"\\1\"},")
list(JOIN syscalls_numbers "\n" syscalls_numbers)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/generated/syscalls_header_numbers.inc "${syscalls_numbers}\n")

add_library(syscalls_probe STATIC ${CMAKE_CURRENT_LIST_DIR}/syscalls_probe.c)
target_include_directories(syscalls_probe PUBLIC ${CMAKE_CURRENT_LIST_DIR}
  ${CMAKE_CURRENT_BINARY_DIR}/generated)
target_link_libraries(syscalls_probe PUBLIC syscalls ${CMOCKA_LIBRARY})

foreach(name table rules buffers ioctl kernel_file kernel_ipc kernel_network kernel_process kernel_time plain_calls traits)
  add_executable(syscalls_${name}_test ${CMAKE_CURRENT_LIST_DIR}/syscalls_${name}_test.c)
  target_link_libraries(syscalls_${name}_test PRIVATE syscalls_probe)
  add_test(NAME unit.syscalls.${name} COMMAND syscalls_${name}_test)
  set_tests_properties(unit.syscalls.${name} PROPERTIES TIMEOUT 120)
endforeach()
