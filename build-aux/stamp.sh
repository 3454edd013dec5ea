#!/bin/sh
# SPDX-License-Identifier: MIT
# Copies a DLL and gives the copy Wine's builtin mark: stamp.sh WINEBUILD INPUT OUTPUT
set -eu
cp "$2" "$3"
exec "$1" --builtin "$3"
