# BONI_SANITIZE: "address,undefined" or "thread"; empty in dev and release.
set(BONI_SANITIZE "" CACHE STRING "Sanitizers to build with")
if(BONI_SANITIZE)
  add_compile_options(-fsanitize=${BONI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BONI_SANITIZE})
endif()
# Coverage for libFuzzer, everywhere: the precompiled header must be built with it too.
if(BONI_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
