// SPDX-License-Identifier: MIT
#pragma once

#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace engine_test {

namespace fs = std::filesystem;

/// A user's folders that come and go with a test, and a log.
class User {
public:
    User()
    {
        std::array<char, 64> name{"/tmp/asiowire-user-XXXXXX"};
        root = mkdtemp(name.data());
        const char* const before = std::getenv("XDG_CONFIG_HOME");
        before_ = before == nullptr ? "" : before;
        setenv("XDG_CONFIG_HOME", (root + "/xdg").c_str(), 1);
        setenv("ASIOWIRE_LOG", (root + "/log").c_str(), 1);
    }
    ~User()
    {
        setenv("XDG_CONFIG_HOME", before_.c_str(), 1);
        unsetenv("ASIOWIRE_LOG");
        std::error_code ignored;
        fs::remove_all(root, ignored);
    }
    User(const User&) = delete;
    User& operator=(const User&) = delete;

    fs::path folder() const { return root + "/xdg/pipewire"; }

    /// Sets properties, as an editor does that writes beside a file and renames.
    void set(const std::string& properties, const char* file = "asiowire.conf") const
    {
        save("asiowire.properties = {\n" + properties + "\n}\n", file);
    }
    void save(const std::string& text, const char* file = "asiowire.conf") const
    {
        const fs::path path = folder() / file;
        fs::create_directories(path.parent_path());
        std::ofstream(path.string() + "~") << text;
        fs::rename(path.string() + "~", path);
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

    std::string root;

private:
    std::string before_;
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
