// SPDX-License-Identifier: MIT
// audio_writer._native: 24-bit packing for Python, over the kernels of taps/. What is right to be
// packed is _checks.py's to say; here is only what keeps a wrong call from reading foreign memory.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "taps/pack24.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <vector>

namespace {

using asiowire::Packer24;
using asiowire::Rounding;
using asiowire::Simd;

struct Release {
    void operator()(PyObject* object) const { Py_DECREF(object); }
};
using Object = std::unique_ptr<PyObject, Release>;

/// A buffer that somebody else exports, given back at the end.
class Buffer {
public:
    explicit Buffer(PyObject* exporter)
        : held_(PyObject_GetBuffer(exporter, &view_, PyBUF_STRIDES) == 0)
    {
    }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer()
    {
        if (held_) PyBuffer_Release(&view_);
    }

    explicit operator bool() const { return held_; }
    const Py_buffer* operator->() const { return &view_; }

private:
    Py_buffer view_{};
    bool held_;
};

/// Samples [frame][channel], and one output per channel of the span that is wanted, null: skip.
struct Job {
    const unsigned char* first; // the span's first channel
    Py_ssize_t frame_step, channel_step;
    std::size_t frames;
    bool swapped;
    std::vector<std::uint8_t*> out;

    /// [any-thread & without the interpreter's lock]
    void run(const Packer24& packer) const
    {
        if (channel_step == word_bytes && frame_step != word_bytes && !swapped)
            return packer.deinterleave(first, frame_step, out.size(), frames, out.data());
        for (std::size_t c = 0; c < out.size(); c++)
            if (out[c] != nullptr)
                packer.strided(first + static_cast<Py_ssize_t>(c) * channel_step, frame_step,
                               swapped, frames, out[c]);
    }

    static constexpr Py_ssize_t word_bytes = 4;
};

bool channels_of(PyObject* tuple, Py_ssize_t width, std::vector<Py_ssize_t>& channels)
{
    for (Py_ssize_t i = 0, n = PyTuple_Size(tuple); i < n; i++) {
        const Py_ssize_t channel = PyLong_AsSsize_t(PyTuple_GetItem(tuple, i));
        if (channel == -1 && PyErr_Occurred() != nullptr) return false;
        if (channel < 0 || channel >= width) {
            PyErr_SetString(PyExc_IndexError, "channel out of range");
            return false;
        }
        channels.push_back(channel);
    }
    return true;
}

/// The list of bytes objects that will hold the channels: one per different channel, given twice
/// where a channel is wanted twice. Nobody else knows them until they are filled.
Object results(const std::vector<Py_ssize_t>& channels, Py_ssize_t low, Job& job)
{
    if (job.frames > static_cast<std::size_t>(PY_SSIZE_T_MAX / 3)) {
        PyErr_NoMemory();
        return nullptr;
    }
    Object list(PyList_New(static_cast<Py_ssize_t>(channels.size())));
    if (list == nullptr) return nullptr;
    std::vector<PyObject*> made(job.out.size());
    for (std::size_t i = 0; i < channels.size(); i++) {
        const auto c = static_cast<std::size_t>(channels[i] - low);
        if (made[c] == nullptr) {
            const auto size = static_cast<Py_ssize_t>(3 * job.frames);
            made[c] = PyBytes_FromStringAndSize(nullptr, size);
            if (made[c] == nullptr) return nullptr;
            job.out[c] = reinterpret_cast<std::uint8_t*>(PyBytes_AsString(made[c]));
        } else {
            Py_INCREF(made[c]);
        }
        if (PyList_SetItem(list.get(), static_cast<Py_ssize_t>(i), made[c]) != 0) return nullptr;
    }
    return list;
}

PyObject* packed(PyObject* exporter, PyObject* tuple, bool swapped, const Packer24& packer)
{
    const Buffer audio(exporter);
    if (!audio) return nullptr;
    if (audio->ndim != 2 || audio->itemsize != Job::word_bytes) {
        PyErr_SetString(PyExc_ValueError, "not a [frames, channels] buffer of 32-bit samples");
        return nullptr;
    }
    std::vector<Py_ssize_t> channels;
    if (!channels_of(tuple, audio->shape[1], channels)) return nullptr;
    if (channels.empty()) return PyList_New(0);

    const auto [low, high] = std::minmax_element(channels.begin(), channels.end());
    Job job{static_cast<const unsigned char*>(audio->buf) + *low * audio->strides[1],
            audio->strides[0],
            audio->strides[1],
            static_cast<std::size_t>(audio->shape[0]),
            swapped,
            std::vector<std::uint8_t*>(static_cast<std::size_t>(*high - *low + 1))};
    Object list = results(channels, *low, job);
    if (list == nullptr) return nullptr;
    Py_BEGIN_ALLOW_THREADS
    job.run(packer);
    Py_END_ALLOW_THREADS
    return list.release();
}

PyObject* pack(PyObject*, PyObject* arguments)
{
    PyObject* audio = nullptr;
    PyObject* channels = nullptr;
    int swapped = 0, is_int = 0, truncate = 0;
    int simd = static_cast<int>(asiowire::best_simd());
    double scale = 0;
    if (!PyArg_ParseTuple(arguments, "OO!ppdp|i:pack", &audio, &PyTuple_Type, &channels, &swapped,
                          &is_int, &scale, &truncate, &simd))
        return nullptr;
    const auto set = static_cast<Simd>(std::clamp(simd, 0, static_cast<int>(Simd::avx512)));
    try {
        return packed(audio, channels, swapped != 0,
                      is_int != 0 ? Packer24::int32(set)
                                  : Packer24::float32(scale,
                                                      truncate != 0 ? Rounding::truncate
                                                                    : Rounding::nearest,
                                                      set));
    } catch (const std::exception&) { // vectors only
        return PyErr_NoMemory();
    }
}

PyMethodDef methods[] = {
    {"pack", pack, METH_VARARGS,
     "pack(view, channels, swapped, is_int, scale, truncate, simd=best) -> list of bytes"},
    {nullptr, nullptr, 0, nullptr},
};

int fill(PyObject* module)
{
    return PyModule_AddIntConstant(module, "best_simd", static_cast<int>(asiowire::best_simd()));
}

PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(fill)},
    {0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", "24-bit packing of audio_writer.", 0, methods, slots,
    nullptr,               nullptr,   nullptr,
};

} // namespace

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&definition); }
