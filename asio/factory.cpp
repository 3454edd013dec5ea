// SPDX-License-Identifier: MIT
// COM's way in: the class factory and the DLL's exports.

#include "asio/driver.hpp"
#include "asio/registration.hpp"
#include "wine/pe/threads.hpp"

namespace asiowire {

namespace {

/// Lives as long as the DLL; counting its references would count nothing.
class Factory final : public IClassFactory {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID iid, void** object) override
    {
        if (object == nullptr) return E_POINTER;
        const bool known = IsEqualGUID(iid, IID_IClassFactory) || IsEqualGUID(iid, IID_IUnknown);
        *object = known ? static_cast<IClassFactory*>(this) : nullptr;
        return known ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 2; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }

    HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* outer, REFIID iid, void** object) override
    {
        if (object == nullptr) return E_POINTER;
        *object = nullptr;
        if (outer != nullptr) return CLASS_E_NOAGGREGATION;
        auto* driver = new (std::nothrow) Driver;
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
};

Factory factory;

} // namespace

} // namespace asiowire

extern "C" HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void** object)
{
    if (object == nullptr) return E_POINTER;
    *object = nullptr;
    if (!IsEqualGUID(clsid, asiowire::driver_clsid)) return CLASS_E_CLASSNOTAVAILABLE;
    return asiowire::factory.QueryInterface(iid, object);
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

extern "C" BOOL WINAPI DllMain(HINSTANCE, DWORD reason, LPVOID)
{
    // At process exit the other threads are gone already and the process takes its memory along:
    // there is nothing that could be done safely, and nothing that needs to be.
    if (reason == DLL_THREAD_DETACH) asiowire::AudioThread::on_thread_detach();
    return TRUE;
}
