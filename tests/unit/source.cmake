# Tests of the text of all sources.

# source_test(NAME SCRIPT): runs SCRIPT on the source tree; its exit status 77 means "skipped".
function(source_test name script)
  add_test(NAME unit.source.${name} COMMAND ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${script} ${CMAKE_SOURCE_DIR})
  set_tests_properties(unit.source.${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()

source_test(nobody_else_knows_a_call table_is_asked.sh)
source_test(registers_have_verbs registers_have_verbs.sh)
source_test(clang_format_has_nothing_to_change laid_out.sh)
