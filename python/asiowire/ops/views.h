// SPDX-License-Identifier: MIT
// Where an array of Python's lies and what it holds: NumPy's own arrays from their fields,
// everything else with a buffer (memoryview, array, mmap, NumPy's subclasses) through the buffer
// protocol, which takes some 80 ns per array, most of it for NumPy to write the format down as
// text.
#pragma once

#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/arrayobject.h>
#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    char* data;
    size_t elements;
    size_t item;
    char kind; // NumPy's: 'f' float, 'i' signed, 'u' unsigned, 'b' bool; '>' when bytes are swapped
    bool writable;
    bool contiguous; // in C's order
    int dims;
    const Py_ssize_t* shape;
    const char* format; // as text, for refusals; of NumPy's own arrays NULL
} AwView;

_Static_assert(sizeof(npy_intp) == sizeof(Py_ssize_t), "NumPy's shapes are read as Python's");

// [with the interpreter's lock]  The view holds as long as the array is referenced.
static inline void aw_view_numpy(PyArrayObject* array, AwView* view)
{
    view->data = PyArray_BYTES(array);
    const int dims = view->dims = PyArray_NDIM(array);
    const npy_intp* shape = PyArray_DIMS(array);
    size_t elements = 1;
    for (int dim = 0; dim < dims; ++dim)
        elements *= (size_t)shape[dim];
    view->elements = elements;
    view->shape = (const Py_ssize_t*)shape;
    view->item = (size_t)PyArray_ITEMSIZE(array);
    view->kind = PyArray_ISNOTSWAPPED(array) ? PyArray_DESCR(array)->kind : '>';
    const int flags = PyArray_FLAGS(array);
    view->writable = (flags & NPY_ARRAY_WRITEABLE) != 0;
    view->contiguous = (flags & NPY_ARRAY_C_CONTIGUOUS) != 0;
    view->format = NULL;
}

// The kind that a format of the struct module's says; 0 when it is none of ours.
static char aw_kind(const char* format)
{
    const uint16_t one = 1;
    const bool little = *(const unsigned char*)&one == 1;
    if (*format == (little ? '>' : '<') || (*format == '!' && little)) return '>';
    if (*format != 0 && strchr("@=<>!^", *format) != NULL) ++format;
    if (format[0] == 0 || format[1] != 0) return 0;
    return strchr("fde", *format)      ? 'f'
           : strchr("bhilqn", *format) ? 'i'
           : strchr("BHILQN", *format) ? 'u'
           : *format == '?'            ? 'b'
                                       : 0;
}

// [with the interpreter's lock]  The view holds until the buffer is released.
// Errors   false, with Python's reason, when there is no such buffer
static bool aw_view_buffer(PyObject* object, Py_buffer* buffer, AwView* view)
{
    if (PyObject_GetBuffer(object, buffer, PyBUF_RECORDS_RO) != 0) return false;
    view->data = buffer->buf;
    view->item = (size_t)buffer->itemsize;
    view->elements = view->item == 0 ? 0 : (size_t)buffer->len / view->item;
    view->format = buffer->format == NULL ? "B" : buffer->format; // says PEP 3118
    view->kind = aw_kind(view->format);
    view->writable = !buffer->readonly;
    view->contiguous = PyBuffer_IsContiguous(buffer, 'C');
    view->dims = buffer->ndim;
    view->shape = buffer->shape;
    return true;
}
