# SPDX-License-Identifier: MIT
"""Names, times, markers and sizes, as others find them in the files."""

import datetime
import os
import struct
import time
import xml.etree.ElementTree as xml
from pathlib import Path
from typing import Any

from rig.case import Rig, check
from taps import _takes
from taps._takes import MONO, POLY, RATE, SndFile, counter, ffprobe, record, wavs

STARTED = 1_700_000_000_250_000_000  # ns since 1970


def names_become_file_names_that_never_collide(rig: Rig) -> None:
    names = ["Kick/In", "Kick\\In", "kick:in", "Kick*In", "", ".", "..", "CON", "aux.1", "-rf",
             " lead ", "tab\there", "new\nline", "Ünï 日本語", "é" * 200, "bad\udcff", "x" * 300,
             '"<>|?*', "a&b <c>", "Kick/In"]
    with _takes.folder() as where:
        options = [word for name in names for word in ("--track", name)]
        told = record(where, options, ["write:10"], "Gig 2026/11 \"live\"")
        check(told["folder"].parent == where and told["folder"].is_dir(), "{t}", t=told)
        check(told["folder"].name == "Gig 2026_11 _live_", "{n}", n=told["folder"].name)
        files = wavs(told["folder"])
        check(len(files) == len(names), "{files}", files=files)
        check(len({file.name.casefold() for file in files}) == len(names), "names collide")
        for number, (file, name) in enumerate(zip(files, names), 1):
            check(not set(file.name) & set('/\\:*?"<>|\n\t'), "{f}", f=file.name)
            check(file.name.startswith(f"{number:02} "), "{f}", f=file.name)
            check(len(os.fsencode(file.name)) < 200, "{f}", f=file.name)
            tracks = _ixml(file).findall(".//TRACK")
            expected = (name or f"track {number}").replace("\t", " ").replace("\n", " ")
            expected = expected.replace("\udcff", "\ufffd")
            check(tracks[0].findtext("NAME") == expected, "{n}", n=tracks[0].findtext("NAME"))
        code, told = _takes.verdict(told["folder"])
        check(code == 0 and told["tracks"][0]["name"] == "Kick/In", "{t}", t=told)
        for take, folder in (("..", "take"), ("CON", "CON_"), ("com1.x", "com1_.x"), ("", "take-2"),
                             (".hidden", "_hidden"), ("CON", "CON_-2")):
            told = record(where, [], [], take)
            check(told["folder"].name == folder, "{t} is not {f}", t=told["folder"], f=folder)


