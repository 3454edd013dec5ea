// SPDX-License-Identifier: MIT

#include "asio/driver.hpp"

#include "asio/asio_error.hpp"
#include "asio/events.hpp"
#include "asio/program_name.hpp"
#include "asio/srw_guard.hpp"
#include "wine/pe/unix_half.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace asiowire {

std::atomic<long> objects_alive{0};

Driver::Driver()
{
    InitializeCriticalSection(&change_);
    objects_alive++;
}

Driver::~Driver()
{
    halt();
    dispose();
    if (event_thread_) close_events();
    DeleteCriticalSection(&change_);
    objects_alive--;
}

/// Waits for the event thread, so that the engine is gone when Release returns: a host may exit the
/// process next, and a thread of ours that Windows killed while it unloads PipeWire's plugins would
/// leave the C library's loader locked and the exit hanging.
void Driver::close_events()
{
    constexpr DWORD patience_ms = 2000;
    auto params = abi::make<abi::CloseParams>();
    params.engine = opened_->engine->value();
    unix_half::ask(abi::Call::close_events, params);
    events_.reset();
    event_thread_->join(patience_ms);
}

HRESULT STDMETHODCALLTYPE Driver::QueryInterface(REFIID iid, void** object)
{
    if (object == nullptr) return E_POINTER;
    // Hosts pass the driver's class id as the interface id; ASIO has no other.
    if (!IsEqualGUID(iid, driver_clsid) && !IsEqualGUID(iid, IID_IUnknown)) {
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
    if (left == 0) delete this;
    return left;
}

std::int32_t Driver::settle(const char* method, const Outcome& outcome)
{
    if (outcome.status != Status::ok) {
        const std::string sentence =
            std::string(method) + ": " +
            (outcome.text.empty() ? std::string(asiowire::sentence(outcome.status)) : outcome.text);
        keep(sentence);
        unix_half::log(sentence);
    }
    return asio_error(outcome.status);
}

void Driver::keep(std::string_view sentence)
{
    const SrwGuard guard(state_lock_, SrwGuard::exclusive);
    const std::size_t bytes = std::min(sentence.size(), sizeof error_ - 1);
    std::memcpy(error_, sentence.data(), bytes);
    error_[bytes] = '\0';
}

asio::Bool ASIO_METHOD Driver::init(void*)
{
    return enter("init", [this] { return open(); }) == asio::ASE_OK ? 1 : 0;
}

Driver::Outcome Driver::open()
{
    if (opened()) return Status::ok; // hosts call init twice
    if (unix_half::load() != Status::ok) return {Status::no_unix_half, unix_half::why()};
    auto params = abi::make<abi::OpenParams>();
    params.version = abi::version;
    copy_program_name(params.program);
    const Status status = unix_half::ask(abi::Call::open, params);
    if (status != Status::ok) return {status, params.message};
    keep(params.message); // what was used instead of an unusable setting
    auto device = std::make_shared<Opened>();
    device->engine = std::make_shared<EngineToken>(params.engine);
    device->inputs = params.inputs;
    device->outputs = params.outputs;
    device->rate = params.rate;
    device->preferred_block = params.preferred_block;
    const SrwGuard guard(state_lock_, SrwGuard::exclusive);
    if (!opened_) opened_ = std::move(device);
    return Status::ok;
}

void ASIO_METHOD Driver::get_driver_name(char* name)
{
    if (name != nullptr) std::memcpy(name, driver_name, sizeof driver_name);
}

std::int32_t ASIO_METHOD Driver::get_driver_version()
{
    return driver_version;
}

void ASIO_METHOD Driver::get_error_message(char* text)
{
    if (text == nullptr) return;
    const SrwGuard guard(state_lock_, SrwGuard::shared);
    std::memcpy(text, error_, std::strlen(error_) + 1);
}

std::shared_ptr<const Driver::Opened> Driver::opened() const
{
    const SrwGuard guard(state_lock_, SrwGuard::shared);
    return opened_;
}

std::shared_ptr<Session> Driver::session() const
{
    const SrwGuard guard(state_lock_, SrwGuard::shared);
    return session_;
}

std::shared_ptr<AudioThread> Driver::running() const
{
    const SrwGuard guard(state_lock_, SrwGuard::shared);
    return running_;
}

bool Driver::inside_callback() const
{
    const SrwGuard guard(state_lock_, SrwGuard::shared);
    return (running_ && running_->is_current()) || (ending_ && ending_->is_current());
}

} // namespace asiowire
