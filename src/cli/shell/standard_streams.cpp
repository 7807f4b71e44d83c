#include "cli/shell/standard_streams.hpp"

#include <fcntl.h>
#include <iostream>
#include <unistd.h>

#include "cli/command.hpp"

namespace boni::cli {

void open_standard_streams() {
    for (int const stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})   // in this order: an open takes the lowest that is free
        // What is printed is lost, and told.
        if (::fcntl(stream, F_GETFD) < 0) (void)::open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR);
}

int after_output(int code) {
    if (std::cout.flush() || code != exit_ok) return code;
    std::cerr << "boni: standard output cannot be written\n";
    return exit_failed;
}

}  // namespace boni::cli
