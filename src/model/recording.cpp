#include "model/recording.hpp"

namespace boni::model {

json::object to_json(Recording const& recording) {
    return {{"id", recording.id.str()}, {"durationSeconds", double(recording.milliseconds) / 1000.0}};
}

json::object to_json(Transcript const& transcript) {
    json::object out{{"id", transcript.id.str()}, {"status", name(transcript.status)}};
    if (!transcript.text.empty()) out["text"] = transcript.text;
    if (!transcript.summary.empty()) out["summary"] = transcript.summary;
    return out;
}

}  // namespace boni::model
