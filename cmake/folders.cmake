# boni_folder(<name> SEES <folders...> LINKS <libraries...>): src/<name>/*.cpp as one library.
# A unity build compiles many of its files together: a private name is used once in a folder.
# A folder can include only itself and what it SEES: each gets its own include directory, so a forbidden #include does not
# compile. tools/tidy.py checks the same table a second time.
function(boni_include_dir name)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/see/${name})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${name} ${PROJECT_BINARY_DIR}/see/${name}/${name} SYMBOLIC)
endfunction()

function(boni_folder name)
  cmake_parse_arguments(arg "" "" "SEES;LINKS;SOURCES" ${ARGN})
  boni_include_dir(${name})
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  endif()
  add_library(${name} OBJECT ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_BINARY_DIR}/see/${name})
  target_link_libraries(${name} PUBLIC pch ${arg_LINKS})
  set_property(GLOBAL PROPERTY BONI_LINKS_${name} ${arg_LINKS})
  foreach(other IN LISTS arg_SEES)
    target_include_directories(${name} PUBLIC ${PROJECT_BINARY_DIR}/see/${other})
    get_property(links GLOBAL PROPERTY BONI_LINKS_${other})   # a generator expression would not be followed two folders deep
    target_link_libraries(${name} PUBLIC ${links})
  endforeach()
  target_precompile_headers(${name} REUSE_FROM pch)
endfunction()

# The objects of the named folders, for an executable.
function(boni_link target)
  target_link_libraries(${target} PRIVATE boost_once pch)
  foreach(folder IN LISTS ARGN)
    target_link_libraries(${target} PRIVATE ${folder})
  endforeach()
endfunction()
