find_library(CMOCKA_LIBRARY cmocka REQUIRED)
add_executable(base_test unit/base_test.c)
target_link_libraries(base_test PRIVATE base ${CMOCKA_LIBRARY})
add_test(NAME unit.base COMMAND base_test)
