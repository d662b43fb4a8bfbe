# Traces that are changed by what they mean, replayed under watch.
add_executable(adversary ${CMAKE_CURRENT_LIST_DIR}/adversary.c ${CMAKE_CURRENT_LIST_DIR}/hostile_code.S
  ${CMAKE_CURRENT_LIST_DIR}/mend.c ${CMAKE_CURRENT_LIST_DIR}/mutate.c ${CMAKE_CURRENT_LIST_DIR}/specimen.c
  ${CMAKE_CURRENT_LIST_DIR}/trial.c ${CMAKE_CURRENT_LIST_DIR}/values.c
  ${CMAKE_CURRENT_LIST_DIR}/watch_calls.c ${CMAKE_CURRENT_LIST_DIR}/watch_effects.c
  ${CMAKE_CURRENT_LIST_DIR}/weaken.c)
target_link_libraries(adversary PRIVATE replayer format task)
target_link_options(adversary PRIVATE -Wl,--wrap=ptrace)

add_executable(tiny ${CMAKE_CURRENT_LIST_DIR}/tiny.c)
target_compile_options(tiny PRIVATE -O1 -fno-pie -fno-stack-protector -fno-sanitize=all
  -fcf-protection=none -fno-builtin -U_FORTIFY_SOURCE)
target_link_options(tiny PRIVATE -nostdlib -static -no-pie -s -fno-sanitize=all)

set(path ${CMAKE_CURRENT_LIST_DIR}/adversary.sh)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
file(STRINGS ${path} functions REGEX "^[a-zA-Z0-9][a-zA-Z0-9_]*\\(\\) {$")
foreach(function ${functions})
  string(REGEX REPLACE "\\(.*" "" test ${function})
  add_test(NAME adversary.${test} COMMAND bash ${path} ${test})
  set_tests_properties(adversary.${test} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 240 ENVIRONMENT
    "REPRISE=$<TARGET_FILE:reprise>;BOUNDED=$<TARGET_FILE:bounded>;ALTER=$<TARGET_FILE:cli_alter>;CRAFT=$<TARGET_FILE:cli_craft>;FORBID=$<TARGET_FILE:cli_forbid>;ADVERSARY=$<TARGET_FILE:adversary>;TINY=$<TARGET_FILE:tiny>")
endforeach()
