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
