// SPDX-License-Identifier: MIT
#include "hooks/runner/supervisor.hpp"

namespace asiowire::hooks {

void Supervisor::command(Client& client, const std::vector<std::string>& words)
{
    const std::string& verb = words[0];
    const bool json = words.size() > 1 && words[1] == "json";
    if (verb == "list") return client.answer(true, list(json));
    if (verb == "values") return client.answer(true, values(json));
    if (verb == "log" && words.size() > 2 && words[2] == "follow")
        return client.follow(book_, json);
    if (verb == "log") return client.answer(true, log(json));
    if (verb == "remove" && words.size() == 2) return answer_removed(client, words[1]);
    if (verb == "add") {
        client.added.assign(words.begin() + 1, words.end());
        const auto name = add(client.added);
        if (!name) return client.answer(false, name.error());
        client.pending = *name; // answered when it is clear what becomes of it
        return;
    }
    if (verb == "stop") {
        stopped_ = true;
        return client.answer(true, "the runner stops");
    }
    client.answer(false, "there is no command '" + printable(verb) + "'");
}

void Supervisor::answer_added(Client& client)
{
    const Slot* const slot = find(client.pending);
    if (slot == nullptr) {
        client.answer(false, client.pending + ": removed by somebody else");
    } else if (const auto well = slot->settled(feed_)) {
        if (*well) {
            std::string why = remembered_.add(client.added);
            if (!why.empty()) why = "\nit is not remembered: " + why;
            client.answer(true, slot->message() + client.pending + ": " + slot->state() + why);
        } else {
            client.answer(false, slot->message());
            remove(client.pending);
        }
    } else {
        return;
    }
    client.pending.clear();
}

void Supervisor::answer_removed(Client& client, const std::string& name)
{
    const bool gone = remove(name);
    const auto forgotten = remembered_.forget(name);
    if (!forgotten)
        return client.answer(false, name + (gone ? ": removed" : ": there is no such hook") +
                                        ", but what is remembered stays: " + forgotten.error());
    if (gone || *forgotten)
        return client.answer(true, name + (gone ? ": removed" : ": forgotten"));
    client.answer(false, name + ": there is no such hook");
}

std::string Supervisor::list(bool json) const
{
    std::string text;
    if (!json) {
        text = "hears: " + (feed_ == nullptr ? "nothing; no driver is open" : feed_->label) + "\n";
        for (const auto& slot : slots_) text += slot->as_line();
        return text + (slots_.empty() ? "no hooks\n" : "");
    }
    for (const auto& slot : slots_) text += (text.empty() ? "" : ", ") + slot->as_json();
    return JsonObject()
               .text("hears", feed_ == nullptr ? "" : feed_->label)
               .raw("hooks", "[" + text + "]")
               .done() +
           "\n";
}

std::string Supervisor::log(bool json) const
{
    std::string text;
    for (const LogBook::Entry& entry : book_.entries())
        text += (json ? entry.json : entry.text) + "\n";
    return text;
}

std::string Supervisor::values(bool json) const
{
    std::string text;
    for (const auto& slot : slots_) {
        const std::string& name = slot->spec().name;
        if (json)
            text += (text.empty() ? "" : ", ") + JsonObject()
                                                     .text("name", name)
                                                     .text("state", slot->state())
                                                     .raw("results", slot->results().as_json())
                                                     .done();
        else
            text += name + " (" + slot->state() + ")\n" + slot->results().as_table();
    }
    if (!json) return text.empty() ? "no hooks\n" : text;
    return "{\"hooks\": [" + text + "]}\n";
}

} // namespace asiowire::hooks
