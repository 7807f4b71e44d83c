// Start here: the constructor is the list of what the platform is made of, `live` is the life of the process.
#include "app/app.hpp"

#include <csignal>
#include <cstdlib>

#include <fmt/format.h>

#include "app/descriptors.hpp"
#include "app/early_signals.hpp"
#include "app/ladder.hpp"
#include "app/lost_recordings.hpp"
#include "app/master_key.hpp"
#include "app/old_recordings.hpp"
#include "app/parts.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/version.hpp"
#include "speech/espeak.hpp"

namespace boni::app {
namespace {

constexpr auto flush_limit = 10s;         // after the last call: events that are due; a dead endpoint holds up the end no longer
constexpr auto answer_limit = 5s;         // then requests in flight
constexpr auto goodbye_limit = 2s;        // then BYEs that were lost, twice, and ladders
constexpr auto loop_grace = 200ms;        // then what was cancelled unwinds, a turn or two; what waits longer waits for what is destroyed next
constexpr auto house_first = 1min;
constexpr auto house_every = 1h;
constexpr auto leap = std::chrono::days{1};   // a clock so far ahead is told in the log

/// The value, or the sentence as an exception: nothing can be built without it.
template <class T>
T built(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what);
    return *std::move(result);
}

}  // namespace

App::App(Config config, Duties duties, asio::io_context& io, asio::signal_set& signals)
    : config_{std::move(config)}, duties_{std::move(duties)}, io_{io}, signals_{signals},
      // What everything stands on: the key of the secrets, what may be connected to, threads that may block, the database.
      master_key_{built(read_master_key(config_.security, config_.store.file))},
      policy_{policy_of(config_)},
      vet_{std::make_shared<std::atomic<std::shared_ptr<Vet const>>>(std::make_shared<Vet const>(egress::vet_of(policy_)))},
      pool_{std::size_t(config_.process.blocking_threads)},
      store_{built(store::Store::open({config_.store.file, std::chrono::milliseconds{config_.store.commit_window_ms}}, io.get_executor()))},
      // The way out to customers, and what is said to their callers.
      resolver_{io.get_executor(), dns_of(config_.egress.dns_servers)},
      http_{io.get_executor(), policy_, resolver_},
      prompts_{prompts_of(config_.speech), pool_, http_, clock_},
      streams_{policy_, io.get_executor()},
      // The way in from carriers: media, signalling, and the calls that join them.
      media_{media_of(config_.media, config_.recording), io.get_executor()},
      sip_{sip_of(config_, [vet = vet_](Address const& address) { return (*vet->load())(address); }), clock_, io.get_executor()},
      calls_{{io.get_executor(), clock_, *store_, sip_, media_, http_, policy_, prompts_, streams_, master_key_, config_.recording.folder}},
      // What customers are told, what they and the operator ask.
      deliveries_{io.get_executor(), clock_, *store_, http_, master_key_},
      api_{{.rate_limits = config_.http.rate_limits, .public_url = config_.http.public_url, .in_flight_max = std::size_t(config_.http.in_flight_max),
            .recordings = config_.recording.folder},
           {clock_, *store_, calls_, http_, policy_, pool_, master_key_}},
      admin_{{clock_, *store_, api_, calls_, sip_, config_.http.rate_limits, master_key_,
              [this](model::Event const& event) { if (duties_.event) duties_.event(event.body); }}},
      reference_{config_.http.public_url},
      // The doors: customers, operator, admin socket, monitoring.
      api_door_{io.get_executor(), clock_, api_door_of(config_.http), [this](http::Request& request) { return on_public(request); }},
      house_{io},
      usage_{io.get_executor(), clock_, *store_, [this](model::Event const& event) { if (duties_.event) duties_.event(event.body); }} {
    auto const open = [&](std::optional<http::Server>& door, http::ServerConfig of, http::Handler handler) {
        door.emplace(io.get_executor(), clock_, std::move(of), std::move(handler));
    };
    auto const& operators = config_.operators;
    if (operators.listen)
        open(operator_door_, {.listen = operators.listen, .tls_pem_file = operators.tls_pem_file},
             [this](auto& request) { return on_operator(request); });
    if (!operators.admin_socket.empty())
        open(socket_door_, {.unix_socket = operators.admin_socket}, [this](auto& request) { return admin_.local(request); });
    if (config_.metrics.listen) open(metrics_door_, {.listen = config_.metrics.listen}, [this](auto& request) { return on_metrics(request); });
}

