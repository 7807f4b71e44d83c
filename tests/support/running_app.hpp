// The whole platform on a thread of its own, on free ports of loopback and a folder that goes with the test.
#pragma once

#include <csignal>
#include <future>
#include <thread>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <unistd.h>

#include "app/app.hpp"
#include "base/json.hpp"
#include "support/raw_http.hpp"
#include "support/temp_store.hpp"

namespace boni::test {

inline app::Config loopback_config(std::filesystem::path const& folder) {
    app::Config config;
    auto const any = *Address::parse("127.0.0.1", 0);
    config.http.listen = any;
    config.operators.listen = any;
    config.operators.admin_socket = folder / "admin.sock";
    config.metrics.listen = any;
    config.sip.listen = any;
    config.media.bind_address = "127.0.0.1";
    config.media.threads = 1;
    config.store.file = folder / "boni.db";
    config.security.master_key_file = folder / "master.key";
    config.egress.allow_loopback = true;
    config.speech.cache_folder = folder / "prompts";
    config.recording.folder = folder / "recordings";
    config.process.log_level = "error";
    config.process.drain_seconds = 0;
    return config;
}

class RunningApp {
  public:
    explicit RunningApp(app::Config config, app::Duties duties = {}) : socket_{config.operators.admin_socket} {
        std::promise<app::Listening> ready;
        auto listening = ready.get_future();
        duties.ready = [&ready](app::App& app) { ready.set_value(app.listening()); };
        auto ended = std::make_shared<std::promise<int>>();
        code_ = ended->get_future().share();
        thread_ = std::thread{[config = std::move(config), duties = std::move(duties), ended]() mutable {
            ended->set_value(app::run(std::move(config), std::move(duties)));
        }};
        while (listening.wait_for(20ms) != std::future_status::ready) {
            if (code_.wait_for(0ms) == std::future_status::ready) thread_.join();
            REQUIRE_MESSAGE(thread_.joinable(), "the platform did not start");
        }
        at = listening.get();
    }
    ~RunningApp() { stop(); }

    /// SIGTERM, as an operator would; the exit code.
    int stop() {
        if (thread_.joinable()) {
            ::kill(::getpid(), SIGTERM);
            thread_.join();
        }
        return code_.get();
    }

    Answer public_api(std::string_view method, std::string_view path, std::string_view key, std::string_view body = {}) {
        return RawHttp{at.http}.ask(request(method, path, key, body));
    }
    Answer operator_api(std::string_view method, std::string_view path, std::string_view key, std::string_view body = {}) {
        return RawHttp{*at.operators}.ask(request(method, path, key, body));
    }
    Answer admin(std::string_view method, std::string_view path, std::string_view body = {}) {
        return RawHttp{socket_}.ask(request(method, path, {}, body));
    }
    Answer metrics(std::string_view path) { return RawHttp{*at.metrics}.ask(request("GET", path, {}, {})); }

    app::Listening at;

  private:
    static std::string request(std::string_view method, std::string_view path, std::string_view key, std::string_view body) {
        auto out = std::string{method} + " " + std::string{path} + " HTTP/1.1\r\nHost: boni\r\nConnection: close\r\n";
        if (!key.empty()) out += "X-API-Key: " + std::string{key} + "\r\n";
        if (!body.empty()) out += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
        return out + "\r\n" + std::string{body};
    }

    std::string socket_;
    std::shared_future<int> code_;
    std::thread thread_;
};

/// The member at a path of names and indices, as text; "" when there is none.
inline std::string member(Answer const& answer, std::initializer_list<std::string_view> path) {
    auto const document = json::parse(answer.body);
    if (!document) return {};
    json::value const* value = &*document;
    for (auto const step : path) {
        if (value->is_object()) value = json::find(value->as_object(), step);
        else if (value->is_array()) value = value->as_array().if_contains(std::stoul(std::string{step}));
        else value = nullptr;
        if (!value) return {};
    }
    return value->is_string() ? std::string{value->as_string()} : json::serialize(*value);
}

}  // namespace boni::test
