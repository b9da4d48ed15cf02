# Debian packages: cpack -G DEB makes metrishift and metrishift-exporter, each with what its program needs. What they depend on is
# found out by dpkg-shlibdeps.

# The unit of the package is that of deploy/, told what to do by the file that other exporters of Debian have: ARGS="--upstream=...".
file(READ ${PROJECT_SOURCE_DIR}/deploy/systemd/metrishift-exporter.service unit)
string(REGEX REPLACE "# Certificates are[^\n]*\n(LoadCredential=[^\n]*\n)+" "" unit "${unit}")
string(REGEX REPLACE "ExecStart=([^\n]*\\\\\n)*[^\n]*\n"
       "EnvironmentFile=/etc/default/metrishift-exporter\nExecStart=metrishift-exporter $ARGS\n" unit "${unit}")
string(REPLACE "Description=Old metric names of etcd" "Description=Old metric names" unit "${unit}")
string(REPLACE "\n\n[Service]" "\nConditionPathExists=/etc/default/metrishift-exporter\n\n[Service]" unit "${unit}")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/metrishift-exporter.service CONTENT "${unit}" @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/metrishift-exporter.service DESTINATION lib/systemd/system
        COMPONENT metrishift-exporter)
install(FILES ${PROJECT_SOURCE_DIR}/dashboards/exporter-dashboard.json
              ${PROJECT_SOURCE_DIR}/dashboards/exporter-alerts.yml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/metrishift-exporter/examples COMPONENT metrishift-exporter)
foreach(package metrishift metrishift-exporter)
  install(FILES ${PROJECT_SOURCE_DIR}/deploy/debian/copyright
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${package})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian_files.cmake)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_PACKAGE_VENDOR Metrishift)
# Debian wants an address. This one says by its ending (RFC 2606) that it has no letter box; who publishes packages says who
# answers for them: cmake -D CPACK_PACKAGE_CONTACT="NAME <ADDRESS>".
if(NOT DEFINED CPACK_PACKAGE_CONTACT)
  set(CPACK_PACKAGE_CONTACT "Metrishift maintainers <maintainers@metrishift.invalid>")
endif()
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL metrishift metrishift-exporter)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_METRISHIFT_PACKAGE_NAME metrishift)
set(CPACK_DEBIAN_METRISHIFT_PACKAGE_SECTION utils)
set(CPACK_COMPONENT_METRISHIFT_DESCRIPTION
    "move PromQL across a metric rename\nRewrites deprecated metric names in Prometheus rule files and Grafana\ndashboards, and nothing else.")
set(CPACK_DEBIAN_METRISHIFT-EXPORTER_PACKAGE_NAME metrishift-exporter)
set(CPACK_DEBIAN_METRISHIFT-EXPORTER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_METRISHIFT-EXPORTER_PACKAGE_SUGGESTS metrishift)
set(CPACK_DEBIAN_METRISHIFT-EXPORTER_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/deploy/debian/postinst ${PROJECT_SOURCE_DIR}/deploy/debian/prerm
    ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_COMPONENT_METRISHIFT-EXPORTER_DESCRIPTION
    "old names of renamed metrics beside the new\nStands in front of /metrics and re-emits metrics under the names they had\nbefore an upgrade.")
include(CPack)
