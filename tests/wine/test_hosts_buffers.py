# SPDX-License-Identifier: MIT
"""Hosts and their buffers: dummy cycles, sparse channels, odd sizes, one sample type for all."""

import re

from rig import fair
from rig.case import Rig, check, for_hosts

from wine._hosts import SINK, TYPES, survives

CODES = {"float32": "Float32LSB", "float64": "Float64LSB", "int16": "Int16LSB",
         "int24": "Int24LSB", "int32": "Int32LSB"}


@for_hosts(64, 32)
def juces_dummy_cycle_leads_to_an_ordinary_run(rig: Rig, bits: int) -> None:
    fair.loopback(rig, bits, 256, channels=8, more=["--fault", "dummy-cycle"], seconds=1)


@for_hosts(64, 32)
def outputs_3_and_4_alone_come_back_on_inputs_3_and_4(rig: Rig, bits: int) -> None:
    def trial(log: fair.Path) -> None:
        args = fair.words(256, 1, "--loopback", "--fault", "sparse")
        run = fair.run_host(rig, bits, args, SINK, log)
        fair.check_loop(run.report, 256, 256, 2)

    fair.fairly(trial)


@for_hosts(64, 32)
def a_host_with_no_inputs_or_no_outputs_runs(rig: Rig, bits: int) -> None:
    for side in ("--inputs", "--outputs"):
        report = rig.host_report(bits, ["--seconds", "0.5", side, "0"], SINK)
        check(report["callbacks"] > 50, "{side} 0: {report}", side=side, report=report)
        check(report["in"] + report["out"] == 8, "{side} 0: {report}", side=side, report=report)


@for_hosts(64, 32)
def the_same_channel_twice_is_one_buffer(rig: Rig, bits: int) -> None:
    survives(rig, bits, "same-channel-twice")


@for_hosts(64, 32)
def a_channel_that_does_not_exist_is_refused_by_its_number(rig: Rig, bits: int) -> None:
    survives(rig, bits, "wrong-channel")


@for_hosts(64, 32)
def every_size_from_16_to_8192_runs_and_others_are_refused_by_name(rig: Rig, bits: int) -> None:
    survives(rig, bits, "all-sizes", seconds=40)


@for_hosts(64, 32)
def a_host_that_takes_the_preferred_size_runs_with_it(rig: Rig, bits: int) -> None:
    report = rig.host_report(bits, ["--seconds", "0.5"], SINK)
    check(report["block"] == rig.daemon.quantum, "not the graph's: {r}", r=report)


@for_hosts(64, 32)
def a_fixed_block_is_the_only_size_offered(rig: Rig, bits: int) -> None:
    for block in ("64", "480"):
        env = SINK | {"ASIOWIRE_FIXED_BLOCK": "1", "ASIOWIRE_BLOCK": block}
        ended = rig.host(bits, ["--driver", "AsioWire", "--info"], env)
        line = re.search(r"^  sizes +(.*)$", ended.out, re.MULTILINE)
        wanted = f"{block} to {block} frames, preferred {block}, one size"
        check(line and line[1].strip() == wanted, "offered: {out}", out=ended.out[:400])
        report = rig.host_report(bits, ["--seconds", "0.3"], env)
        check(report["block"] == int(block), "it runs {r}", r=report)


@for_hosts(64, 32)
def one_sample_type_for_all_channels_as_the_setting_says(rig: Rig, bits: int) -> None:
    for name in TYPES:
        ended = survives(rig, bits, "one-type", env={"ASIOWIRE_SAMPLE_TYPE": name})
        check(f"every channel has {CODES[name]}" in ended.err, "{name}: {err}", name=name,
              err=ended.err)


@for_hosts(64, 32)
def every_sample_type_goes_round_bit_exact(rig: Rig, bits: int) -> None:
    for name in TYPES:
        env = SINK | {"ASIOWIRE_SAMPLE_TYPE": name}
        run = fair.loopback(rig, bits, 256, channels=8, env=env, seconds=0.6)
        check(run.report["sample_types"] == CODES[name], "{name}: {r}", name=name, r=run.report)


@for_hosts(64, 32)
def of_sixteen_channels_the_eight_of_the_device_sound(rig: Rig, bits: int) -> None:
    def trial(log: fair.Path) -> None:
        env = SINK | {"ASIOWIRE_INPUTS": "16", "ASIOWIRE_OUTPUTS": "16"}
        run = fair.run_host(rig, bits, fair.words(256, 1, "--loopback"), env, log)
        report = run.report
        check((report["in"], report["out"]) == (16, 16), "not 16 and 16: {r}", r=report)
        silent = "No signal arrived on input 9, 10, 11, 12, 13, 14, 15, 16."
        right = (report["lost"], report["duplicated"], report["rtt_frames"]) == (0, 0, 256)
        # All that the host calls corrupt is the whole run of those eight.
        if silent not in run.ended.err or not right or (
            report["corrupt"] != 8 * 256 * report["callbacks"]
        ):
            raise fair.WrongAudio(f"{run.ended.err.strip()} {report}")

    fair.fairly(trial)
