#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts the winelib test host that lies beside this file, with the driver of the same tree.
here=$(cd "$(dirname "$0")" && pwd)
export WINEDLLPATH="$here/../wine${WINEDLLPATH:+:$WINEDLLPATH}"
loader=$(command -v wine64 || command -v /usr/lib/wine/wine64 || command -v wine) || {
    echo "asiohost: no Wine found (looked for wine64 and wine)" >&2
    exit 127
}
exec "$loader" "$here/asiohost.exe.so" "$@"
