# Unit tests of symbols, with the library that reads ELF files.
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
if(TARGET symbols_dw)
  add_executable(symbols_code_places_test ${CMAKE_CURRENT_LIST_DIR}/symbols_code_places_test.c)
  target_link_libraries(symbols_code_places_test PRIVATE symbols symbols_dw format_fixture
    ${SYMBOLS_LIBRARIES} ${CMOCKA_LIBRARY})
  target_compile_options(symbols_code_places_test PRIVATE -g)
  add_test(NAME unit.symbols.code_places COMMAND symbols_code_places_test)
  set_tests_properties(unit.symbols.code_places PROPERTIES TIMEOUT 240)
endif()
