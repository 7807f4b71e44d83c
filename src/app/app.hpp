// The composition root: every part of the platform, in order, and the life of the process around them.
//
// Thread: control, which is the main thread. Owner: `run`. Nothing else knows everybody.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "admin/admin.hpp"
#include "api/api.hpp"
#include "app/config.hpp"
#include "app/reference.hpp"
#include "app/usage_clock.hpp"
#include "base/pool.hpp"
#include "call/calls.hpp"
#include "egress/http_client.hpp"
#include "egress/resolver.hpp"
#include "http/server.hpp"
#include "media/engine.hpp"
#include "sip/endpoint.hpp"
#include "speech/prompt.hpp"
#include "store/store.hpp"
#include "stream/streams.hpp"
#include "webhook/delivery.hpp"

namespace boni::app {

class App;

/// What `boni dev` adds to `boni serve`. Both tasks get the App, which outlives them.
struct Duties {
    std::function<Task<Result<>>(App&)> prepare;          ///< the database is open and no call is live; nothing listens yet
    std::function<void(App&)> ready;                      ///< every listener is up
    std::function<void(std::string_view envelope)> event; ///< every event of every tenant, as delivered
};

/// Where we listen, as bound. An off one is nullopt.
struct Listening {
    Address http;
    std::optional<Address> operators;
    std::optional<Address> metrics;
    Address sip;
    std::optional<Address> sips;
};

/// Builds everything, lives until SIGTERM or SIGINT, drains. What went wrong is logged. Returns the process's exit code.
int run(Config config, Duties duties = {});

class App {
  public:
    /// Throws std::runtime_error with a sentence: a file, key or thread that cannot be had.
    App(Config config, Duties duties, asio::io_context& io, asio::signal_set& signals);
    ~App();
    App(App const&) = delete;

    /// Starts, waits for a signal, drains, stops. What is left on the loop afterwards is only the end of what was cancelled.
    Task<> live();
    int exit_code() const { return exit_code_; }

    Config const& config() const { return config_; }
    Clock& clock() { return clock_; }
    store::Store& store() { return *store_; }
    Secret const& master_key() const { return master_key_; }
    Listening listening() const;

  private:
    Task<Result<>> start();
    Result<> open_doors();
    Task<> wait_for_end();
    Task<> end_at_once();
    Task<> drain(std::chrono::milliseconds limit);
    Task<> keep_house();
    Task<Result<>> remove_what_is_old(Steady::duration ran);
    void reload_tls();
    void write_ladders();
    Task<http::Response> on_public(http::Request& request);
    Task<http::Response> on_operator(http::Request& request);
    Task<http::Response> on_metrics(http::Request& request);
    Task<std::optional<http::Response>> health(http::Request& request);
    Task<bool> database_up();
    std::vector<http::Server*> doors();

    using Vet = std::function<bool(Address const&)>;

    Config config_;
    Duties duties_;
    asio::io_context& io_;
    Clock& clock_ = system_clock();
    asio::signal_set& signals_;
    Secret master_key_;
    egress::Policy policy_;                       // own ports are added once they are bound
    std::shared_ptr<std::atomic<std::shared_ptr<Vet const>>> vet_;   // shared with the SIP thread, which may outlive this by a turn
    Pool pool_;
    std::unique_ptr<store::Store> store_;
    egress::DnsResolver resolver_;
    egress::HttpClient http_;
    speech::Prompts prompts_;
    stream::Streams streams_;
    media::Engine media_;
    sip::Endpoint sip_;
    call::Calls calls_;
    webhook::Deliveries deliveries_;
    api::Api api_;
    admin::Admin admin_;
    Reference reference_;
    http::Server api_door_;
    std::optional<http::Server> operator_door_;
    std::optional<http::Server> socket_door_;
    std::optional<http::Server> metrics_door_;
    asio::steady_timer house_;
    UsageClock usage_;
    std::vector<model::Event> lost_;              // of the last process's calls, until they are told
    std::vector<model::Recording> lost_recordings_;   // the same
    Steady database_checked_at_{};
    bool database_up_ = true;                     // when it was asked last
    bool sip_up_ = false;
    bool draining_ = false;
    int exit_code_ = 1;
};

}  // namespace boni::app
