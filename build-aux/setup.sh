#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing for one purpose and prints it; prints nothing when all is there.
# Usage: setup.sh build|demo|test|distros (each purpose includes build; the last two include demo)
set -u

# package | purpose | how to see that it is there | reason
packages() {
    cat <<'END'
make | build | command make | runs the Makefile
g++ | build | command g++ | compiles the Unix half, the command-line tool and the tests
meson | build | command meson | reads meson.build (brings ninja and python3)
pkg-config | build | command pkg-config | tells meson where libpipewire and CMocka are
libpipewire-0.3-dev | build | module libpipewire-0.3 | headers for the Unix half
libdbus-1-dev | build | module dbus-1 | asks RealtimeKit and the Realtime portal for priorities
nlohmann-json3-dev | build | module nlohmann_json | asiowire take reads takes' logs with it
liblo-dev | build | module liblo | OSC: asiowire x32 asks a console for its names
libcmocka-dev | build | module cmocka | the native unit tests are CMocka programs
g++-mingw-w64-x86-64-win32 | build | command x86_64-w64-mingw32-g++ | the 64-bit Windows half
g++-mingw-w64-i686-win32 | build | command i686-w64-mingw32-g++ | the 32-bit Windows half
wine64-tools | build | winelib - | marks the DLLs, builds the winelib host
libwine-dev | build | file /usr/include/wine/wine/windows/windows.h | winelib headers
wine64 | demo | wine64 - | runs 64-bit Windows programs
wine | demo | command wine wineserver | the commands wine and wineserver, used by asiowire register
pipewire-bin | demo | command pipewire pw-dump pw-link | the rig's sound server and judges
python3-dev | test | python_headers - | headers for audio_writer's extension
python3-numpy | test | numpy - | audio_writer's fallback and its tests; the log-mel tests' float64 reference
python3-cffi | test | cffi - | asiowire.ops compiles with it
libsndfile1-dev | test | module sndfile | asiowire hooks try; judges 24-bit files; the packing bench's reference
tzdata | test | file /usr/share/zoneinfo/Asia/Kolkata | a take's date in another time zone
mount | test | command mount losetup | small, slow and read-only disks to record on
e2fsprogs | test | command mkfs.ext4 | a disk that can be frozen
ffmpeg | test | command ffmpeg ffprobe | reads takes back; judges loudness and true peak
libebur128-dev | test | module libebur128 | loudness in the ready-made hook levels
libsoxr-dev | test | module soxr | the resampler of the ready-made hook log_mel
libsimde-dev | test | file /usr/include/simde/x86/avx512.h | AVX-512 kernels tested on any processor
dbus-daemon | test | command dbus-daemon | a bus for imitations of those two
strace | test | command strace | counts the system calls of one audio cycle
clang-22 | test | command clang++-22 | checks that the audio thread never blocks
libclang-rt-22-dev | test | rtsan - | the same check at run time
libfftw3-dev | build | module fftw3f fftw3 | the Volterra library, the hooks spectrum and distortion; the log-mel benchmark's reference
python3-scipy | test | scipy - | the log-mel benchmark's other reference
libzita-convolver-dev | test | file /usr/include/zita-convolver.h | the Volterra benchmark's reference; nothing that ships uses it
rustc | test | command rustc | builds the log-mel example in Rust
golang-go | test | command go | builds the log-mel example in Go
mmdebstrap | distros | command mmdebstrap | makes the Debian 13 and sid systems for check-distros
END
}

# Debian, Arch, Fedora and WineHQ keep Wine's own DLLs in different places.
has_wine64() {
    for dll in /usr/lib/*/wine/x86_64-windows/ntdll.dll /usr/lib/wine/x86_64-windows/ntdll.dll \
        /usr/lib64/wine/x86_64-windows/ntdll.dll /opt/wine-*/lib*/wine/x86_64-windows/ntdll.dll; do
        [ -e "$dll" ] && return 0
    done
    return 1
}

# Debian has these names with the suffix alone until its package wine is there.
has_winelib() {
    for tool in wineg++ winebuild; do
        command -v "$tool" >/dev/null || command -v "$tool-stable" >/dev/null || return 1
    done
}

is_there() {
    kind=$1
    shift
    for what; do
        case $kind in
        command) command -v "$what" >/dev/null ;;
        module) pkg-config --exists "$what" 2>/dev/null ;;
        file) [ -e "$what" ] ;;
        wine64) has_wine64 ;;
        winelib) has_winelib ;;
        python_headers) # of the Python that meson builds for
            include='import sysconfig; print(sysconfig.get_path("include"))'
            [ -e "$(/usr/bin/python3 -c "$include" 2>/dev/null)/Python.h" ] ;;
        numpy | scipy | cffi) /usr/bin/python3 -c "import $kind" 2>/dev/null ;;
        rtsan) [ -e /usr/lib/llvm-22/lib/clang/22/lib/linux/libclang_rt.rtsan-x86_64.a ] ;;
        esac || return 1
    done
}

wanted() { # purpose of the package, purpose asked for
    case "$2:$1" in
    *:build | demo:demo | test:demo | test:test | distros:demo | distros:distros) return 0 ;;
    esac
    return 1
}

purpose=${1:?usage: setup.sh build|demo|test|distros}
missing=
list=
while IFS='|' read -r package for_purpose probe reason; do
    # unquoted on purpose: the fields are padded with blanks, a probe is several words
    wanted $for_purpose "$purpose" || continue
    is_there $probe && continue
    missing="$missing $(echo $package)"
    list="$list$(printf '  %-28s%s' $package "$reason")
"
done <<END
$(packages)
END
[ -z "$missing" ] && exit 0

printf 'AsioWire needs these packages, which are not here yet:\n%s' "$list"
if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get here: install their counterparts by hand, then try again." >&2
    exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "Installing needs root, and there is no sudo: run as root: apt-get install$missing" >&2
        exit 1
    }
    sudo=sudo
fi

mkdir -p build
log=build/setup.log
echo "Installing them with apt-get (a minute or two; details in $log) ..."
# A stale or unreachable source of something else must not stop us: install decides.
$sudo apt-get -q update >"$log" 2>&1
available=
for package in $missing; do
    if apt-cache show "$package" >/dev/null 2>&1; then
        available="$available $package"
    else
        echo "  $package is not offered by this system's sources; what needs it is skipped."
    fi
done
[ -z "$available" ] && exit 0
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install $available \
    >>"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    echo "apt-get could not install the list above; the whole story is in $log." >&2
    exit 1
}
# What meson looked for in vain is looked for again.
rm -f build/native/build.ninja
