// A directory that goes with the test, with everything in it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

#include "base/crypto.hpp"

namespace boni::test {

struct TempFolder {
    TempFolder() {
        std::array<std::uint8_t, 8> name{};
        random_bytes(name);
        path = std::filesystem::temp_directory_path() / ("boni-test-" + hex(name));
        std::filesystem::create_directories(path);
    }
    ~TempFolder() { std::filesystem::remove_all(path); }
    TempFolder(TempFolder const&) = delete;
    std::filesystem::path path;
};

}  // namespace boni::test
