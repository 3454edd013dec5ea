// SPDX-License-Identifier: MIT
#pragma once

#include "taps/osc.hpp"
#include "taps/x32_book.hpp"
#include "taps/x32_routing.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace asiowire {

/// A USB channel that has another name, colour or signal than before.
struct Rename {
    int usb = 0; ///< 1…32
    TrackName before;
    TrackName now;

    /// False: only the colour changed, or another signal has the same name.
    bool renamed() const { return before.name != now.name; }
    /// For a marker: `USB 5: "Kick" is now "Snare"`.
    std::string words() const;
};

/// Who answers.
struct X32Console {
    std::string name;     ///< the console's own, as it is known in the network
    std::string model;    ///< "X32", "X32RACK", "M32", …
    std::string firmware; ///< "4.06"
};

struct X32Counters {
    std::uint64_t sent = 0;
    std::uint64_t heard = 0;     ///< well-formed packets of the console
    std::uint64_t malformed = 0; ///< packets of the console that no console sends
    std::uint64_t foreign = 0;   ///< packets from elsewhere
    std::uint64_t unanswered = 0; ///< questions given up
};

/// One dialogue with a console: what to ask when, and what the answers mean.
///
/// Knows no socket and no clock: time goes in, addresses to ask for come out, messages go in, names
/// and changes come out.
///
/// [one thread]
/// Source   the protocol: docs/x32.md; the times are tested in tests/unit/test_x32_session.cpp
class X32Session {
public:
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;

    /// `place`: how sentences call where the console is looked for.
    explicit X32Session(std::string place);

    struct Due {
        std::vector<std::string> questions; ///< to be sent now
        Time again;                         ///< when to ask next, whatever comes before
    };
    Due due(Time now);

    void hear(const OscMessage& message, Time now);
    void hear_malformed() { counters_.malformed++; }
    void hear_foreign() { counters_.foreign++; }
    /// It could not be sent, or the place has no address: one sentence until something answers.
    void cannot_reach(const std::string& why);

    /// The console has said what the names need, or will not.
    bool settled() const { return settled_; }
    /// The caller waits no longer: what is known now is what later changes are measured against.
    void settle_for_now();

    /// The card's 32 channels; empty as long as no console has said anything.
    const std::vector<TrackName>& tracks() const { return tracks_; }
    const X32Book& book() const { return book_; }
    const X32Console& console() const { return console_; }
    const X32Counters& counters() const { return counters_; }
    bool in_contact() const { return contact_; }

    /// Changes of tracks() since it was first told, at most one for each channel: what changes again
    /// before it is taken is one change. Lowest channel first.
    std::optional<Rename> take_rename();
    /// A sentence for the user, oldest first.
    std::optional<std::string> take_remark();

private:
    struct Question {
        int tries = 0;
        Time until;
    };

    void look(Time now, Due& due);
    void keep_up(Time now, Due& due);
    void ask(Time now, Due& due);
    void sweep(Due& due);
    void meet(const OscMessage& message, Time now);
    void lose(Time now);
    void update(Time now);
    void tell(std::vector<TrackName> tracks);
    void remark(std::string sentence);
    void remark_doubts(const X32Routing& routing, const std::vector<TrackName>& tracks);

    std::string place_;
    X32Book book_;
    X32Console console_;
    X32Counters counters_;

    bool contact_ = false;
    bool remarked_ = false; ///< on this absence, or on this stranger
    std::optional<Time> began_;
    Time look_at_{};
    Clock::duration look_again_{};
    Time heard_at_{};
    Time renew_at_{};

    std::deque<std::string> to_ask_;
    std::map<std::string, Question> asked_;
    std::set<std::string> given_up_;
    std::vector<std::string> questions_; ///< all that were ever worth asking
    std::size_t swept_ = 0;

    std::optional<Time> changed_at_; ///< the first change that is not told
    bool settled_ = false;
    bool told_ = false;
    std::string doubts_told_;
    std::vector<TrackName> tracks_;
    std::map<int, Rename> renames_;
    std::deque<std::string> remarks_;
};

} // namespace asiowire
