// SPDX-License-Identifier: MIT
#include "hooks/volterra_fft.hpp"

#include "hooks/volterra_buffer.hpp"
#include "hooks/volterra_fft_memory.hpp"

#include <cstdlib>
#include <fftw3.h>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

namespace asiowire {

namespace {

/// FFTW's two precisions under one set of names.
template <class T> struct Fftw;

template <> struct Fftw<float> {
    using Plan = fftwf_plan;
    static Plan forward(int n, int stride, float* in, float* out, unsigned flags)
    {
        const fftwf_iodim length{n, 1, 1};
        return fftwf_plan_guru_split_dft(1, &length, 0, nullptr, in, in + stride, out, out + stride,
                                         flags);
    }
    static Plan inverse(int n, float* spectrum, float* time, unsigned flags)
    {
        return fftwf_plan_dft_c2r_1d(n, reinterpret_cast<fftwf_complex*>(spectrum), time, flags);
    }
    static void run_forward(Plan plan, std::size_t stride, float* in, float* out)
    {
        fftwf_execute_split_dft(plan, in, in + stride, out, out + stride);
    }
    static void run_inverse(Plan plan, float* spectrum, float* time)
    {
        fftwf_execute_dft_c2r(plan, reinterpret_cast<fftwf_complex*>(spectrum), time);
    }
    static char* print(Plan plan) { return fftwf_sprint_plan(plan); }
    static void destroy(Plan plan) { fftwf_destroy_plan(plan); }
    static void share_planner() { fftwf_make_planner_thread_safe(); }
};

template <> struct Fftw<double> {
    using Plan = fftw_plan;
    static Plan forward(int n, int stride, double* in, double* out, unsigned flags)
    {
        const fftw_iodim length{n, 1, 1};
        return fftw_plan_guru_split_dft(1, &length, 0, nullptr, in, in + stride, out, out + stride,
                                        flags);
    }
    static Plan inverse(int n, double* spectrum, double* time, unsigned flags)
    {
        return fftw_plan_dft_c2r_1d(n, reinterpret_cast<fftw_complex*>(spectrum), time, flags);
    }
    static void run_forward(Plan plan, std::size_t stride, double* in, double* out)
    {
        fftw_execute_split_dft(plan, in, in + stride, out, out + stride);
    }
    static void run_inverse(Plan plan, double* spectrum, double* time)
    {
        fftw_execute_dft_c2r(plan, reinterpret_cast<fftw_complex*>(spectrum), time);
    }
    static char* print(Plan plan) { return fftw_sprint_plan(plan); }
    static void destroy(Plan plan) { fftw_destroy_plan(plan); }
    static void share_planner() { fftw_make_planner_thread_safe(); }
};

template <class T> using Plans = std::pair<typename Fftw<T>::Plan, typename Fftw<T>::Plan>;

template <class T> bool allocates(typename Fftw<T>::Plan plan)
{
    const std::unique_ptr<char, void (*)(void*)> printed(Fftw<T>::print(plan), std::free);
    return fftw_plan_allocates(printed.get(), sizeof(T));
}

/// make(flags): a plan. One that leaves the allocator alone, by measuring if that finds one.
template <class T, class Make> typename Fftw<T>::Plan measured(Make make)
{
    for (const unsigned flags : {FFTW_MEASURE, FFTW_ESTIMATE}) {
        const auto plan = make(flags | FFTW_NO_BUFFERING);
        if (plan != nullptr && !allocates<T>(plan)) return plan;
        Fftw<T>::destroy(plan);
    }
    return nullptr;
}

template <class T>
Plans<T> plans_of(std::size_t length, typename VolterraFft<T>::Planning planning)
{
    using Planning = typename VolterraFft<T>::Planning;
    static std::mutex lock;
    // Never destroyed: plans outlive whoever still runs one while the process ends.
    static auto& known = *new std::map<std::pair<std::size_t, Planning>, Plans<T>>();
    const std::lock_guard guard(lock);
    // Others in the process may plan, too, and FFTW's planner is one for all: it gets a lock.
    static const bool shared = (Fftw<T>::share_planner(), true);
    static_cast<void>(shared);
    if (const auto found = known.find({length, planning}); found != known.end())
        return found->second;
    const std::size_t stride = VolterraFft<T>::stride(length);
    VolterraBuffer<T> a(2 * stride);
    VolterraBuffer<T> b(2 * stride);
    const int n = static_cast<int>(length);
    const auto forward = [&](unsigned flags) {
        return Fftw<T>::forward(n, static_cast<int>(stride), a.data(), b.data(), flags);
    };
    const auto inverse = [&](unsigned flags) {
        return Fftw<T>::inverse(n, a.data(), b.data(), flags);
    };
    const Plans<T> plans = planning == Planning::measured
                               ? Plans<T>(measured<T>(forward), measured<T>(inverse))
                               : Plans<T>(forward(FFTW_ESTIMATE), inverse(FFTW_ESTIMATE));
    if (plans.first == nullptr || plans.second == nullptr) throw std::bad_alloc();
    known.emplace(std::pair(length, planning), plans);
    return plans;
}

} // namespace

template <class T> std::size_t VolterraFft<T>::stride(std::size_t length)
{
    constexpr std::size_t line = VolterraBuffer<T>::alignment / sizeof(T);
    return (length / line + 1) * line;
}

template <class T>
VolterraFft<T>::VolterraFft(std::size_t length, Planning planning)
    : stride_(VolterraFft<T>::stride(length))
{
    const Plans<T> plans = plans_of<T>(length, planning);
    forward_ = plans.first;
    inverse_ = plans.second;
}

template <class T> void VolterraFft<T>::forward(T* signals, T* transformed) const
{
    Fftw<T>::run_forward(static_cast<typename Fftw<T>::Plan>(forward_), stride_, signals,
                         transformed);
}

template <class T> void VolterraFft<T>::inverse(T* spectrum, T* time) const
{
    Fftw<T>::run_inverse(static_cast<typename Fftw<T>::Plan>(inverse_), spectrum, time);
}

template class VolterraFft<float>;
template class VolterraFft<double>;

} // namespace asiowire
