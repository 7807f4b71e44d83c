// An authority and a server certificate for loopback, so that SIP over TLS can be tried without owning a name. Thread: main, at start.
#pragma once

#include <filesystem>

#include "base/address.hpp"
#include "base/clock.hpp"

namespace boni::app {

struct DevCertificate {
    std::filesystem::path ca_file;      ///< what a caller trusts
    std::filesystem::path pem_file;     ///< key, leaf, chain
};

/// Those in `folder` when both are there and good for another day, else new ones: for localhost, 127.0.0.1, ::1 and `also`.
/// The authority's key is not kept: it signs this one certificate.
Result<DevCertificate> dev_certificate(std::filesystem::path const& folder, Address const& also, Instant now);

}  // namespace boni::app
