# Every library we stand on, all from Debian 12; why each: docs/decisions/.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS headers)
find_package(fmt REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(PkgConfig REQUIRED)
pkg_check_modules(re REQUIRED IMPORTED_TARGET libre)
pkg_check_modules(sndfile REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(spandsp REQUIRED IMPORTED_TARGET spandsp)
pkg_check_modules(speexdsp REQUIRED IMPORTED_TARGET speexdsp)
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)
find_package(tomlplusplus REQUIRED)
find_package(ZLIB REQUIRED)
if(CMAKE_BUILD_TYPE STREQUAL "Release")   # sanitizers bring an allocator of their own
  find_package(mimalloc REQUIRED)
endif()

# Boost.Asio, Beast and JSON are compiled once, here; everybody else sees declarations.
add_library(boost_once OBJECT ${PROJECT_SOURCE_DIR}/cmake/boost_once.cpp)
target_link_libraries(boost_once PUBLIC Boost::headers OpenSSL::SSL Threads::Threads)
target_compile_definitions(boost_once PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY)
target_compile_options(boost_once PRIVATE -w)
set_target_properties(boost_once PROPERTIES UNITY_BUILD OFF)

# One precompiled header for every folder: what is included everywhere and slow to parse.
add_library(pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cpp)
target_link_libraries(pch PUBLIC boost_once fmt::fmt)
target_compile_options(pch PUBLIC -fpch-instantiate-templates "SHELL:-Xclang -fno-pch-timestamp")
target_precompile_headers(pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.hpp)
