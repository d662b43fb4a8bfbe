# reprise_part(NAME SOURCES... [USES parts or libraries...])
# One static library per folder. A part reaches its own headers and those of the parts it uses, as
# "folder/header.h", and no others: each folder is exposed alone through a link in the build tree.
function(reprise_part name)
  cmake_parse_arguments(PART "" "" "USES;PRIVATE_USES" ${ARGN})
  set(gate ${CMAKE_BINARY_DIR}/gates/${name})
  file(MAKE_DIRECTORY ${gate})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${gate}/${name} SYMBOLIC)
  add_library(${name} STATIC ${PART_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC ${gate})
  target_link_libraries(${name} PUBLIC ${PART_USES} PRIVATE ${PART_PRIVATE_USES})
endfunction()
