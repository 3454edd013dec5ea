# SPDX-License-Identifier: MIT
"""What the ready-made operations and pipelines compute, beside NumPy and float64 models."""

from rig.case import Rig, check

from python import _ops, _python
from python._ops import in_ops

np = _python.numpy()
ops = _ops.ops()

SEED = 20


def _noise(random, shape, dtype):
    """Audio, and among it whatever a float can be."""
    noise = random.uniform(-2, 2, shape).astype(dtype)
    odd = [0.0, -0.0, np.nan, np.inf, -np.inf, 1e-40, -1e-40, 1e-310, 3e38, -3e38]
    where = random.uniform(size=shape) < 0.1
    with np.errstate(all="ignore"):
        noise[where] = random.choice(np.array(odd), size=int(where.sum())).astype(dtype)
    return noise


def _shape(random):
    """None, one, a vector's length and around it, and more; flat and of several dimensions."""
    length = int(random.choice([0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 257, 1024, 4097]))
    return [(length,), (1, length), (length, 1), (3, length), (2, 2, length)][random.integers(5)]


def _unlike(ours, numpys):
    """How many elements differ in a bit; NaN is like NaN."""
    same = (ours == numpys) & (np.signbit(ours) == np.signbit(numpys))
    return int((~(same | (np.isnan(ours) & np.isnan(numpys)))).sum())


def _by_numpy(name, y, operands):
    """Each operation in NumPy, in the arrays' own precision."""
    with np.errstate(all="ignore"):
        if name == "full":
            return np.full_like(y, operands[0])
        if name == "add":
            return y + operands[0]
        if name == "mul":
            return y * operands[0]
        if name == "axpy":
            return y.dtype.type(operands[0]) * operands[1] + y
        if name == "relu":
            return np.where(y < 0, y.dtype.type(0), y)
        mean, variance, gamma, beta = (each[:, None] for each in operands[:4])
        scale = gamma / np.sqrt(variance + y.dtype.type(operands[4]))
        return (y - mean) * scale + beta


def _operands(random, name, y):
    if name == "full":
        return (float(random.choice([0.0, 1.5, -0.1, np.nan, np.inf])),)
    if name in ("add", "mul"):
        return (_noise(random, y.shape, y.dtype),)
    if name == "axpy":
        return (float(random.uniform(-2, 2)), _noise(random, y.shape, y.dtype))
    if name == "relu":
        return ()
    rows = [random.uniform(0.1, 2, y.shape[0]).astype(y.dtype) for _ in range(4)]
    return (*rows, 1e-5)


@in_ops
def the_ready_made_operations_give_the_bits_of_numpy(rig: Rig) -> None:
    random = np.random.default_rng(SEED)
    for round in range(400):
        for name in ("full", "add", "mul", "axpy", "relu", "batch_norm"):
            dtype = random.choice([np.float32, np.float64])
            shape = _shape(random)
            y = _noise(random, shape if name != "batch_norm" else (3, shape[-1]), dtype)
            operands = _operands(random, name, y)
            wanted = _by_numpy(name, y, operands)
            address = y.ctypes.data
            result = getattr(ops, name)(y, *operands)
            wrong = _unlike(y, wanted)
            facts = {"name": name, "dtype": dtype, "shape": y.shape, "wrong": wrong}
            check(wrong == 0, "{name} {dtype} {shape}: {wrong} differ", **facts)
            check(result is None and y.ctypes.data == address, "{name} is not in place", **facts)


@in_ops
def batch_norm_is_near_its_float64_model(rig: Rig) -> None:
    random = np.random.default_rng(SEED)
    for channels, frames in ((1, 1), (2, 480), (32, 1024), (5, 0), (0, 5)):
        y = random.uniform(-1, 1, (channels, frames)).astype(np.float32)
        rows = [random.uniform(0.5, 2, channels).astype(np.float32) for _ in range(4)]
        mean, variance, gamma, beta = (each.astype(np.float64)[:, None] for each in rows)
        wanted = (y.astype(np.float64) - mean) / np.sqrt(variance + 1e-5) * gamma + beta
        ops.batch_norm(y, *rows, 1e-5)
        worst = np.abs(y - wanted).max(initial=0)
        check(worst < 2e-6, "{worst} at {shape}", worst=worst, shape=y.shape)


