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
    if (verb == "remove" && words.size() == 2) {
        const bool gone = remove(words[1]);
        return client.answer(gone, words[1] + (gone ? ": removed" : ": there is no such hook"));
    }
    if (verb == "add") {
        const auto name = add({words.begin() + 1, words.end()});
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
        if (*well)
            client.answer(true, slot->message() + client.pending + ": " + slot->state());
        else
            client.answer(false, slot->message());
        if (!*well) remove(client.pending);
    } else {
        return;
    }
    client.pending.clear();
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
