# What the compiler says about our own code; system headers are not ours.
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wnon-virtual-dtor;-Woverloaded-virtual;-Wextra-semi;-Wimplicit-fallthrough;-Werror>")
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers;-Wno-missing-designated-field-initializers>")
# Paths inside binaries are relative to the source tree, and ccache hits across checkouts.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
