# `cmake --install` and `cpack`: one .deb from the same build. The program is linked statically, so
# the package depends on nothing; what is missing in it is found by the packages that it suggests.
include(GNUInstallDirs)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME reprise)
set(CPACK_PACKAGE_CONTACT "The reprise authors <reprise@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "record the run of a program and replay it exactly")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "Records every system call, signal and thread switch of a tree of processes\n in one file, and runs it again with exactly that, here or on another\n machine, without hardware counters, kernel modules or root.")
if(NOT REPRISE_STATIC OR REPRISE_SANITIZE)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)
