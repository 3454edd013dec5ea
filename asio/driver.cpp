// SPDX-License-Identifier: MIT
// The object's life, and its one door.

#include "asio/driver.hpp"

#include "asio/asio_error.hpp"
#include "asio/srw_guard.hpp"

#include <cstdio>
#include <cstring>
#include <utility>

namespace asiowire {

std::atomic<long> objects_alive{0};

Driver::Driver(Entry entry) : entry_(std::move(entry))
{
    objects_alive++;
}

Driver::~Driver()
{
    opened_.take();
    objects_alive--;
}

HRESULT STDMETHODCALLTYPE Driver::QueryInterface(REFIID iid, void** object)
{
    if (object == nullptr) return E_POINTER;
    // Hosts pass the driver's class id as the interface id; ASIO has no other.
    if (!IsEqualGUID(iid, entry_.clsid) && !IsEqualGUID(iid, IID_IUnknown)) {
        *object = nullptr;
        return E_NOINTERFACE;
    }
    *object = static_cast<asio::IAsio*>(this);
    AddRef();
    return S_OK;
}

ULONG STDMETHODCALLTYPE Driver::AddRef()
{
    return ++references_;
}

ULONG STDMETHODCALLTYPE Driver::Release()
{
    const ULONG left = --references_;
    if (left == 0) {
        if (const auto opened = opened_.get()) opened->retire();
        leave();
    }
    return left;
}

void Driver::leave()
{
    if (--users_ == 0) delete this;
}

Outcome Driver::not_open()
{
    return {Status::no_daemon, "init was not called or failed"};
}

std::int32_t Driver::settle(const char* method, const Outcome& outcome)
{
    const bool failed = outcome.status != Status::ok;
    if (!failed && outcome.text.empty()) return asio::ASE_OK;
    char line[240];
    const char* text = outcome.text.empty() ? sentence(outcome.status) : outcome.text.c_str();
    if (failed)
        std::snprintf(line, sizeof line, "%s: %s", method, text);
    else
        std::snprintf(line, sizeof line, "%s", text);
    keep(line);
    if (failed && !outcome.is_answer) unix_half::log(line);
    return asio_error(outcome.status);
}

void Driver::keep(std::string_view sentence)
{
    const SrwGuard guard(error_lock_, SrwGuard::exclusive);
    error_.store(sentence);
}

Outcome Driver::open()
{
    if (opened_.get()) return Status::ok; // hosts call init twice
    const SrwGuard one_at_a_time(opening_, SrwGuard::exclusive);
    if (opened_.get()) return Status::ok;
    std::string remark;
    auto opened = Opened::open(entry_, remark);
    if (!opened) return opened.error();
    opened_.put(std::move(*opened));
    return {Status::ok, std::move(remark)};
}

} // namespace asiowire
