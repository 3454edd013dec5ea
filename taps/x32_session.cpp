// SPDX-License-Identifier: MIT

#include "taps/x32_session.hpp"

#include <algorithm>
#include <utility>

namespace asiowire {

namespace {

using namespace std::chrono_literals;

// The console forgets a listener after 10 s: two renewals in a row may get lost.
constexpr auto renew_every = 4s;
// Three times /info without an answer.
constexpr auto gone_after = 12s;
constexpr auto look_first = 250ms;
constexpr auto look_longest = 8s;
constexpr auto silence_told_after = 2s;
// Doubled with every try; 1.75 s in all.
constexpr auto answer_within = 250ms;
constexpr int most_tries = 3;
// Consoles drop questions that come all at once (docs/x32.md).
constexpr std::size_t most_open_questions = 8;
// A scene recall is a burst of changes, and a strip's name and colour are two: told together.
constexpr auto gather = 100ms;
constexpr std::size_t most_remarks = 64;

/// The four texts of /info and /xinfo.
struct Introduction {
    std::string name, model, firmware;
};

std::optional<Introduction> introduction_of(const OscMessage& message)
{
    if (message.values.size() != 4) return std::nullopt;
    std::vector<std::string> texts;
    for (const OscValue& value : message.values) {
        const auto* text = std::get_if<std::string>(&value);
        if (text == nullptr) return std::nullopt;
        texts.push_back(tidy_name(*text));
    }
    return Introduction{.name = texts[1], .model = texts[2], .firmware = texts[3]};
}

} // namespace

X32Session::X32Session(std::string place)
    : place_(std::move(place)), look_again_(look_first), questions_(X32Book::questions())
{
}

X32Session::Due X32Session::due(Time now)
{
    Due due{.questions = {}, .again = now};
    if (!began_) began_ = look_at_ = now;
    if (contact_ && now >= heard_at_ + gone_after) lose(now);
    if (contact_)
        keep_up(now, due);
    else
        look(now, due);
    counters_.sent += due.questions.size();
    return due;
}

/// Nobody is there yet: asks who is, ever more rarely.
void X32Session::look(Time now, Due& due)
{
    if (now >= look_at_) {
        due.questions = {"/info", "/xinfo"};
        look_at_ = now + look_again_;
        look_again_ = std::min<Clock::duration>(2 * look_again_, look_longest);
    }
    due.again = look_at_;
    if (remarked_) return;
    if (now < *began_ + silence_told_after) {
        due.again = std::min(due.again, *began_ + silence_told_after);
        return;
    }
    remark("nothing answers at " + place_ + "; it is asked again, at least every 8 s");
    remarked_ = true;
}

void X32Session::keep_up(Time now, Due& due)
{
    if (now >= renew_at_) {
        due.questions = {"/xremote", "/info"};
        renew_at_ = now + renew_every;
        if (settled_) sweep(due);
    }
    ask(now, due);
    update(now);
    ask(now, due); // what update() found lacking

    due.again = std::min(renew_at_, heard_at_ + gone_after);
    for (const auto& [address, question] : asked_) due.again = std::min(due.again, question.until);
    if (settled_ && changed_at_) due.again = std::min(due.again, *changed_at_ + gather);
}

void X32Session::ask(Time now, Due& due)
{
    for (auto open = asked_.begin(); open != asked_.end();) {
        Question& question = open->second;
        if (now < question.until) {
            ++open;
        } else if (question.tries < most_tries) {
            question.until = now + answer_within * (1 << question.tries++);
            due.questions.push_back(open->first);
            ++open;
        } else {
            given_up_.insert(open->first);
            counters_.unanswered++;
            open = asked_.erase(open);
        }
    }
    while (!to_ask_.empty() && asked_.size() < most_open_questions) {
        due.questions.push_back(to_ask_.front());
        asked_[to_ask_.front()] = {.tries = 1, .until = now + answer_within};
        to_ask_.pop_front();
    }
}

/// A change whose packet got lost, or that a full console did not report (it serves four listeners),
/// is found by asking everything again, a little at each renewal: all of it in two minutes.
void X32Session::sweep(Due& due)
{
    for (std::size_t i = 0; i < most_open_questions; i++)
        due.questions.push_back(questions_[swept_++ % questions_.size()]);
}

void X32Session::hear(const OscMessage& message, Time now)
{
    counters_.heard++;
    if (message.address == "/info" || message.address == "/xinfo") return meet(message, now);
    if (!contact_) return;
    switch (book_.hear(message)) {
    case X32Book::Heard::unrelated: break;
    case X32Book::Heard::refused:
        counters_.heard--;
        counters_.malformed++;
        return;
    case X32Book::Heard::changed:
        if (!changed_at_) changed_at_ = now;
        [[fallthrough]];
    case X32Book::Heard::same:
        asked_.erase(message.address);
        given_up_.erase(message.address);
    }
    heard_at_ = now;
}

void X32Session::meet(const OscMessage& message, Time now)
{
    const auto introduction = introduction_of(message);
    if (!introduction) {
        counters_.heard--;
        counters_.malformed++;
        return;
    }
    const std::string& model = introduction->model;
    if (!model.starts_with("X32") && !model.starts_with("M32")) {
        if (!remarked_)
            remark("what answers at " + place_ + " calls itself \"" + model +
                   "\", which is no X32 or M32; it is asked again, at least every 8 s");
        remarked_ = true;
        return;
    }
    if (message.address == "/xinfo") console_.name = introduction->name;
    console_.model = model;
    console_.firmware = introduction->firmware;
    heard_at_ = now;
    if (contact_) return;

    if (remarked_) remark("the console at " + place_ + " answers");
    contact_ = true;
    remarked_ = false;
    settled_ = false;
    renew_at_ = now;
    given_up_.clear();
    to_ask_.assign(questions_.begin(), questions_.end());
}

void X32Session::lose(Time now)
{
    remark("the console at " + place_ +
           " no longer answers; names stay as they were, and it is asked again, at least every 8 s");
    contact_ = false;
    remarked_ = true;
    asked_.clear();
    to_ask_.clear();
    look_at_ = now;
    look_again_ = look_first;
}

void X32Session::cannot_reach(const std::string& why)
{
    if (contact_ || remarked_) return;
    remark(place_ + " cannot be reached: " + why + "; it is tried again, at least every 8 s");
    remarked_ = true;
}

/// Follows the routing anew when everything that was asked is answered or given up.
void X32Session::update(Time now)
{
    if (!asked_.empty() || !to_ask_.empty()) return;
    if (settled_ && (!changed_at_ || now < *changed_at_ + gather)) return;

    X32Routing routing(book_);
    std::vector<TrackName> tracks;
    for (int usb = 1; usb <= card_channels; usb++) tracks.push_back(routing.track(usb));
    for (const std::string& address : routing.lacking()) {
        if (given_up_.contains(address)) continue;
        to_ask_.push_back(address);
        if (std::ranges::find(questions_, address) == questions_.end())
            questions_.push_back(address);
    }
    if (!to_ask_.empty()) return;
    settled_ = true;
    changed_at_.reset();
    remark_doubts(routing, tracks);
    tell(std::move(tracks));
}

void X32Session::settle_for_now()
{
    if (told_) return;
    if (contact_) {
        X32Routing routing(book_);
        for (int usb = 1; usb <= card_channels; usb++) tracks_.push_back(routing.track(usb));
    }
    told_ = true;
}

void X32Session::tell(std::vector<TrackName> tracks)
{
    for (int usb = 1; told_ && usb <= card_channels; usb++) {
        const auto i = static_cast<std::size_t>(usb - 1);
        const TrackName before = tracks_.empty() ? TrackName() : tracks_[i];
        if (before == tracks[i]) continue;
        const auto [place, fresh] = renames_.try_emplace(usb, Rename{usb, before, tracks[i]});
        place->second.now = tracks[i];
        if (place->second.before == place->second.now) renames_.erase(place);
    }
    tracks_ = std::move(tracks);
    told_ = true;
}

std::optional<Rename> X32Session::take_rename()
{
    if (renames_.empty()) return std::nullopt;
    return std::move(renames_.extract(renames_.begin()).mapped());
}

std::optional<std::string> X32Session::take_remark()
{
    if (remarks_.empty()) return std::nullopt;
    std::string oldest = std::move(remarks_.front());
    remarks_.pop_front();
    return oldest;
}

void X32Session::remark(std::string sentence)
{
    if (remarks_.size() == most_remarks) remarks_.pop_front();
    remarks_.push_back("X32: " + std::move(sentence));
}

/// What the names cannot be relied upon for; said again only when it is another sentence.
void X32Session::remark_doubts(const X32Routing& routing, const std::vector<TrackName>& tracks)
{
    std::string doubts;
    std::string channels;
    for (std::size_t first = 0; first < tracks.size(); first++) {
        if (!tracks[first].by_order) continue;
        std::size_t last = first;
        while (last + 1 < tracks.size() && tracks[last + 1].by_order) last++;
        channels += (channels.empty() ? "" : ", ") + std::to_string(first + 1);
        if (last > first) channels += "-" + std::to_string(last + 1);
        first = last;
    }
    if (!channels.empty()) {
        const std::string why = !routing.strange().empty() ? *routing.strange().begin()
                                : !routing.lacking().empty()
                                    ? "no answer to " + *routing.lacking().begin()
                                    : "no reason known";
        doubts = "what USB channels " + channels + " carry is not understood (" + why +
                 "); they are named in channel order";
    } else if (!given_up_.empty()) {
        doubts = std::to_string(given_up_.size()) + " questions had no answer, the first of them " +
                 *given_up_.begin();
    }
    if (!doubts.empty() && doubts != doubts_told_) remark(doubts);
    doubts_told_ = doubts;
}

std::string Rename::words() const
{
    const std::string channel = "USB " + std::to_string(usb);
    if (before.name.empty()) return channel + " is \"" + now.name + "\"";
    if (renamed()) return channel + ": \"" + before.name + "\" is now \"" + now.name + "\"";
    if (before.colour != now.colour)
        return channel + " \"" + now.name + "\": " + before.colour + " is now " + now.colour;
    return channel + " \"" + now.name + "\" is now " + now.signal;
}

} // namespace asiowire
