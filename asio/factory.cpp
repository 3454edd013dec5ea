// SPDX-License-Identifier: MIT
// COM's way in: the class factory and the DLL's exports.

#include "asio/driver.hpp"
#include "asio/registration.hpp"
#include "wine/pe/threads.hpp"

#include <new>
#include <utility>

namespace asiowire {

namespace {

/// Makes drivers for one entry of the hosts' list.
class Factory final : public IClassFactory {
public:
    explicit Factory(Entry entry) : entry_(std::move(entry)) { objects_alive++; }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID iid, void** object) override
    {
        if (object == nullptr) return E_POINTER;
        const bool known = IsEqualGUID(iid, IID_IClassFactory) || IsEqualGUID(iid, IID_IUnknown);
        *object = known ? static_cast<IClassFactory*>(this) : nullptr;
        if (known) AddRef();
        return known ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override
    {
        const ULONG left = --references_;
        if (left == 0) delete this;
        return left;
    }

    HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* outer, REFIID iid, void** object) override
    {
        if (object == nullptr) return E_POINTER;
        *object = nullptr;
        if (outer != nullptr) return CLASS_E_NOAGGREGATION;
        auto* driver = new (std::nothrow) Driver(entry_);
        if (driver == nullptr) return E_OUTOFMEMORY;
        const HRESULT result = driver->QueryInterface(iid, object);
        driver->Release();
        return result;
    }
    HRESULT STDMETHODCALLTYPE LockServer(BOOL lock) override
    {
        objects_alive += lock ? 1 : -1;
        return S_OK;
    }

private:
    ~Factory() { objects_alive--; }

    const Entry entry_;
    std::atomic<ULONG> references_{1};
};

} // namespace

} // namespace asiowire

extern "C" HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void** object)
{
    if (object == nullptr) return E_POINTER;
    *object = nullptr;
    auto entry = asiowire::Entry::find(clsid);
    if (!entry) return CLASS_E_CLASSNOTAVAILABLE;
    auto* factory = new (std::nothrow) asiowire::Factory(std::move(*entry));
    if (factory == nullptr) return E_OUTOFMEMORY;
    const HRESULT result = factory->QueryInterface(iid, object);
    factory->Release();
    return result;
}

extern "C" HRESULT WINAPI DllCanUnloadNow()
{
    return asiowire::objects_alive == 0 ? S_OK : S_FALSE;
}

extern "C" HRESULT WINAPI DllRegisterServer()
{
    return asiowire::add_registration();
}

extern "C" HRESULT WINAPI DllUnregisterServer()
{
    return asiowire::remove_registration();
}

/// For entries of cards, by regsvr32 /n /i:WORDS; see Entry::from_words.
extern "C" HRESULT WINAPI DllInstall(BOOL install, PCWSTR words)
{
    const auto entry = asiowire::Entry::from_words(words == nullptr ? L"" : words);
    return install ? asiowire::add_entry(entry) : asiowire::remove_entry(entry);
}

extern "C" BOOL WINAPI DllMain(HINSTANCE, DWORD reason, LPVOID)
{
    // At process exit the other threads are gone already and the process takes its memory along:
    // there is nothing that could be done safely, and nothing that needs to be.
    if (reason == DLL_THREAD_DETACH) asiowire::AudioThread::on_thread_detach();
    return TRUE;
}
