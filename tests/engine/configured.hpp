// SPDX-License-Identifier: MIT
#pragma once

#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"
#include "tests/scratch.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace engine_test {

namespace fs = std::filesystem;

/// A user's folders that come and go with a test, and a log.
class User : scratch::Folder {
public:
    User() : Folder("/tmp/asiowire-user") {}

    fs::path folder() const { return root + "/xdg/pipewire"; }

    /// Sets properties, as an editor does that writes beside a file and renames.
    void set(const std::string& properties, const char* file = "asiowire.conf") const
    {
        save("asiowire.properties = {\n" + properties + "\n}\n", file);
    }
    void save(const std::string& text, const char* file = "asiowire.conf") const
    {
        const fs::path whole = folder() / file;
        fs::create_directories(whole.parent_path());
        std::ofstream(whole.string() + "~") << text;
        fs::rename(whole.string() + "~", whole);
    }
    /// As an editor does that writes in place.
    void overwrite(const std::string& properties) const
    {
        std::ofstream(folder() / "asiowire.conf") << "asiowire.properties = {" << properties << "}";
    }

    std::string log() const
    {
        std::ostringstream text;
        text << std::ifstream(root + "/log").rdbuf();
        return text.str();
    }
    bool logs(const std::string& sentence) const
    {
        return wait_until([&] { return log().contains(sentence); });
    }

    const std::string& root = path;

private:
    const scratch::Variable configuration_{"XDG_CONFIG_HOME", root + "/xdg"};
    const scratch::Variable log_{"ASIOWIRE_LOG", root + "/log"};
};

/// Longer than a change takes to be told: the quiet time, and the pace at which events are looked for.
inline void wait_for_silence()
{
    std::this_thread::sleep_for(milliseconds(700));
}

/// A host that runs, and hears what it is told.
struct Running {
    std::string message;
    std::unique_ptr<Engine> engine = open_engine(message);
    std::unique_ptr<Notices> notices;
    std::unique_ptr<Host> host;
    bool began = false;

    Running()
    {
        if (!engine) return;
        notices = std::make_unique<Notices>(*engine);
        host = std::make_unique<Host>(
            *engine, Host::Shape{.block = 256, .inputs = 0x3, .outputs = 0x3});
        began = host->start() == Status::ok && host->wait_for_blocks(20);
    }
    int resets() const { return notices->count(Engine::Event::reset); }
    bool reset_told() const
    {
        return wait_until([&] { return resets() > 0; });
    }
    bool goes_on() const { return host->wait_for_blocks(host->blocks + 20); }
};

} // namespace engine_test
