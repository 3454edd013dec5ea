// SPDX-License-Identifier: MIT
#include "hooks/runner/supervisor.hpp"

#include "hooks/runner/local_socket.hpp"
#include "hooks/runner/private_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace asiowire::hooks {

namespace {

/// Limits are judged this often when nothing else happens.
constexpr int longest_wait_ms = 50;
constexpr std::uint64_t feed_pause_ns = 200'000'000;

} // namespace

std::expected<std::unique_ptr<Supervisor>, std::string> Supervisor::open(Places places)
{
    std::unique_ptr<Supervisor> made(new Supervisor(std::move(places)));
    const auto refused = [](const std::string& what) {
        return std::unexpected(what + ": " + std::strerror(errno));
    };
    if (std::string why = make_private_folder(made->places_.folder); !why.empty())
        return std::unexpected(why);
    const std::string lock = made->places_.folder + "/hooks.lock";
    made->lock_ = Fd(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!made->lock_) return refused(lock);
    if (flock(made->lock_.get(), LOCK_EX | LOCK_NB) != 0)
        return std::unexpected("a runner of this user is there already");
    const std::string path = runner_socket(made->places_.folder);
    unlink(path.c_str()); // a dead runner's: the lock was free
    const mode_t before = umask(0177);
    made->socket_ = local_socket(path, true);
    umask(before);
    if (!made->socket_ || listen(made->socket_.get(), 16) != 0) return refused(path);
    fcntl(made->socket_.get(), F_SETFL, O_NONBLOCK);
    return made;
}

Supervisor::~Supervisor()
{
    if (socket_) unlink(runner_socket(places_.folder).c_str());
}

std::expected<std::string, std::string> Supervisor::add(const std::vector<std::string>& words)
{
    auto spec = HookSpec::of(words, places_.ready);
    if (!spec) return std::unexpected(spec.error());
    if (find(spec->name) != nullptr)
        return std::unexpected("there is a hook '" + spec->name +
                               "' already; remove it first, or give this one a name=");
    std::string name = spec->name;
    slots_.push_back(std::make_unique<Slot>(std::move(*spec), places_.workshop, book_));
    slots_.back()->write_along(scribe_);
    return name;
}

std::vector<std::string> Supervisor::recall()
{
    std::vector<std::string> troubles;
    const auto tell = [&](const std::string& name, const std::string& why) {
        book_.write(name, "unrecalled", why);
        troubles.push_back(why);
    };
    const auto all = remembered_.all();
    if (!all) {
        tell("", "no hook that was added earlier is begun: " + all.error());
        return troubles;
    }
    for (const Remembered::Words& words : *all)
        if (const auto added = add(words); !added)
            tell(name_in(words), remembered_.path() + ", '" + name_in(words) +
                                     "' is not begun, but stays there: " + added.error());
    return troubles;
}

void Supervisor::run(const std::function<const Feed*(bool wanted)>& feed, int end)
{
    std::uint64_t asked = 0;
    bool ended = false;
    while (!stopped_ && !ended) {
        if (now_ns() - asked >= feed_pause_ns || asked == 0) {
            feed_ = feed(!slots_.empty());
            asked = now_ns();
        }
        for (const auto& slot : slots_) slot->turn(feed_);
        for (const auto& [name, why] : scribe_.complaints())
            book_.write(name, "unwritten", "its results are not written along: " + why);
        std::erase_if(retired_, [](const auto& slot) { return slot->has_gone(); });
        accept_clients();
        for (const auto& client : clients_) serve(*client);
        std::erase_if(clients_, [](const auto& client) { return client->has_gone(); });
        if (!stopped_) wait(end, ended);
    }
}

void Supervisor::wait(int end, bool& ended)
{
    std::vector<pollfd> polls = {{end, POLLIN, 0}, {socket_.get(), POLLIN, 0}};
    for (const auto& slot : slots_) slot->wait_for(polls);
    for (const auto& slot : retired_) slot->wait_for(polls);
    for (const auto& client : clients_) client->wait_for(polls);
    poll(polls.data(), polls.size(), longest_wait_ms);
    ended = polls[0].revents != 0;
}

void Supervisor::accept_clients()
{
    constexpr std::size_t most = 32;
    while (clients_.size() < most) {
        Fd socket(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!socket) return;
        clients_.push_back(std::make_unique<Client>(std::move(socket)));
    }
}

void Supervisor::serve(Client& client)
{
    if (const auto words = client.question()) command(client, *words);
    if (!client.pending.empty()) answer_added(client);
    client.turn(book_);
}

Slot* Supervisor::find(std::string_view name)
{
    for (const auto& slot : slots_)
        if (slot->spec().name == name) return slot.get();
    return nullptr;
}

bool Supervisor::remove(const std::string& name)
{
    const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const auto& one) {
        return one->spec().name == name;
    });
    if (slot == slots_.end()) return false;
    (*slot)->retire();
    retired_.push_back(std::move(*slot));
    slots_.erase(slot);
    return true;
}

} // namespace asiowire::hooks
