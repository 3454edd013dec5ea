# SPDX-License-Identifier: MIT
"""Kernels found again from what they made of a signal, as exactly as docs/volterra.md states."""

from rig.case import Rig, check

from python import _python
from python._python import in_python

np = _python.numpy()
if _python.inside():
    from asiowire.volterra import (
        MultiToneConfig,
        MultiToneEstimator,
        NumpyEngine,
        SweptSine,
        VolterraKernelFull,
        identify_least_squares,
    )


def _kernel(n, seed=1):
    random = np.random.default_rng(seed)
    fade = np.exp(-4 * np.arange(n) / n)
    levels = (1, 0.3, 0.2, 0.1, 0.1)
    return VolterraKernelFull(*(random.standard_normal(n) * fade * level for level in levels))


def _errors(found, kernel):
    """Per order: the norm of what is wrong over the norm of what is right."""
    return [
        float(np.linalg.norm(ours - right) / np.linalg.norm(right))
        for (_, ours), (_, right) in zip(found.orders(), kernel.orders())
    ]


def _noisy(y, decibels):
    rms = np.sqrt(np.mean(y**2))
    return y + np.random.default_rng(9).standard_normal(len(y)) * rms * 10 ** (-decibels / 20)


def _raises(words, call):
    try:
        call()
    except ValueError as raised:
        text = str(raised)
        check(words in text, "{text!r} says nothing of {words!r}", text=text, words=words)
        return
    check(False, "nothing is said of {words}", words=words)


@in_python
def least_squares_finds_every_order_to_the_last_digits(rig: Rig) -> None:
    random = np.random.default_rng(2)
    for n in (1, 10, 64):
        kernel = _kernel(n)
        for x in (random.uniform(-0.7, 0.7, 9000), 0.3 * random.standard_normal(9000)):
            found = identify_least_squares(x, NumpyEngine(kernel).process_block(x), n)
            worst = max(_errors(found.kernel, kernel))
            check(worst < 1e-13, "{n} taps: {worst}", n=n, worst=worst)
            check(abs(found.offset) < 1e-13 and found.residual < 1e-14, "nothing is left")


@in_python
def least_squares_with_noise_is_as_good_as_stated(rig: Rig) -> None:
    kernel = _kernel(64)
    x = np.random.default_rng(3).uniform(-1, 1, 20000)
    y = _noisy(NumpyEngine(kernel).process_block(x), 60) + 0.25
    found = identify_least_squares(x, y, 64)
    errors = _errors(found.kernel, kernel)
    check(errors[0] < 1e-3 and max(errors) < 2e-2, "{errors}", errors=errors)
    check(abs(found.offset - 0.25) < 1e-3, "the offset is {o}", o=found.offset)
    check(0.5e-3 < found.residual < 2e-3, "the residual is the noise: {r}", r=found.residual)


@in_python
def what_the_input_does_not_excite_is_told_and_stays_small(rig: Rig) -> None:
    kernel = _kernel(32)
    x = np.sin(0.1 * np.arange(5000))
    found = identify_least_squares(x, NumpyEngine(kernel).process_block(x), 32)
    check(found.condition > 1e8, "{c}", c=found.condition)
    check(max(np.abs(h).max() for _, h in found.kernel.orders()) < 10, "the kernel is large")
    # A constant may be the offset's or an even power's: one sine cannot tell.
    again = NumpyEngine(found.kernel).process_block(x) + found.offset
    right = NumpyEngine(kernel).process_block(x)
    error = np.abs(again - right)[100:].max() / np.abs(right).max()
    check(error < 1e-3, "it does not fit: {error}", error=error)


@in_python
def the_swept_sine_finds_every_orders_response(rig: Rig) -> None:
    kernel = _kernel(64)
    sweep = SweptSine()
    response = NumpyEngine(kernel).process_block(np.append(sweep.excitation(), np.zeros(4096)))
    low, high = sweep.band()
    for signal, budget in (
        (response, (1e-3, 1e-3, 1e-3, 1e-3, 2e-3)),
        (_noisy(response, 80), (1e-3, 2e-3, 5e-3, 6e-3, 3e-2)),
    ):
        frequencies, orders = sweep.order_responses(signal)
        inside = (frequencies >= low) & (frequencies <= high)
        turns = np.exp(-2j * np.pi * np.outer(frequencies[inside] / 48000, np.arange(64)))
        for (order, h), found, most in zip(kernel.orders(), orders, budget):
            right = turns @ h
            error = np.linalg.norm(found[inside] - right) / np.linalg.norm(right)
            check(error < most, "order {order}: {error}", order=order, error=error)


