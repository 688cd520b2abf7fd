# Writes version.hpp from its template. "-dirty": the tree has changes that no commit holds.
execute_process(
    COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --match=
    OUTPUT_VARIABLE OMS_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE FAILED)
if(FAILED OR NOT OMS_COMMIT)
    set(OMS_COMMIT "unknown")   # built from an archive of the sources
endif()
set(PROJECT_VERSION ${VERSION})
configure_file(${TEMPLATE} ${HEADER} @ONLY)
