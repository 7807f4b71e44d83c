# The folder is the registry: every src/<dir>/<name>.cpp defines `extern <Type> const <name>_<kind>` in namespace <ns>,
# and all_<dir>() returns them in order of name. A file whose symbol does not match its name does not link.
function(generate_registry target dir type kind header ns)
  get_filename_component(table ${dir} NAME)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${dir}/*.cpp)
  list(SORT files)
  set(decls "")
  set(items "")
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    string(APPEND decls "extern ${type} const ${name}_${kind};\n")
    string(APPEND items "    &${name}_${kind},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/gen/${table}.gen.cpp @ONLY CONTENT
"// Generated from src/${dir}/ - do not edit.
#include <span>
#include \"${header}\"
namespace ${ns} {
${decls}static ${type} const* const table[] = {
${items}};
std::span<${type} const* const> all_${table}() { return table; }
}
")
  target_sources(${target} PRIVATE ${PROJECT_BINARY_DIR}/gen/${table}.gen.cpp)
endfunction()
