// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/feed.hpp"
#include "hooks/runner/scribe.hpp"
#include "hooks/runner/spec.hpp"
#include "hooks/runner/wire.hpp"

#include <deque>
#include <map>

namespace asiowire::hooks {

/// What one hook publishes, laid beside the takes that are recorded meanwhile: a file of JSON lines in
/// each take's folder (docs/hooks.md).
///
/// A result waits here until it is known which of a take's frames it belongs to, if any: a take may
/// begin in the past, and only its recorder knows where the graph lost time.
/// [supervisor-thread]
class TakeResults {
public:
    /// Ownership  both stay the caller's and outlive this
    TakeResults(const HookSpec& spec, Scribe& scribe) : spec_(spec), scribe_(scribe) {}
    ~TakeResults();
    TakeResults(const TakeResults&) = delete;
    TakeResults& operator=(const TakeResults&) = delete;

    /// A number, an array or an event.
    void hear(const Message& message);
    /// A word about the hook itself; it belongs to what it heard last.
    void hear(const std::string& kind, const std::string& text);

    /// Writes what has its place by now. `silent`: nothing of an earlier stream can come any more.
    void turn(const Feed* feed, bool silent);

private:
    struct Entry {
        std::uint64_t position = 0;
        std::uint64_t heard_ns = 0;
        std::string kind;
        std::string name; // or an event's level
        std::string text;
        bool is_array = false;
        double value = 0;
        std::vector<float> values;

        std::size_t bytes() const;
        std::string line(std::uint64_t frame) const;
    };
    struct Page {
        FedTake take; // as it is known by now
        std::uint64_t file = 0;
        std::uint64_t results = 0;
        std::uint64_t missed = 0;
        std::uint64_t over_ns = 0; // when its take was first seen to be over; 0: it is not
        bool passed = false;       // something behind its end was heard
    };
    void keep(Entry entry);
    void open_pages();
    void place_entries();
    void write(std::uint64_t number, const Entry& entry, std::uint64_t frame);
    void close_pages();
    void close(std::uint64_t number, const std::string& why);
    void end_stream(const std::string& why);
    void drop_front();
    std::string first_line(const FedTake& take) const;

    const HookSpec& spec_;
    Scribe& scribe_;
    std::uint64_t stream_ = 0; // the feed's number
    std::uint64_t gone_ns_ = 0; // when the feed was first seen to be gone; 0: it is not
    std::shared_ptr<const TakeNews> news_;
    std::deque<Entry> entries_;
    std::size_t bytes_ = 0;
    std::uint64_t missed_ = 0; // entries that found no room since the latest that was written
    std::uint64_t latest_ = 0; // position
    std::map<std::uint64_t, Page> pages_; // by the take's number
    std::uint64_t closed_ = 0;            // number of the latest take that was closed
};

} // namespace asiowire::hooks