@in_python
def a_harmonics_response_is_what_a_sine_makes(rig: Rig) -> None:
    # The judge: a sine of the same amplitude and its spectrum.
    kernel = _kernel(64)
    sweep = SweptSine(amplitude=0.4)
    found = sweep.harmonic_responses(
        NumpyEngine(kernel).process_block(np.append(sweep.excitation(), np.zeros(4096)))
    )
    for hz in (500, 1000, 4000):
        sine = 0.4 * np.sin(2 * np.pi * hz / 48000 * np.arange(9600))
        spectrum = np.fft.rfft(NumpyEngine(kernel).process_block(sine)[4800:])
        for m in (1, 2, 3, 4, 5):
            turns = np.exp(-2j * np.pi * m * hz / 48000 * (np.arange(4096) - 1024))
            ours = abs(found[m - 1] @ turns) * 0.4
            right = abs(spectrum[m * hz // 10]) / 2400
            facts = {"m": m, "hz": hz, "a": ours, "b": right}
            check(abs(ours - right) < 1e-4, "{m} · {hz} Hz: {a}, not {b}", **facts)


@in_python
def the_swept_sines_kernel_does_inside_the_band_what_the_system_does(rig: Rig) -> None:
    kernel = _kernel(64)
    sweep = SweptSine()
    response = NumpyEngine(kernel).process_block(np.append(sweep.excitation(), np.zeros(4096)))
    found = sweep.kernel(response, 64)
    x = 0.5 * np.sin(2 * np.pi * 1000 / 48000 * np.arange(4800))
    right = NumpyEngine(kernel).process_block(x)
    error = np.abs(NumpyEngine(found).process_block(x) - right)[500:].max() / np.abs(right).max()
    check(error < 3e-4, "{error}", error=error)


@in_python
def many_tones_are_as_inaccurate_as_stated(rig: Rig) -> None:
    kernel = _kernel(64)
    estimator = MultiToneEstimator(MultiToneConfig(amplitude=0.8))
    excitation, frequencies = estimator.generate_excitation()
    check(len(frequencies) == 100, "{n} tones", n=len(frequencies))
    check(np.isclose(np.abs(excitation).max(), 0.8), "the amplitude")
    twice = NumpyEngine(kernel).process_block(np.append(excitation, excitation))
    found = estimator.estimate_kernel(excitation, twice[len(excitation) :], frequencies, 64)
    errors = _errors(found, kernel)
    # Between the tones h1 is anyone's guess; the powers' products fill the band.
    check(0.05 < errors[0] < 0.9, "{errors}", errors=errors)
    check(max(errors[1:]) < 1e-3, "{errors}", errors=errors)


@in_python
def measurements_that_cannot_be_are_named(rig: Rig) -> None:
    x = np.ones(1000)
    for words, call in (
        ("too few", lambda: identify_least_squares(x, x, 300)),
        ("silent", lambda: identify_least_squares(0 * x, x, 3)),
        ("shapes", lambda: identify_least_squares(x, x[1:], 3)),
        ("not finite", lambda: identify_least_squares(x, x * np.nan, 3)),
        ("max_order is 6", lambda: identify_least_squares(x, x, 3, 6)),
        ("seconds is 0.5", lambda: SweptSine(duration=0.5)),
        ("must rise", lambda: SweptSine(f1=5000)),
        ("harmonics is 6", lambda: SweptSine(harmonics=6)),
        ("frame 3 of the response", lambda: SweptSine().harmonic_responses([0, 0, 0, np.inf])),
        ("method is 'x'", lambda: MultiToneConfig(method="x")),
        ("must rise", lambda: MultiToneConfig(f_max=30000)),
    ):
        _raises(words, call)
