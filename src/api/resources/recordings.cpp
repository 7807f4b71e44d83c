// GET /calls/{call_id}/recordings and …/transcripts: what was kept of a call, newest first. Transcripts need their feature even to be
// read (api-semantics 7 and 8).
#include "api/page.hpp"
#include "api/recording_link.hpp"
#include "call/action.hpp"

namespace boni::api {
namespace {

Task<Result<model::Call>> call_of(Asked& asked) {
    co_return co_await asked.services.store.call(asked.tenant.id, CallId::from(asked.param("call_id")));
}

json::object shown(Asked const&, model::Transcript const& transcript) { return model::to_json(transcript); }

/// Each time it is asked for, a fresh address (contract, Recording.accessUrl).
json::object shown(Asked const& asked, model::Recording const& recording) {
    auto out = model::to_json(recording);
    auto link = recording_link(asked, recording);
    out["accessUrl"] = std::move(link.url);
    out["expiresAt"] = rfc3339(link.expires_at);
    return out;
}

template <class Row>
Result<Answer> page_of_rows(Asked& asked, std::vector<Row> all) {
    TRY(auto const limit, limit_of(asked.request, 100));
    TRY(auto const after, cursor_of(asked, {}));
    auto const page = page_of(std::move(all), Order::newest_first, after, limit);
    json::array rows;
    for (auto const& row : page.rows) rows.push_back(shown(asked, row));
    return page_answer(asked, std::move(rows), page.next, {});
}

Task<Result<Answer>> list_recordings(Asked& asked) {
    CO_TRY(auto const call, co_await call_of(asked));
    CO_TRY(auto all, co_await asked.services.store.recordings(asked.tenant.id, call.id));
    co_return page_of_rows(asked, std::move(all));
}

Task<Result<Answer>> list_transcripts(Asked& asked) {
    CO_TRY(auto const call, co_await call_of(asked));
    if (!asked.tenant.feature("transcription")) co_return call::feature_off("reading transcripts", "transcription");
    CO_TRY(auto all, co_await asked.services.store.transcripts(asked.tenant.id, call.id));
    co_return page_of_rows(asked, std::move(all));
}

constexpr Operation recording_operations[] = {
    {"GET", "/calls/{call_id}/recordings", model::Scope::recordings, ExtraBucket::lists, check_page, list_recordings},
    {"GET", "/calls/{call_id}/transcripts", model::Scope::recordings, ExtraBucket::lists, check_page, list_transcripts},
};

}  // namespace

extern Resource const recordings_resource{recording_operations};

}  // namespace boni::api
