#include "speech/espeak.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.hpp"

extern char** environ;

namespace boni::speech {
namespace {

using namespace std::chrono_literals;
constexpr auto time_max = 5s;                             // media.md 7
constexpr std::size_t output_bytes_max = 60 * 1024 * 1024;   // 3000 characters at the slowest voice stay far below

struct Child {
    pid_t pid = -1;
    Fd in;
    Fd out;
    ~Child() {
        if (pid <= 0) return;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    /// Exit status zero?
    bool finished_well() {
        auto status = 0;
        auto const reaped = ::waitpid(std::exchange(pid, -1), &status, 0);
        return reaped > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
};

Result<> start(Child& child, std::string_view command, std::string_view voice) {
    std::array<int, 2> in{}, out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0) return fail(Errc::unavailable, "no pipe for espeak-ng", {}, "tts_failed");
    Fd child_in{in[0]};
    Fd our_in{in[1]};
    if (::pipe2(out.data(), O_CLOEXEC) != 0) return fail(Errc::unavailable, "no pipe for espeak-ng", {}, "tts_failed");
    Fd our_out{out[0]};
    Fd child_out{out[1]};

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, child_in.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, child_out.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::string program{command}, name{voice}, v = "-v", to = "--stdout", from = "--stdin", utf8 = "-b1";
    std::array<char*, 7> argv{program.data(), v.data(), name.data(), utf8.data(), to.data(), from.data(), nullptr};
    auto const error = ::posix_spawnp(&child.pid, program.c_str(), &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) {
        child.pid = -1;
        return fail(Errc::unavailable, "cannot start " + program + ": " + std::strerror(error), {}, "tts_failed");
    }
    ::fcntl(our_in.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(our_out.get(), F_SETFL, O_NONBLOCK);
    child.in = std::move(our_in);
    child.out = std::move(our_out);
    return {};
}

/// "[[" would begin phonemes in espeak-ng's own spelling, and what stands in it is to be read like all else.
std::string without_phonemes(std::string_view text) {
    std::string out;
    for (auto const c : text) {
        if (c == '[' && out.ends_with('[')) out += ' ';
        out += c;
    }
    return out;
}

/// Writes what fits; closes when all is written or nobody reads.
void feed(Fd& in, std::string_view& text) {
    while (!text.empty()) {
        auto const sent = ::write(in.get(), text.data(), text.size());
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return;
        if (sent < 0) break;
        text.remove_prefix(std::size_t(sent));
    }
    in.close();
}

/// Reads what is there; closes at the end of the stream.
void drink(Fd& out, std::string& wav) {
    std::array<char, 65536> block;
    while (wav.size() <= output_bytes_max) {
        auto const got = ::read(out.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) break;
        wav.append(block.data(), std::size_t(got));
    }
    out.close();
}

}  // namespace

Result<std::string> espeak(std::string_view command, std::string_view voice, std::string_view text) {
    Child child;
    CHECK_OK(start(child, command, voice));
    auto const plain = without_phonemes(text);
    std::string_view left_to_say{plain};
    auto const deadline = std::chrono::steady_clock::now() + time_max;
    std::string wav;
    while (child.out) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left <= 0ms) return fail(Errc::timeout, "espeak-ng took more than 5 s", {}, "tts_timeout");
        std::array<pollfd, 2> wait{pollfd{child.out.get(), POLLIN, 0}, pollfd{child.in.get(), POLLOUT, 0}};
        if (::poll(wait.data(), child.in ? 2 : 1, int(left.count())) < 0 && errno != EINTR) break;
        if (child.in && wait[1].revents != 0) feed(child.in, left_to_say);
        if (wait[0].revents != 0) drink(child.out, wav);
    }
    if (!child.finished_well() || wav.empty()) return fail(Errc::unavailable, "espeak-ng said nothing", {}, "tts_failed");
    return wav;
}

bool can_run(std::string const& command) {
    if (command.contains('/')) return ::access(command.c_str(), X_OK) == 0;
    auto const* const path = std::getenv("PATH");
    std::istringstream folders{path ? path : "/bin:/usr/bin"};   // as posix_spawnp does without one
    for (std::string folder; std::getline(folders, folder, ':');)
        if (::access((folder.empty() ? command : folder + '/' + command).c_str(), X_OK) == 0) return true;
    return false;
}

}  // namespace boni::speech
