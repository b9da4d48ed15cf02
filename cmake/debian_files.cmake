# Run by CPack for what it is about to pack: what Debian's policy wants otherwise than `cmake --install` leaves it.
file(GLOB packages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/metrishift*)
foreach(package ${packages})
  get_filename_component(name ${package} NAME)
  set(root ${package}${CPACK_PACKAGING_INSTALL_PREFIX}/share)
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
  file(WRITE ${root}/doc/${name}/changelog
       "${name} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium\n\n  * See CHANGELOG.md of the project.\n\n"
       " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  file(GLOB plain ${root}/man/man1/*.1)
  execute_process(COMMAND gzip -9nf ${plain} ${root}/doc/${name}/changelog COMMAND_ERROR_IS_FATAL ANY)
endforeach()
