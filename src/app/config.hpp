// Every setting of `boni serve`: field, default, sentence. Read from TOML, then BONI_SECTION__KEY, then the few flags.
// Thread: any; plain values. Owner: App keeps the one it was built from.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/setting.hpp"

namespace boni::app {

/// A literal "address:port" of our own.
Address literal(std::string_view host_port);

struct HttpSettings {
    Address listen = literal("127.0.0.1:8080");
    std::string tls_pem_file;
    std::string public_url;
    bool rate_limits = true;
    std::int64_t in_flight_max = 256;
    std::int64_t connections_max = 1024;
    template <class V> void fields(V& v) {
        v("listen", listen, "address and port of the customers' API");
        v("tls_pem_file", tls_pem_file, "key, certificate and chain in one PEM file; empty: plain HTTP, for behind a proxy");
        v("public_url", public_url, "what customers reach it by, before /v1, e.g. \"https://voice.example.com\"; empty: relative links");
        v("rate_limits", rate_limits, "answer 429 beyond the tenants' rates");
        v("in_flight_max", in_flight_max, "requests at once; one more gets 429 overloaded", {1, 100'000});
        v("connections_max", connections_max, "connections at once; one more takes the place of one that is silent, or gets 503 when all are at work", {1, 100'000});
    }
};

struct OperatorSettings {
    std::optional<Address> listen = literal("127.0.0.1:8081");
    std::string tls_pem_file;
    std::string admin_socket = "/run/boni/admin.sock";
    template <class V> void fields(V& v) {
        v("listen", listen, "address and port of the operator's API, which takes vp_oper_ keys");
        v("tls_pem_file", tls_pem_file, "key, certificate and chain in one PEM file; empty: plain HTTP");
        v("admin_socket", admin_socket, "Unix socket of the operator's commands, open to our own user, root and its group; empty: off");
    }
};

struct MetricsSettings {
    std::optional<Address> listen = literal("127.0.0.1:9464");
    template <class V> void fields(V& v) { v("listen", listen, "address and port of /metrics, /healthz and /readyz"); }
};

struct SipSettings {
    Address listen = literal("0.0.0.0:5060");
    std::optional<Address> tls_listen;
    std::string tls_pem_file;
    std::string tls_client_ca_file;
    std::string outbound_ca_file;
    std::string public_address;
    std::int64_t sessions_max = 5000;
    std::int64_t session_expires_seconds = 1800;
    std::string realm = "boni";
    bool digest_md5 = true;
    std::vector<std::string> dns_servers;
    template <class V> void fields(V& v) {
        v("listen", listen, "address and port for SIP over UDP and TCP; 0.0.0.0 is every IPv4 address we have, [::] every IPv6 one");
        v("tls_listen", tls_listen, "address and port for SIP over TLS");
        v("tls_pem_file", tls_pem_file, "key, certificate and chain in one PEM file, for tls_listen");
        v("tls_client_ca_file", tls_client_ca_file, "authorities of the certificates that `tls` trunks show; empty: the system's");
        v("outbound_ca_file", outbound_ca_file, "authorities trusted when we connect by TLS; empty: the system's");
        v("public_address", public_address, "literal address in Contact, behind a 1:1 NAT; empty: the local one");
        v("sessions_max", sessions_max, "INVITEs beyond this many sessions get 503", {1, 100'000});
        v("session_expires_seconds", session_expires_seconds, "session timer we ask for, RFC 4028", {90, 86'400});
        v("realm", realm, "what callers of `digest` trunks are challenged with; their passwords are of this realm");
        v("digest_md5", digest_md5, "challenge them with MD5 too, after SHA-256, for phones that know nothing else");
        v("dns_servers", dns_servers, "addresses, with a port when it is not 53; empty: those of resolv.conf");
    }
};

struct MediaSettings {
    std::int64_t port_first = 16'384;
    std::int64_t port_last = 32'767;
    std::int64_t threads = 0;
    std::string bind_address = "0.0.0.0";
    std::string public_address;
    bool pin_threads = true;
    template <class V> void fields(V& v) {
        v("port_first", port_first, "first RTP port, even; outside net.ipv4.ip_local_port_range", {1024, 65'534});
        v("port_last", port_last, "last RTP port; a call uses two", {1025, 65'535});
        v("threads", threads, "media threads; 0: one less than the cores", {0, 256});
        v("bind_address", bind_address, "address RTP is bound to");
        v("public_address", public_address, "literal address in SDP, behind a 1:1 NAT; empty: the local one");
        v("pin_threads", pin_threads, "each media thread on its own core, when there are enough");
    }
};

struct StoreSettings {
    std::filesystem::path file = "/var/lib/boni/boni.db";
    std::int64_t commit_window_ms = 0;
    std::int64_t cdr_retention_days = 730;
    template <class V> void fields(V& v) {
        v("file", file, "SQLite database; created with its migrations");
        v("commit_window_ms", commit_window_ms, "how long a commit waits for company; 0: takes what is queued", {0, 1000});
        v("cdr_retention_days", cdr_retention_days, "how long calls and what they used are kept; licences ask for two years", {730, 36'500});
    }
};

struct SecuritySettings {
    Secret master_key;
    std::filesystem::path master_key_file = "/var/lib/boni/master.key";
    bool master_key_lost = false;
    template <class V> void fields(V& v) {
        v("master_key", master_key, "32 bytes in base64 that seal every secret in the database; wins over the file");
        v("master_key_file", master_key_file, "the same in a file with mode 0600; made at the first start, back it up with the database");
        v("master_key_lost", master_key_lost, "starts although the key opens no secret, or is gone: each secret has to be made anew then, as nothing brings it back");
    }
};

struct EgressSettings {
    bool allow_loopback = false;
    std::string ca_file;
    std::vector<std::string> own_addresses;
    std::string nat64_prefix;
    std::vector<std::string> dns_servers;
    template <class V> void fields(V& v) {
        v("allow_loopback", allow_loopback, "let customers name 127.0.0.0/8, [::1] and localhost, plain http included: development only");
        v("ca_file", ca_file, "authorities trusted for customers' servers besides the system's");
        v("own_addresses", own_addresses, "addresses of ours that no interface has, e.g. behind a NAT: customers cannot name them");
        v("nat64_prefix", nat64_prefix, "a /96 whose addresses are judged by the IPv4 inside, e.g. \"64:ff9b::\"; empty: refused");
        v("dns_servers", dns_servers, "addresses, with a port when it is not 53; empty: those of resolv.conf");
    }
};

struct SpeechSettings {
    std::string espeak = "espeak-ng";
    std::filesystem::path cache_folder = "/var/lib/boni/prompts";
    std::int64_t cache_files_mib_max = 256;
    std::int64_t cache_memory_mib_max = 32;
    std::int64_t loading_mib_max = 256;
    std::int64_t playing_mib_max = 1024;
    template <class V> void fields(V& v) {
        v("espeak", espeak, "command that speaks text, looked up in PATH");
        v("cache_folder", cache_folder, "where prepared prompts are kept; empty: in memory only");
        v("cache_files_mib_max", cache_files_mib_max, "MiB of prompts in the folder", {1, 1'000'000});
        v("cache_memory_mib_max", cache_memory_mib_max, "MiB of prompts in memory", {1, 100'000});
        v("loading_mib_max", loading_mib_max, "MiB of customers' audio fetched and not yet decoded; one tenant has a quarter, at least 20",
          {20, 100'000});
        v("playing_mib_max", playing_mib_max, "MiB of decoded audio that calls hold, beyond cache_memory_mib_max; one tenant has a quarter, at least 42", {42, 1'000'000});
    }
};

struct RecordingSettings {
    std::filesystem::path folder = "/var/lib/boni/recordings";
    std::int64_t free_mib_min = 512;
    template <class V> void fields(V& v) {
        v("folder", folder, "where the files of recordings are");
        v("free_mib_min", free_mib_min, "with less free there nothing is recorded, so that the database has room", {0, 1'000'000});
    }
};

struct ProcessSettings {
    std::string log_level = "info";
    std::int64_t drain_seconds = 600;
    std::int64_t blocking_threads = 4;
    template <class V> void fields(V& v) {
        v("log_level", log_level, "lines below it are not written", {"debug", "info", "warning", "error"});
        v("drain_seconds", drain_seconds, "how long SIGTERM waits for live calls before it ends them", {0, 86'400});
        v("blocking_threads", blocking_threads, "threads for files, decoding and child processes", {1, 256});
    }
};

struct Config {
    HttpSettings http;
    OperatorSettings operators;
    MetricsSettings metrics;
    SipSettings sip;
    MediaSettings media;
    StoreSettings store;
    SecuritySettings security;
    EgressSettings egress;
    SpeechSettings speech;
    RecordingSettings recording;
    ProcessSettings process;
    template <class V> void fields(V& v) {
        v("http", http, "The API customers use.");
        v("operator", operators, "The operator's side: tenants, keys, numbers, trunks.");
        v("metrics", metrics, "What monitoring reads.");
        v("sip", sip, "Signalling with carriers.");
        v("media", media, "RTP with carriers.");
        v("store", store, "The database.");
        v("security", security, "The key of the secrets at rest.");
        v("egress", egress, "What customers may make us connect to.");
        v("speech", speech, "Prompts: customers' audio and spoken text.");
        v("recording", recording, "Recorded calls.");
        v("process", process, "The process itself.");
    }
};

using Environment = std::map<std::string, std::string>;
/// This process's variables that begin with BONI_.
Environment environment();

/// The file (none when empty), then the environment. Errors name file and line, or variable, and the nearest known word:
/// "boni.toml:12: sip.lisen is not a setting; did you mean sip.listen?"
Result<Config> load(std::string const& file, Environment const& environment);
/// The same for text that did not come from a file; `name` stands in the errors.
Result<Config> parse(std::string_view toml, std::string const& name, Environment const& environment);
/// What fields say about each other: ports, files that go together, loopback egress with a public API.
Result<> check(Config const& config);

/// A whole file: every setting with its sentence, out-commented at its default.
std::string example();
/// Every setting with its value in TOML; secrets masked.
std::string effective(Config& config);

}  // namespace boni::app