def date_time_and_origin_are_in_every_file(rig: Rig) -> None:
    moment = datetime.datetime.fromtimestamp(STARTED // 10**9)
    midnight = moment.replace(hour=0, minute=0, second=0)
    reference = int(((moment - midnight).seconds + 0.25) * RATE)
    with _takes.folder() as where:
        told = record(where, ["--channels", 2, "--started", STARTED, "--rotation", 1000],
                      ["write:2500"])
        uids = set()
        for number, file in enumerate(wavs(told["folder"])):
            tags = ffprobe(file)["format"]["tags"]
            check(tags["date"] == moment.strftime("%Y-%m-%d"), "{t}", t=tags)
            check(tags["creation_time"] == moment.strftime("%H:%M:%S"), "{t}", t=tags)
            check(tags["encoded_by"] == "AsioWire", "{t}", t=tags)
            first = reference + 1000 * (number % 3)
            check(int(tags["time_reference"]) == first, "{t}, not {f}", t=tags, f=first)
            uids.add(tags["originator_reference"])
            text = _ixml(file)
            check(text.findtext(".//FAMILY_UID") == tags["originator_reference"], "the UID")
            check(text.findtext(".//TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO") == str(first), "iXML")
            uids.add(text.findtext("FILE_UID") or "")
        check(len(uids) == 1 + 6, "{u}", u=uids)  # one take, six files
        begin = _takes.log(told["folder"])[0]
        check(begin["uid"] in uids and begin["unix_ns"] == STARTED, "{b}", b=begin)
        iso = datetime.datetime.fromisoformat(begin["started"])
        check(abs(iso.timestamp() - STARTED / 1e9) < 1e-5, "{b}", b=begin)


def a_time_zone_is_heeded(rig: Rig) -> None:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Kolkata"  # +5:30
    try:
        with _takes.folder() as where:
            told = record(where, ["--started", 0], ["write:10"])
            tags = ffprobe(wavs(told["folder"])[0])["format"]["tags"]
            check(int(tags["time_reference"]) == (5 * 60 + 30) * 60 * RATE, "{t}", t=tags)
            started = _takes.log(told["folder"])[0]["started"]
            check(started == "1970-01-01T05:30:00.000000+05:30", "{s}", s=started)
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def markers_stand_at_their_frames(rig: Rig) -> None:
    steps = ["write:5001", "silence:700", "silence:300", "write:3000", "mark:2500:Chorus: ä",
             "xrun:4000", "rename:4500:0:Snare", "mark:7777:late", "mark:999999:never"]
    expected = [(2500, "Chorus: ä"), (4000, "graph xrun"), (4500, "track 1 is now Snare"),
                (5001, "overrun"), (7777, "late"), (9000, "never")]
    with _takes.folder() as where:
        for name, options in (("mono", MONO), ("poly", POLY)):
            told = record(where, options, steps, name)
            for file in wavs(told["folder"]):
                check(_cues(file) == expected, "{file}: {cues}", file=file.name, cues=_cues(file))
                chapters = ffprobe(file)["chapters"]
                titles = [chapter["tags"]["title"] for chapter in chapters]
                check(titles == [text for _, text in expected], "{t}", t=titles)
                region = struct.unpack("<II4s", file.read_bytes().split(b"ltxt")[1][4:16])
                check(region[1:] == (1000, b"rgn "), "{r}", r=region)


def a_gap_over_a_seam_is_marked_on_both_sides(rig: Rig) -> None:
    with _takes.folder() as where:
        told = record(where, ["--channels", 1, "--rotation", 10_000],
                      ["write:9000", "mark:8000:early", "mark:12000:later", "silence:1500",
                       "write:5000"])
        first, second = wavs(told["folder"])
        check(_cues(first) == [(8000, "early"), (9000, "overrun")], "{c}", c=_cues(first))
        check(_cues(second) == [(0, "overrun"), (2000, "later")], "{c}", c=_cues(second))
        lengths = [struct.unpack("<I", path.read_bytes().split(b"ltxt")[1][8:12])[0]
                   for path in (first, second)]
        check(lengths == [1000, 500], "{l}", l=lengths)


def only_many_channels_are_extensible(rig: Rig) -> None:
    with _takes.folder() as where:
        for channels, container in ((1, 1), (2, 1), (3, 0x13), (64, 0x13)):
            told = record(where, ["--channels", channels, "--poly"], ["write:100"])
            with SndFile(wavs(told["folder"])[0]) as file:
                check(file.container == container, "{n}: {c:#x}", n=channels, c=file.container)


def every_chunk_before_the_samples_is_even_whatever_is_told_in_it(rig: Rig) -> None:
    """libsndfile finds no samples behind an odd chunk of RF64; names and clocks make odd texts."""
    for number, name in enumerate(("a", "ab", "abc", "take \u00e4", "5 \u266d")):
        for layout, rate in ((MONO, 48000), (POLY, 192000)):
            with _takes.folder() as where:
                options = ["--riff-limit", 1000, "--started", 7**number * 1000 * 10**9, "--rate", rate, *layout]
                told = record(where, options, ["write:2000"], name)
                file = wavs(told["folder"])[0]
                with SndFile(file) as found:
                    check(found.container == 0x22 and found.frames == 2000, "{n}", n=name)
                at, data = 12, file.read_bytes()
                while data[at : at + 4] != b"data":
                    size = struct.unpack("<I", data[at + 4 : at + 8])[0]
                    check(size % 2 == 0, "{c} of {n} has {s}", c=data[at : at + 4], n=name, s=size)
                    at += 8 + size


def a_file_becomes_rf64_in_place_when_it_must(rig: Rig) -> None:
    with _takes.folder() as where:
        limit = 4096 - 8 + 3 * 20_000
        for frames, large in ((20_000, False), (20_001, True), (90_000, True)):
            for poly in (MONO, POLY):
                told = record(where, ["--channels", 1, "--riff-limit", limit, *poly],
                              [f"write:{frames}"])
                file = wavs(told["folder"])[0]
                check(file.read_bytes()[:4] == (b"RF64" if large else b"RIFF"), "{n}", n=frames)
                with SndFile(file) as read:
                    check(read.container == (0x22 if large else 1), "{c}", c=read.container)
                    check(read.frames == frames, "{n}", n=read.frames)
                    check(read.read(0, frames) == counter(0, frames), "samples")
                check(_takes.ffmpeg(file) == counter(0, frames), "FFmpeg's samples")
                check(_takes.verdict(told["folder"])[0] == 0, "verify")


def beyond_4_gib_everything_is_still_true(rig: Rig) -> None:
    with _takes.folder() as where:
        for options in (["--channels", 2], ["--channels", 3, "--poly"]):
            middle = (1 << 32) // (9 if "--poly" in options else 3)
            # The counter stands on both sides of byte 2^32; the silence before it is a hole.
            before = middle - 100_000 - 9_000
            told = record(where, [*options, "--block", 4099],
                          ["write:9000", f"silence:{before}", "write:300000", f"mark:{middle}:far"])
            check(told["frames"] == middle + 200_000, "{t}", t=told)
            for index, path in enumerate(wavs(told["folder"])):
                size = path.stat().st_size
                check(size > 1 << 32 and path.stat().st_blocks * 512 < 20 << 20, "{s}", s=size)
                check(path.open("rb").read(4) == b"RF64", "it is no RF64")
                with SndFile(path) as file:
                    check(file.frames == told["frames"], "{n} frames", n=file.frames)
                    for channel in range(file.channels):
                        for first, frames in ((0, 9000), (9000 + before, 300_000)):
                            words = _takes.channel_of(file.read(first, frames), channel,
                                                      file.channels)
                            check(words == counter(first, frames, channel or index), "samples")
                    quiet = file.read(9000 + before - 1000, 1000)
                    check(not any(quiet), "the gap is not silent at its end")
                probed = ffprobe(path)
                stream, chapter = probed["streams"][0], probed["chapters"][-1]
                check(int(stream["duration_ts"]) == told["frames"], "{s}", s=stream)
                # libsndfile looks for no cues in RF64
                check(chapter["start"] == middle and chapter["tags"]["title"] == "far", "{c}",
                      c=chapter)
            code, found = _takes.verdict(told["folder"])
            check(code == 1 and not found["problems"], "{f}", f=found)
            check(found["frames"] == told["frames"] and found["files"][0]["rf64"], "{f}", f=found)


def _ixml(path: Path) -> Any:
    data = path.read_bytes()
    at = data.index(b"iXML")
    (length,) = struct.unpack("<I", data[at + 4 : at + 8])
    return xml.fromstring(data[at + 8 : at + 8 + length])


def _cues(path: Path) -> list[tuple[int, str]]:
    """What libsndfile finds: frame and name."""
    with SndFile(path) as file:
        data = file.told(0x10CE, 4 + 100 * 280)
    (count,) = struct.unpack("<I", data[:4])
    cues = []
    for number in range(count):
        fields = struct.unpack("<iIIiiI256s", data[4 + 280 * number : 284 + 280 * number])
        cues.append((fields[5], fields[6].split(b"\0")[0].decode()))
    return cues
