// SPDX-License-Identifier: MIT

#include "pipewire/config_text.hpp"

#include <cstddef>
#include <vector>

namespace asiowire {

namespace {

/// Walks over tokens and counts them per container; a pair too few or a bracket too many is a fault.
class Walk {
public:
    explicit Walk(std::string_view text) : text_(text) {}

    std::string fault()
    {
        for (; at_ < text_.size() && fault_.empty(); at_++) step(text_[at_]);
        if (fault_.empty() && levels_.size() > 1)
            say(levels_.back().line, levels_.back().bracket, " is never closed");
        if (fault_.empty()) check_pairs();
        return fault_;
    }

private:
    struct Level {
        char bracket = '\0'; // what opened it; nothing: the file itself, an object without brackets
        std::size_t line = 1;
        std::size_t tokens = 0;
        bool whole = false; // the file: its one token is an object
    };

    void step(char c)
    {
        switch (c) {
        case '\n': line_++; return;
        case '\0': case '\t': case ' ': case '\r': case ':': case '=': case ',': return;
        case '#': return comment();
        case '"': return string();
        case '{': case '[': return open(c);
        case '}': case ']': return close(c);
        default: return bare();
        }
    }

    void comment()
    {
        while (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') at_++;
    }

    void string()
    {
        token();
        for (at_++; at_ < text_.size(); at_++) {
            const char c = text_[at_];
            if (c == '"') return;
            if (c == '\\') at_++;
            else if (static_cast<unsigned char>(c) < ' ') break;
        }
        say(line_, '"', " is never closed");
    }

    void bare()
    {
        token();
        constexpr std::string_view ends = "\t \r\n:,=]}";
        while (at_ + 1 < text_.size() && !ends.contains(text_[at_ + 1])) at_++;
    }

    void open(char bracket)
    {
        Level& level = levels_.back();
        if (level.bracket == '\0' && level.tokens == 0) level.whole = bracket == '{';
        else if (level.bracket != '[' && level.tokens % 2 == 0)
            return say(line_, bracket, " stands where a key should be");
        token();
        levels_.push_back({.bracket = bracket, .line = line_});
    }

    void close(char bracket)
    {
        const char opened = levels_.back().bracket;
        if (opened != (bracket == '}' ? '{' : '[')) return say(line_, bracket, " closes nothing");
        check_pairs();
        levels_.pop_back();
    }

    void token()
    {
        levels_.back().tokens++;
    }

    void check_pairs()
    {
        const Level& level = levels_.back();
        const bool alone = level.whole && level.tokens == 1;
        if (level.bracket == '[' || alone || level.tokens % 2 == 0) return;
        fault_ = "line " + std::to_string(line_) + ": the last key has no value";
    }

    void say(std::size_t line, char what, const char* sentence)
    {
        fault_ = "line " + std::to_string(line) + ": a " + what + sentence;
    }

    const std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::vector<Level> levels_{1};
    std::string fault_;
};

} // namespace

std::string fault_in(std::string_view text)
{
    return Walk(text).fault();
}

} // namespace asiowire