App::~App() = default;

Task<> App::live() {
    auto const started = co_await start();
    if (started) {
        if (duties_.ready) duties_.ready(*this);
        for (auto const& event : std::exchange(lost_, {}))
            if (duties_.event) duties_.event(event.body);
        spawn(io_.get_executor(), "app", close_lost_recordings(calls_, pool_, std::exchange(lost_recordings_, {})));
        co_await wait_for_end();
        spawn(io_.get_executor(), "app", end_at_once());
        log_info("app", "draining", {{"calls", std::to_string(calls_.live())}, {"limit_ms", std::to_string(config_.process.drain_seconds * 1000LL)}});
        co_await drain(std::chrono::seconds{config_.process.drain_seconds});
        exit_code_ = 0;
        log_info("app", "stopped");
    } else {
        log_error("app", started.error().what);
        co_await drain(0s);
    }
    signals_.cancel();
}

/// What was lost with the last process is closed before anybody can call; the doors open last.
Task<Result<>> App::start() {
    CO_CHECK_OK(co_await check_master_key(master_key_, config_.security.master_key_lost, *store_));
    CO_TRY(lost_, co_await store_->close_lost_calls(clock_.now()));
    if (auto const calls = std::ranges::count(lost_, "call.failed", &model::Event::type); calls > 0)
        log_warning("app", "calls of the last process were closed as node_lost", {{"calls", std::to_string(calls)}});
    std::error_code refused;
    std::filesystem::create_directories(config_.recording.folder, refused);
    if (refused)
        log_error("app", "recording.folder cannot be made, so calls cannot be recorded: " + refused.message(),
                  {{"folder", config_.recording.folder.string()}});
    CO_TRY(lost_recordings_, co_await store_->unfinished_recordings());
    if (duties_.prepare) CO_CHECK_OK(co_await duties_.prepare(*this));
    if (duties_.event) calls_.on_seen([this](call::Seen const& seen) { if (!seen.envelope.empty()) duties_.event(seen.envelope); });
    calls_.listen();
    write_ladders();
    CO_CHECK_OK(co_await admin_.apply_trunks());
    CO_CHECK_OK(open_doors());
    spawn(io_.get_executor(), "webhook", deliveries_.run());
    spawn(io_.get_executor(), "app", keep_house());
    spawn(io_.get_executor(), "usage", usage_.run());
    if (!speech::can_run(config_.speech.espeak))
        log_warning("app", "texts cannot be spoken: the program of speech.espeak is not there; on Debian it is in the package espeak-ng",
                    {{"espeak", config_.speech.espeak}});
    if (policy_.allow_loopback) log_warning("app", "customers may name loopback addresses (egress.allow_loopback): development only");
    metrics::gauge("boni_build_info", "The build that runs.", {{"version", std::string{version()}}}).Set(1);
    log_info("app", "ready", {{"version", std::string{version()}}, {"http", api_door_.local().text()}, {"sip", sip_.udp().text()}});
    co_return Result<>{};
}

Result<> App::open_doors() {
    CHECK_OK(sip_.start());
    sip_up_ = true;
    for (auto* const door : doors()) CHECK_OK(door->start());
    auto const bound = listening();
    policy_.own_ports = {bound.http.port, bound.sip.port};
    for (auto const& one : {bound.operators, bound.metrics, bound.sips})
        if (one) policy_.own_ports.push_back(one->port);
    vet_->store(std::make_shared<Vet const>(egress::vet_of(policy_)));
    return {};
}

/// SIGTERM or SIGINT. Certificates may be renewed at any time, while calls are drained too.
Task<> App::wait_for_end() {
    while (co_await signals_.async_wait(asio::use_awaitable) == SIGHUP) reload_tls();
}

/// Whoever asks a second time has no patience for a drain.
Task<> App::end_at_once() {
    co_await wait_for_end();
    std::_Exit(1);
}

/// New work is refused, calls go on until `limit`, what is in flight is written; then everything stops.
Task<> App::drain(std::chrono::milliseconds limit) {
    draining_ = true;
    api_.draining(true);
    house_.cancel();
    usage_.stop();
    co_await calls_.drain(limit);
    co_await deliveries_.stop(flush_limit);
    for (auto* const door : doors()) co_await door->drain(answer_limit);
    co_await sip_.settle(goodbye_limit);
    sip_.stop();
    http_.close_idle();
}

