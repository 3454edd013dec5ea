// SPDX-License-Identifier: MIT
#include "hooks/volterra_fft.hpp"

#include "hooks/volterra_buffer.hpp"

#include <fftw3.h>
#include <map>
#include <mutex>
#include <new>
#include <utility>

namespace asiowire {

namespace {

/// FFTW's two precisions under one set of names.
template <class T> struct Fftw;

template <> struct Fftw<float> {
    using Plan = fftwf_plan;
    static Plan forward(int n, float* time, float* spectrum)
    {
        return fftwf_plan_dft_r2c_1d(n, time, reinterpret_cast<fftwf_complex*>(spectrum),
                                     FFTW_MEASURE);
    }
    static Plan inverse(int n, float* spectrum, float* time)
    {
        return fftwf_plan_dft_c2r_1d(n, reinterpret_cast<fftwf_complex*>(spectrum), time,
                                     FFTW_MEASURE);
    }
    static void run_forward(Plan plan, float* time, float* spectrum)
    {
        fftwf_execute_dft_r2c(plan, time, reinterpret_cast<fftwf_complex*>(spectrum));
    }
    static void run_inverse(Plan plan, float* spectrum, float* time)
    {
        fftwf_execute_dft_c2r(plan, reinterpret_cast<fftwf_complex*>(spectrum), time);
    }
    static void share_planner() { fftwf_make_planner_thread_safe(); }
};

template <> struct Fftw<double> {
    using Plan = fftw_plan;
    static Plan forward(int n, double* time, double* spectrum)
    {
        return fftw_plan_dft_r2c_1d(n, time, reinterpret_cast<fftw_complex*>(spectrum),
                                    FFTW_MEASURE);
    }
    static Plan inverse(int n, double* spectrum, double* time)
    {
        return fftw_plan_dft_c2r_1d(n, reinterpret_cast<fftw_complex*>(spectrum), time,
                                    FFTW_MEASURE);
    }
    static void run_forward(Plan plan, double* time, double* spectrum)
    {
        fftw_execute_dft_r2c(plan, time, reinterpret_cast<fftw_complex*>(spectrum));
    }
    static void run_inverse(Plan plan, double* spectrum, double* time)
    {
        fftw_execute_dft_c2r(plan, reinterpret_cast<fftw_complex*>(spectrum), time);
    }
    static void share_planner() { fftw_make_planner_thread_safe(); }
};

template <class T> using Plans = std::pair<typename Fftw<T>::Plan, typename Fftw<T>::Plan>;

template <class T> Plans<T> plans_of(std::size_t length)
{
    static std::mutex lock;
    static std::map<std::size_t, Plans<T>> known;
    const std::lock_guard guard(lock);
    // Others in the process may plan, too, and FFTW's planner is one for all: it gets a lock.
    static const bool shared = (Fftw<T>::share_planner(), true);
    static_cast<void>(shared);
    if (const auto found = known.find(length); found != known.end()) return found->second;
    VolterraBuffer<T> time(length);
    VolterraBuffer<T> spectrum(length + 2);
    const int n = static_cast<int>(length);
    const Plans<T> plans{Fftw<T>::forward(n, time.data(), spectrum.data()),
                         Fftw<T>::inverse(n, spectrum.data(), time.data())};
    if (plans.first == nullptr || plans.second == nullptr) throw std::bad_alloc();
    known.emplace(length, plans);
    return plans;
}

} // namespace

template <class T> VolterraFft<T>::VolterraFft(std::size_t length)
{
    const Plans<T> plans = plans_of<T>(length);
    forward_ = plans.first;
    inverse_ = plans.second;
}

template <class T> void VolterraFft<T>::forward(T* time, T* spectrum) const
{
    Fftw<T>::run_forward(static_cast<typename Fftw<T>::Plan>(forward_), time, spectrum);
}

template <class T> void VolterraFft<T>::inverse(T* spectrum, T* time) const
{
    Fftw<T>::run_inverse(static_cast<typename Fftw<T>::Plan>(inverse_), spectrum, time);
}

template class VolterraFft<float>;
template class VolterraFft<double>;

} // namespace asiowire
