// SPDX-License-Identifier: MIT
// Calls a C function with arrays from Python: one copy in every module that asiowire.ops compiles.
//
// [any Python thread]  A call looks where its arrays lie, checks them against the function's table,
// lets other Python threads run while the C function does, and returns. Not by cffi's own call:
// ffi.from_buffer takes longer for one array than all of this for three (figures: docs/ops.md).
#pragma once

#include "checks.h"

static bool aw_take_foreign(AwCall* call, const AwParameter* want, PyObject* given)
{
    if (strcmp(Py_TYPE(given)->tp_name, "MaskedArray") == 0)
        return AW_REFUSE(call, TypeError, "%s is a masked array; its mask would be ignored",
                         want->name);
    if (!aw_view_buffer(given, &call->buffer[call->buffers], &call->view[call->arrays]))
        return AW_REFUSE(call, TypeError,
                         PyObject_CheckBuffer(given) ? "%s, a %s, gives no access to its memory"
                                                     : "%s must be an array, not %s",
                         want->name, Py_TYPE(given)->tp_name);
    ++call->buffers;
    return true;
}

static bool aw_take_array(AwCall* call, const AwParameter* want, PyObject* given)
{
    const int by = call->arrays;
    AwView* have = &call->view[by];
    if (PyArray_CheckExact(given))
        aw_view_numpy((PyArrayObject*)given, have);
    else if (!aw_take_foreign(call, want, given))
        return false;
    call->array[by] = want;
    call->arrays = by + 1;
    if (!aw_check_type(call, by)) return false;
    if (want->written && !have->writable)
        return AW_REFUSE(call, ValueError, "%s is read-only, and this writes to it", want->name);
    if (!have->contiguous)
        return AW_REFUSE(call, ValueError,
                         "%s is not C-contiguous; numpy.ascontiguousarray makes a copy that is",
                         want->name);
    if (((uintptr_t)have->data & (have->item - 1)) != 0) // sizes of our types are powers of two
        return AW_REFUSE(call, ValueError, "%s does not begin at a multiple of its element's size",
                         want->name);
    return aw_check_shape(call, by);
}

static bool aw_take_number(AwCall* call, const AwParameter* want, PyObject* given)
{
    AwNumber* number = &call->number[call->numbers++];
    if (want->kind == 'f') {
        number->real = PyFloat_AsDouble(given);
        if (number->real != -1.0 || !PyErr_Occurred()) return true;
        return AW_REFUSE(call, TypeError, "%s must be a number, not %s", want->name,
                         Py_TYPE(given)->tp_name);
    }
    if (want->kind == 'b') {
        const int truth = PyObject_IsTrue(given);
        number->truth = truth > 0;
        return truth >= 0;
    }
    PyObject* index = PyNumber_Index(given);
    if (index == NULL)
        return AW_REFUSE(call, TypeError, "%s must be a whole number, not %s", want->name,
                         Py_TYPE(given)->tp_name);
    const unsigned long long most = ~0ULL >> (64 - want->item * 8);
    bool fits;
    if (want->kind == 'i') {
        const long long value = number->whole = PyLong_AsLongLong(index);
        fits = value <= (long long)(most >> 1) && value >= -(long long)(most >> 1) - 1;
    } else {
        number->natural = PyLong_AsUnsignedLongLong(index);
        fits = number->natural <= most;
    }
    Py_DECREF(index);
    if (fits && !PyErr_Occurred()) return true;
    return AW_REFUSE(call, OverflowError, "%s does not fit its C type, %s", want->name,
                     aw_type_name(want->kind, want->item));
}

