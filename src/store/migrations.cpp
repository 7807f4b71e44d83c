#include "store/migrations.hpp"

#include "base/log.hpp"
#include "store/backup.hpp"
#include "store/migrations/0001_start.hpp"
#include "store/migrations/0002_resources.hpp"
#include "store/migrations/0003_usage.hpp"
#include "store/migrations/0004_audit.hpp"
#include "store/migrations/0005_cdr.hpp"
#include "store/migrations/0006_teams.hpp"
#include "store/migrations/0007_answers.hpp"
#include "store/migrations/0008_recordings_go.hpp"
#include "store/migrations/0009_cdr_legs.hpp"
#include "store/migrations/0010_leg_facts.hpp"
#include "store/migrations/0011_narrow_timeline.hpp"
#include "store/migrations/0012_operator_lists.hpp"
#include "store/migrations/0013_recordings_begin.hpp"
#include "store/migrations/0014_account_events.hpp"
#include "store/migrations/0015_retention.hpp"
#include "store/migrations/0016_usage_days.hpp"
#include "store/migrations/0017_filtered_lists.hpp"
#include "store/migrations/0018_counted_days.hpp"

namespace boni::store {

namespace {
/// In order; number n is the n-th. Only ever appended to.
constexpr std::string_view scripts[] = {migrations::start, migrations::resources, migrations::usage, migrations::audit,
                                        migrations::cdr, migrations::teams, migrations::answers,
                                        migrations::recordings_go, migrations::cdr_legs, migrations::leg_facts,
                                        migrations::narrow_timeline, migrations::operator_lists, migrations::recordings_begin,
                                        migrations::account_events, migrations::retention, migrations::usage_days, migrations::filtered_lists,
                                        migrations::counted_days};
}  // namespace

int schema_version() { return int(std::size(scripts)); }

Result<int> schema_of(Session& session) {
    auto const found = session.one<int>("SELECT COALESCE(MAX(version), 0) FROM schema_version").value_or(0);
    if (found <= schema_version()) return found;
    return fail(Errc::unavailable, "the database has schema " + std::to_string(found) + ", this binary knows " +
                                       std::to_string(schema_version()) + ": use the newer binary");
}

Result<> migrate(Session& session, std::filesystem::path const& file, int version) {
    session.script("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)");
    TRY(auto const found, schema_of(session));
    if (found > 0 && found < version) {
        auto const copy = file.string() + ".schema-" + std::to_string(found);
        CHECK_OK(back_up(session, copy));
        log_info("store", "the database is migrated; a copy of what it was is kept", {{"copy", copy}});
    }
    for (int next = found + 1; next <= version; ++next) {
        session.script("BEGIN IMMEDIATE");
        try {
            session.script(scripts[next - 1]);
            session.run("INSERT INTO schema_version (version, applied_at) VALUES (:version, :applied_at)", next, system_clock().now());
            session.script("COMMIT");
        } catch (...) {
            session.script("ROLLBACK");
            throw;
        }
    }
    return {};
}

}  // namespace boni::store
