// SPDX-License-Identifier: MIT
// What a compiled function wants of its arrays, and whether they are so; refusals are sentences.
#pragma once

#include "views.h"

enum { AW_MOST_PARAMETERS = 32, AW_MOST_DIMS = 4, AW_MOST_SIZES = 8 };

// The largest value of an integer type.
#define AW_MOST(T) ((T)-1 > (T)0 ? (size_t)(T)-1 : ((size_t)1 << (sizeof(T) * 8 - 1)) - 1)

typedef union {
    double real;
    long long whole;
    unsigned long long natural;
    _Bool truth;
} AwNumber;

typedef struct {
    const char* name;
    bool is_array;
    bool is_generic; // float or double, as the first such array says
    char kind;       // 'f' float, 'i' signed, 'u' unsigned, 'b' bool
    unsigned char item;
    bool written;
    bool restricted;        // C's restrict: shares no memory with any other array
    int dims;               // 0 unless it is an array
    int size[AW_MOST_DIMS]; // which size a dimension is, -1: `fixed` instead
    size_t fixed[AW_MOST_DIMS];
} AwParameter;

typedef struct {
    const char* name;
    size_t most; // what its C type holds
} AwSize;

typedef void (*AwInvoke)(void* const* arrays, const size_t* sizes, const AwNumber* numbers,
                         AwNumber* result);

typedef struct {
    PyMethodDef method;
    const char* usage; // its arguments, in parentheses
    int parameters;
    const AwParameter* parameter;
    int sizes;
    const AwSize* size;
    char result;        // a kind, or 'v' for none
    AwInvoke invoke[2]; // of a generic function: for float, for double
} AwFunction;

// What one call holds.
typedef struct {
    const AwFunction* function;
    int arrays;
    AwView view[AW_MOST_PARAMETERS];
    const AwParameter* array[AW_MOST_PARAMETERS];
    size_t size[AW_MOST_SIZES];
    int set_by[AW_MOST_SIZES]; // the array that said how large, -1: none yet
    int numbers;
    AwNumber number[AW_MOST_PARAMETERS];
    int generic; // the first generic array, -1: none yet
    int buffers; // to give back
    Py_buffer buffer[AW_MOST_PARAMETERS];
} AwCall;