@in_ops
def a_pipeline_gives_the_bits_of_its_operations_one_by_one(rig: Rig) -> None:
    random = np.random.default_rng(SEED)
    names = ["full", "add", "mul", "axpy", "relu", "batch_norm"]
    chains = [["mul", "add", "relu", "axpy"], ["relu"], ["add"] * 12]
    chains += [list(random.choice(names, random.integers(2, 7))) for _ in range(3)]
    for chain in chains:
        pipeline = ops.Pipeline(*(getattr(ops, name) for name in chain))
        for dtype in (np.float32, np.float64):
            for shape in ((2, 0), (1, 1), (3, 17), (2, 1024), (1, 4099)):
                y = _noise(random, shape, dtype)
                stepwise, numpys, given = y.copy(), y.copy(), []
                for name in chain:
                    operands = _operands(random, name, y)
                    getattr(ops, name)(stepwise, *operands)
                    numpys = _by_numpy(name, numpys, operands)
                    given += operands
                pipeline(y, *given)
                facts = {"chain": chain, "shape": shape, "dtype": dtype}
                check(_unlike(y, stepwise) == 0, "{chain} {shape} {dtype}: steps differ", **facts)
                check(_unlike(y, numpys) == 0, "{chain} {shape} {dtype}: NumPy differs", **facts)


@in_ops
def a_wrong_bit_is_noticed(rig: Rig) -> None:
    wrong = ops.elementwise("void wrong(size_t n, real y[n], const real x[n])",
                            "y = x + y * 1.0000001;")
    random = np.random.default_rng(SEED)
    y, x = random.uniform(1, 2, (2, 1000)).astype(np.float32)
    wanted = y + x
    wrong(y, x)
    check(_unlike(y, wanted) > 0, "the comparison sees nothing")


@in_ops
def users_operations_go_into_pipelines(rig: Rig) -> None:
    clip = ops.elementwise("void clip(size_t n, real y[n], real limit)",
                           "y = y > limit ? limit : y < -limit ? -limit : y;")
    inner = ops.Pipeline(ops.mul, clip)
    outer = ops.Pipeline(inner, clip, ops.add)
    y = np.linspace(-4, 4, 999, dtype=np.float32)
    x = np.full_like(y, 0.5)
    wanted = np.clip(np.clip(y * x, -1.5, 1.5), -1, 1) + x
    outer(y, x, 1.5, 1.0, add_x=x)
    check(_unlike(y, wanted) == 0, "values differ")
    check(outer.__name__ == "mul_clip_clip_add", outer.__name__)
    single = ops.elementwise("void half(size_t n, float y[n])", "y *= 0.5f;")
    mixed = ops.Pipeline(single, ops.add)
    mixed(y, x)
    check(_unlike(y, wanted * np.float32(0.5) + x) == 0, "float with real differs")
    said = _ops.refusal(lambda: mixed(y.astype(np.float64), x.astype(np.float64)), TypeError)
    check("float32 is needed" in said, said)


@in_ops
def one_array_may_be_every_argument_of_an_elementwise_operation(rig: Rig) -> None:
    for length in (1, 5, 8, 100, 4099):
        y = np.linspace(-1, 1, length, dtype=np.float32)
        wanted = y.copy()
        ops.mul(y, y)
        wanted = wanted * wanted
        ops.Pipeline(ops.add, ops.mul, ops.axpy)(y, y, y, 0.5, y)
        wanted = np.float32(0.5) * wanted + (wanted + wanted) * wanted
        check(_unlike(y, wanted) == 0, "differs at {length}", length=length)


@in_ops
def loading_compiled_code_leaves_denormals_and_nan_alone(rig: Rig) -> None:
    tiny = np.array([1e-40], np.float32)
    y = np.array([1e-40, np.nan, -np.nan, 1e-45], np.float32)
    ops.relu(y)
    ops.full(np.zeros(3, np.float32), 1.0)
    check(float((tiny * np.float32(0.5))[0]) > 0, "NumPy's denormals are gone")
    check(y[0] > 0 and np.isnan(y[1]) and np.isnan(y[2]) and y[3] > 0, "{y}", y=y)