Task<> App::keep_house() {
    auto last = clock_.steady();
    house_.expires_after(house_first);
    for (;;) {
        boost::system::error_code cancelled;
        co_await house_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        if (cancelled || draining_) co_return;
        auto const steady = clock_.steady();
        auto const pruned = co_await remove_what_is_old(steady - std::exchange(last, steady));
        if (!pruned) log_error("app", "old rows could not be removed: " + pruned.error().what);
        auto const files = co_await remove_old_recordings(*store_, pool_, config_.recording.folder);
        if (!files) log_error("app", "old recordings could not be removed: " + files.error().what);
        else if (*files > 0) log_info("app", "old recordings were removed", {{"files", std::to_string(*files)}});
        house_.expires_after(house_every);
    }
}

Task<Result<>> App::remove_what_is_old(Steady::duration ran) {
    auto const now = clock_.now();
    CO_TRY(auto const time, co_await store_->retention_time(now, ran));
    auto const behind = std::chrono::floor<std::chrono::seconds>(now - time);
    metrics::gauge("boni_retention_behind_seconds", "How far the machine's clock is ahead of the time that what is kept is judged by.").Set(double(behind.count()));
    if (behind > leap)
        log_warning("app", "the machine's clock has leapt, or nothing ran for long: what is past its time is removed a day's worth each hour; is the clock right?",
                    {{"clock", rfc3339(now)}, {"judged_by", rfc3339(time)}});
    co_return co_await store_->prune(time, std::chrono::days{config_.store.cdr_retention_days});
}

void App::write_ladders() {
    sip_.on_ladder([this](sip::SessionId session, std::vector<sip::LadderMessage> messages) {
        auto call = calls_.claim_session(session);
        if (call.empty()) return;   // an INVITE that became no call
        spawn(io_.get_executor(), "app", [](store::Store& store, CallId id, std::string json) -> Task<> {
            auto const saved = co_await store.save_ladder(id, std::move(json));
            if (!saved) log_error("app", "a ladder could not be written: " + saved.error().what, {{"call_id", id.str()}});
        }(*store_, std::move(call), ladder_json(messages)));
    });
}

void App::reload_tls() {
    auto const told = [](std::string_view what, Result<> const& result) {
        if (result) log_info("app", fmt::format("certificates of {} read again", what));
        else log_error("app", fmt::format("certificates of {} stay as they were: {}", what, result.error().what));
    };
    if (!config_.http.tls_pem_file.empty()) told("http", api_door_.reload_tls());
    if (operator_door_ && !config_.operators.tls_pem_file.empty()) told("operator", operator_door_->reload_tls());
    if (config_.sip.tls_listen) told("sip", sip_.reload_tls());
}

Listening App::listening() const {
    Listening out{.http = api_door_.local(), .sip = sip_.udp(), .sips = sip_.tls()};
    if (operator_door_) out.operators = operator_door_->local();
    if (metrics_door_) out.metrics = metrics_door_->local();
    return out;
}

std::vector<http::Server*> App::doors() {
    std::vector<http::Server*> out{&api_door_};
    for (auto* const door : {&operator_door_, &socket_door_, &metrics_door_})
        if (*door) out.push_back(&**door);
    return out;
}

int run(Config config, Duties duties) {
    auto const level = config.process.log_level;
    set_log_level(level == "debug" ? Level::debug : level == "warning" ? Level::warning : level == "error" ? Level::error : Level::info);
    raise_descriptor_limit(descriptors_wanted(config));
    std::signal(SIGPIPE, SIG_IGN);   // a peer that went away is an error of a write, not of the process
    asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};   // other threads post to it, and only this one touches its sockets
    try {
        asio::signal_set signals{io, SIGTERM, SIGINT, SIGHUP};
        take_signals();                  // before the first thread and the first child, which would hold them for ever
        App app{std::move(config), std::move(duties), io, signals};
        asio::co_spawn(io, app.live(), [&io](std::exception_ptr escaped) {
            io.stop();
            if (escaped) std::rethrow_exception(escaped);
        });
        io.run();
        io.restart();
        io.run_for(loop_grace);
        return app.exit_code();
    } catch (std::exception const& error) {
        log_error("app", error.what());
        return 1;
    }
}

}  // namespace boni::app
