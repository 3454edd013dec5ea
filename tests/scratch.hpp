// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace scratch {

/// A folder for this process alone that goes with the object, and all that is in it.
class Folder {
public:
    /// Its name begins with `prefix`; short where a socket is to be in it.
    explicit Folder(std::string prefix) : path(std::move(prefix) + "-XXXXXX")
    {
        if (mkdtemp(path.data()) == nullptr) std::abort(); // nothing below would mean anything
    }
    ~Folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string path;
};

/// A variable of the environment that is as it was once the object goes.
class Variable {
public:
    Variable(std::string name, const std::string& value) : name_(std::move(name))
    {
        if (const char* const before = std::getenv(name_.c_str())) before_ = before;
        setenv(name_.c_str(), value.c_str(), 1);
    }
    ~Variable()
    {
        if (before_)
            setenv(name_.c_str(), before_->c_str(), 1);
        else
            unsetenv(name_.c_str());
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const std::string name_;
    std::optional<std::string> before_;
};

} // namespace scratch
