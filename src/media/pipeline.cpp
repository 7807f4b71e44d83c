#include "media/pipeline.hpp"

namespace boni::media {
namespace {

bool speak(Stages& stages, Tick const& tick, Frame& said, Actions& out);

}  // namespace

// The whole of a leg, top to bottom. Inserting a stage is inserting a line.
Heard run_pipeline(Stages& stages, Tick const& tick, Actions& out) {
    Heard heard;

    Frame in{};
    if (tick.receives) stages.playout.frame(in, tick.now);   // jitter, decode, concealment, comfort noise
    if (tick.talks) stages.level->add(in);
    if (stages.listen_for_tones) heard.tone = stages.detector.listen(in);

    Frame said{};
    heard.digits_sent = speak(stages, tick, said, out);      // events, the player or the feed; encode, packetise

    if (stages.recording) stages.recording->tap(tick.index, in, said);
    std::chrono::milliseconds const patience{stages.playout.jitter().target_ms()};
    for (auto const& tap : stages.taps)
        if (tap->tick(tick.index, said, patience, tick.now)) out.wake = &tap->waker();
    if (stages.feed && stages.feed->settle(stages.packetiser.sent())) out.wake = &stages.feed->waker();
    return heard;
}

namespace {

// Audio is suppressed under an event; the player waits, so that nothing of a prompt is lost under a digit.
bool speak(Stages& stages, Tick const& tick, Frame& said, Actions& out) {
    auto const position = stages.packetiser.pushed();
    if (!tick.sends) {
        if (stages.feed) stages.feed->hold(position);
        stages.packetiser.pause(frame_samples);
        return false;
    }
    auto const step = stages.events.step(stages.packetiser.timestamp());
    if (step.packet) {
        if (stages.feed) stages.feed->hold(position);
        stages.packetiser.push(*step.packet, tick.to, out);
        stages.packetiser.pause(frame_samples);
        return step.finished;
    }
    auto const toned = stages.tones.fill(said);
    auto const free = toned == 0 && stages.player.idle();
    if (toned == 0) stages.player.fill(said, position, stages.ledger);
    if (stages.feed) free ? stages.feed->fill(said, position) : stages.feed->hold(position);
    stages.packetiser.push(said, tick.to, out);
    return step.finished || (toned < said.size() && std::exchange(stages.toning, false));
}

}  // namespace
}  // namespace boni::media