// Sorts the arguments by parameter; what is missing, unknown or twice is refused by name.
static bool aw_sort(AwCall* call, PyObject* const* args, Py_ssize_t count, PyObject* names,
                    PyObject** sorted)
{
    const AwFunction* function = call->function;
    const Py_ssize_t named = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    if (count + named > function->parameters)
        return AW_REFUSE(call, TypeError, "%zd arguments are too many; they are %s", count + named,
                         function->usage);
    for (int index = 0; index < function->parameters; ++index)
        sorted[index] = index < count ? args[index] : NULL;
    for (Py_ssize_t name = 0; name < named; ++name) {
        PyObject* given = PyTuple_GET_ITEM(names, name);
        int index = 0;
        while (index < function->parameters &&
               PyUnicode_CompareWithASCIIString(given, function->parameter[index].name) != 0)
            ++index;
        if (index == function->parameters)
            return AW_REFUSE(call, TypeError, "there is no argument %U; they are %s", given,
                             function->usage);
        if (sorted[index] != NULL) return AW_REFUSE(call, TypeError, "%U is given twice", given);
        sorted[index] = args[count + name];
    }
    for (int index = 0; index < function->parameters; ++index)
        if (sorted[index] == NULL)
            return AW_REFUSE(call, TypeError, "%s is missing; the arguments are %s",
                             function->parameter[index].name, function->usage);
    return true;
}

static PyObject* aw_result(const AwFunction* function, AwNumber result)
{
    switch (function->result) {
    case 'f':
        return PyFloat_FromDouble(result.real);
    case 'i':
        return PyLong_FromLongLong(result.whole);
    case 'u':
        return PyLong_FromUnsignedLongLong(result.natural);
    case 'b':
        return PyBool_FromLong(result.truth);
    default:
        Py_RETURN_NONE;
    }
}

static PyObject* aw_call(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* names)
{
    AwCall call; // not zeroed as a whole: that would be 4 KiB in every call
    call.function = PyCapsule_GetPointer(self, NULL);
    call.arrays = call.numbers = call.buffers = 0;
    call.generic = -1;
    PyObject* sorted[AW_MOST_PARAMETERS];
    bool good = true;
    if (names != NULL || count != call.function->parameters) {
        good = aw_sort(&call, args, count, names, sorted);
        args = sorted;
    }
    for (int size = 0; size < call.function->sizes; ++size)
        call.set_by[size] = -1;
    for (int index = 0; good && index < call.function->parameters; ++index) {
        const AwParameter* want = &call.function->parameter[index];
        good = want->is_array ? aw_take_array(&call, want, args[index])
                              : aw_take_number(&call, want, args[index]);
    }
    good = good && aw_check_overlaps(&call);
    AwNumber result = {0};
    if (good) {
        void* arrays[AW_MOST_PARAMETERS];
        for (int index = 0; index < call.arrays; ++index)
            arrays[index] = call.view[index].data;
        const bool is_double = call.generic >= 0 && call.view[call.generic].item == 8;
        const AwInvoke invoke = call.function->invoke[is_double];
        Py_BEGIN_ALLOW_THREADS invoke(arrays, call.size, call.number, &result);
        Py_END_ALLOW_THREADS
    }
    for (int index = 0; index < call.buffers; ++index)
        PyBuffer_Release(&call.buffer[index]);
    return good ? aw_result(call.function, result) : NULL;
}

// A module whose functions are those of the table.
static PyObject* aw_module(PyModuleDef* definition, AwFunction* functions, size_t count)
{
    if (_import_array() != 0) return NULL;
    PyObject* module = PyModule_Create(definition);
    PyObject* name = module == NULL ? NULL : PyModule_GetNameObject(module);
    for (size_t index = 0; name != NULL && index < count; ++index) {
        PyMethodDef* method = &functions[index].method;
        PyObject* self = PyCapsule_New(&functions[index], NULL, NULL);
        PyObject* function = self == NULL ? NULL : PyCFunction_NewEx(method, self, name);
        Py_XDECREF(self);
        if (function == NULL || PyModule_AddObject(module, method->ml_name, function) != 0) {
            Py_XDECREF(function);
            Py_CLEAR(name);
            Py_CLEAR(module);
        }
    }
    Py_XDECREF(name);
    return module;
}
