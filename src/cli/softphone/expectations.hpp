// What a caller expects of a call, for scripts and CI: "answered,speech,tone~440,status~486". Thread: any; values.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/softphone/phone.hpp"

namespace boni::cli {

struct Expectation {
    std::string text;                                                     ///< as given
    std::function<bool(CallReport const&, std::span<std::int16_t const>)> holds;
};

/// Words of `expectation_words`, separated by commas. Errc::invalid names the word that is none.
Result<std::vector<Expectation>> expectations(std::string_view text);

/// For --help: each word and what it means.
std::string expectation_words();

}  // namespace boni::cli
