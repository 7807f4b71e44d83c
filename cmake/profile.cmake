# BONI_PROFILE (docs/decisions/0010): "count" builds a server that counts how often each branch is taken, a file of such counts one that is laid
# out for them. The hash in the name of the copy is in every compile command: other counts compile everything anew.
set(BONI_PROFILE "" CACHE STRING "a file of LLVM's profile counts to compile with; \"count\" to make some; empty for none")

if(BONI_PROFILE STREQUAL "count")
  add_compile_options(-fprofile-generate)
  add_link_options(-fprofile-generate)
elseif(BONI_PROFILE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${BONI_PROFILE})
  file(SHA256 ${BONI_PROFILE} profile_hash)
  string(SUBSTRING ${profile_hash} 0 12 profile_hash)
  set(profile_copy ${PROJECT_BINARY_DIR}/${profile_hash}.profdata)
  configure_file(${BONI_PROFILE} ${profile_copy} COPYONLY)
  # A function that has changed since is compiled without counts, and that is no news.
  add_compile_options(-ffunction-sections -fprofile-use=${profile_copy} -Wno-profile-instr-out-of-date -Wno-backend-plugin)
endif()
if(BONI_PROFILE)
  add_compile_options("SHELL:-mllvm -static-func-full-module-prefix=0")   # private functions are known wherever the clone lies
endif()