#define AW_REFUSE(call, error, ...)                                                                \
    (aw_refuse((call)->function->method.ml_name, PyExc_##error, __VA_ARGS__), false)

__attribute__((cold)) static void aw_refuse(const char* function, PyObject* error,
                                            const char* format, ...)
{
    PyErr_Clear(); // what Python said of it is said better here
    va_list words;
    va_start(words, format);
    PyObject* reason = PyUnicode_FromFormatV(format, words);
    va_end(words);
    if (reason == NULL) return;
    PyErr_Format(error, "%s: %U", function, reason);
    Py_DECREF(reason);
}

// NumPy's name of a type; NULL when it is none of ours.
static const char* aw_type_name(char kind, size_t item)
{
    static const char* const names[][4] = {
        {NULL, "float16", "float32", "float64"},
        {"int8", "int16", "int32", "int64"},
        {"uint8", "uint16", "uint32", "uint64"},
    };
    const int column = item == 1 ? 0 : item == 2 ? 1 : item == 4 ? 2 : item == 8 ? 3 : -1;
    const int row = kind == 'f' ? 0 : kind == 'i' ? 1 : kind == 'u' ? 2 : -1;
    if (kind == 'b') return "bool";
    return row < 0 || column < 0 ? NULL : names[row][column];
}

static bool aw_check_type(AwCall* call, int by)
{
    const AwParameter* want = call->array[by];
    const AwView* have = &call->view[by];
    if (!want->is_generic && have->kind == want->kind && have->item == want->item) return true;
    if (want->is_generic && have->kind == 'f' && (have->item == 4 || have->item == 8)) {
        if (call->generic < 0) call->generic = by;
        const AwView* first = &call->view[call->generic];
        if (first->item == have->item) return true;
        return AW_REFUSE(call, TypeError, "%s holds %s, but %s holds %s; they must be alike",
                         want->name, aw_type_name('f', have->item),
                         call->array[call->generic]->name, aw_type_name('f', first->item));
    }
    const char* wanted =
        want->is_generic ? "float32 or float64" : aw_type_name(want->kind, want->item);
    if (have->kind == '>')
        return AW_REFUSE(call, TypeError, "%s has swapped bytes; native %s is needed", want->name,
                         wanted);
    const char* had = aw_type_name(have->kind, have->item);
    if (had != NULL)
        return AW_REFUSE(call, TypeError, "%s holds %s; %s is needed", want->name, had, wanted);
    return AW_REFUSE(call, TypeError,
                     "%s holds neither numbers nor bool (%s%c, %zu bytes); %s is needed",
                     want->name, have->format ? have->format : "kind ",
                     have->format ? ' ' : have->kind, have->item, wanted);
}

static bool aw_set_size(AwCall* call, int which, size_t value, int by)
{
    const AwSize* size = &call->function->size[which];
    const char* name = call->array[by]->name;
    if (call->set_by[which] < 0) {
        if (value > size->most)
            return AW_REFUSE(call, ValueError,
                             "%s has %zu elements for %s, whose C type ends at %zu", name, value,
                             size->name, size->most);
        call->size[which] = value;
        call->set_by[which] = by;
        return true;
    }
    if (call->size[which] == value) return true;
    return AW_REFUSE(call, ValueError, "%s is %zu in %s, but %zu in %s", size->name,
                     call->size[which], call->array[call->set_by[which]]->name, value, name);
}

// A single pair of brackets takes an array of any shape, as long as all of that size have the same.
static bool aw_check_flat(AwCall* call, int which, int by)
{
    const AwView* have = &call->view[by];
    const bool first = call->set_by[which] < 0;
    if (!aw_set_size(call, which, have->elements, by)) return false;
    const AwView* other = &call->view[call->set_by[which]];
    if (first || call->array[call->set_by[which]]->dims != 1) return true;
    bool same = have->dims == other->dims;
    for (int dim = 0; same && dim < have->dims; ++dim)
        same = have->shape[dim] == other->shape[dim];
    if (same) return true;
    return AW_REFUSE(call, ValueError, "%s and %s have as many elements, but different shapes",
                     call->array[call->set_by[which]]->name, call->array[by]->name);
}

static bool aw_check_shape(AwCall* call, int by)
{
    const AwParameter* want = call->array[by];
    const AwView* have = &call->view[by];
    if (want->dims == 1 && want->size[0] >= 0) return aw_check_flat(call, want->size[0], by);
    if (have->dims != want->dims)
        return AW_REFUSE(call, ValueError, "%s has %d dimension%s; %d %s needed", want->name,
                         have->dims, have->dims == 1 ? "" : "s", want->dims,
                         want->dims == 1 ? "is" : "are");
    for (int dim = 0; dim < want->dims; ++dim) {
        const size_t length = (size_t)have->shape[dim];
        if (want->size[dim] >= 0) {
            if (!aw_set_size(call, want->size[dim], length, by)) return false;
        } else if (length != want->fixed[dim])
            return AW_REFUSE(call, ValueError, "%s has length %zu in dimension %d; %zu is needed",
                             want->name, length, dim + 1, want->fixed[dim]);
    }
    return true;
}

// Two arrays, one of them written, share no memory; or they are the same array and neither is
// restrict, then C says what happens. Half an overlap is always a mistake.
static bool aw_check_overlaps(AwCall* call)
{
    for (int a = 0; a < call->arrays; ++a) {
        if (!call->array[a]->written) continue;
        const uintptr_t begin = (uintptr_t)call->view[a].data;
        const uintptr_t end = begin + call->view[a].elements * call->view[a].item;
        for (int b = 0; b < call->arrays; ++b) {
            const uintptr_t other = (uintptr_t)call->view[b].data;
            const uintptr_t other_end = other + call->view[b].elements * call->view[b].item;
            if (begin >= other_end || other >= end || begin == end || other == other_end || a == b)
                continue;
            const AwParameter *one = call->array[a], *two = call->array[b];
            const bool same = begin == other && end == other_end;
            if (same && !one->restricted && !two->restricted) continue;
            return AW_REFUSE(call, ValueError,
                             same ? "%s and %s must not be the same memory"
                                  : "%s and %s overlap in memory without being the same",
                             one->name, two->name);
        }
    }
    return true;
}
