// The RTP engine as the control thread sees it: Engine owns the media threads, a Port is the handle of one leg's media.
// Nothing here blocks: commands travel through bounded rings, events come back to the executor given at construction.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/task.hpp"
#include "media/clip.hpp"
#include "media/port_config.hpp"
#include "media/port_event.hpp"
#include "media/wav_file.hpp"

namespace boni::media {

struct EngineConfig {
    std::uint16_t port_first = 16384;    ///< even; the range stays outside ip_local_port_range
    std::uint16_t port_last = 32767;
    unsigned threads = 0;                ///< 0: one less than the cores, at least one
    std::string bind_address = "0.0.0.0";
    std::string public_address;          ///< what SDP shows behind a 1:1 NAT; empty: the address asked for in `open`
    bool pin_threads = true;             ///< each media thread to its own core, when there are enough
    std::uint64_t recording_free_bytes_min = 0;   ///< on the disk, else nothing is recorded
};

struct PlayOptions {
    int loop = 1;                        ///< times to play, without a gap; 0: until stopped
    bool stop_on_digit = false;          ///< the first digit fades it out within one packet
};

class Feed;
class Port;
class Tap;

/// Lives on the control thread and outlives its ports. Owner: App.
class Engine {
  public:
    /// Starts the threads. Throws std::system_error when the kernel refuses what cannot be done without.
    Engine(EngineConfig config, asio::any_io_executor control);
    /// Ends the threads; legs that are still open are closed without events.
    ~Engine();
    Engine(Engine const&) = delete;

    using OnEvent = std::function<void(PortEvent)>;
    /// Binds an RTP/RTCP pair on the least loaded thread. `local_ip` is what SDP shows when no public address is configured
    /// and nothing better is known (empty: the bind address); `public_ip` outranks both. `on_event` runs on the control executor, never
    /// inside a call of this interface, and not after the port is destroyed.
    /// Errc::unavailable when no port is free or every thread is overloaded.
    Result<std::unique_ptr<Port>> open(OnEvent on_event, std::string local_ip = {}, std::string public_ip = {});

    std::size_t ports_in_use() const;
    bool overloaded() const;             ///< every thread is late: new calls get 503

  private:
    friend class Port;
    struct Inner;
    std::shared_ptr<Inner> inner_;       ///< shared with the ports' way back, which may outlive us by one event
};

/// One leg's media. Lives on the control thread; the work happens on its media thread. Owner: call::Leg.
/// Destroying it sends RTCP BYE, closes the sockets on their thread and quarantines the ports for 5 s.
class Port {
  public:
    ~Port();
    Port(Port const&) = delete;

    Address local() const;               ///< what to put into SDP: RTP; RTCP is the next port
    /// After offer/answer: from now on 50 packets per second, silence included.
    void start(PortConfig config);
    /// After a re-INVITE or UPDATE: address, codecs, direction.
    void update(PortConfig config);

    /// Queues behind what is playing, at most 32 clips; Played always follows, also for one that was refused (heard 0).
    PlayId play(Clip clip, PlayOptions options = {});
    void stop(PlayId id);                ///< fades over 20 ms; Played says how much was heard

    /// RFC 4733 events of 100 ms with 60 ms between them; at most 64 waiting, others are dropped.
    void send_digits(std::string digits);
    /// A digit that arrived by SIP INFO joins the dedupe of 5.4 and comes back as a Digit event.
    void digits_from_signalling(char digit);

    /// Writes what is received (and sent) from now on into a WAV file at 8 kHz, aligned by tick. One recording at a time.
    /// Errc::conflict: another runs, or the leg has ended. Errc::unavailable: the disk refuses it, or does not answer for 10 s.
    Task<Result<>> record_to(std::filesystem::path file, RecordOptions options = {});
    /// Ends it, as the end of the port does, and waits for its file like `recorded`, but at most 10 s: Errc::unavailable.
    Task<Result<Recorded>> stop_recording();
    /// Waits until the file is closed, whatever ended it. Errc::not_found: there was none. Errc::unavailable: nothing of it is on the disk, and why.
    Task<Result<Recorded>> recorded();

    /// What the leg hears or says goes to the tap from now on, four at most. The same one ends it.
    void listen(std::shared_ptr<Tap> tap);
    void unlisten(std::shared_ptr<Tap> tap);
    /// What the feed holds is heard whenever no clip plays; null: nobody's. The feed outlives its place here.
    void feed(std::shared_ptr<Feed> feed);

    /// Ends the media now and returns the final figures: for the timeline's `media.quality` row. Port stays only to be destroyed.
    Task<Quality> close();

  private:
    friend class Engine;
    struct Handle;
    explicit Port(std::unique_ptr<Handle> handle);
    std::unique_ptr<Handle> handle_;
};

}  // namespace boni::media
