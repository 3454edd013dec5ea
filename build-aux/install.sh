#!/bin/sh
# SPDX-License-Identifier: MIT
# Puts the staged tree below ROOT, or takes away exactly what was put there.
# Usage: install.sh install STAGE ROOT | install.sh uninstall ROOT
# ROOT/lib/asiowire/manifest names every file and, with a slash at its end, every folder we made.
set -eu
manifest=lib/asiowire/manifest

remove_files() {
    grep -v '/$' "$1/$manifest" | while read -r file; do
        rm -f "$1/$file"
        case $file in *.py) # and what Python made of it
            cache=$(dirname "$1/$file")/__pycache__
            rm -f "$cache/$(basename "$file" .py)".*.pyc
            rmdir "$cache" 2>/dev/null || true ;;
        esac
    done
}

case ${1:-} in
install)
    stage=$2 root=$3
    [ -e "$stage/bin/asiowire" ] || { echo "install: nothing in $stage yet" >&2; exit 1; }
    mkdir -p "$root"
    list=$(cd "$stage" && find . -name __pycache__ -prune -o \( -type f -o -type l \) -print |
        sed 's|^\./||' | sort)
    folders=$(cd "$stage" && find . -name __pycache__ -prune -o -type d -print |
        sed '1d; s|^\./||' | sort)
    made=
    if [ -e "$root/$manifest" ]; then # an older version of ours: only its folders stay
        made=$(grep '/$' "$root/$manifest" || true)
        remove_files "$root"
    fi
    for folder in $folders; do
        [ -d "$root/$folder" ] && continue
        mkdir "$root/$folder"
        made="$made
$folder/"
    done
    for file in $list; do
        if [ -L "$stage/$file" ]; then # a library's other names
            ln -sfn "$(readlink "$stage/$file")" "$root/$file"
            continue
        fi
        mode=644
        [ -x "$stage/$file" ] && mode=755
        install -m "$mode" "$stage/$file" "$root/$file"
    done
    printf '%s\n' "$list" "$manifest" "$made" | sed '/^$/d' | sort -u >"$root/$manifest"
    echo "AsioWire is installed in $root. Next: asiowire register"
    ;;
uninstall)
    root=$2
    [ -e "$root/$manifest" ] || { echo "uninstall: no AsioWire in $root" >&2; exit 1; }
    folders=$(grep '/$' "$root/$manifest" | sort -r)
    remove_files "$root"
    for folder in $folders; do rmdir "$root/$folder" 2>/dev/null || true; done
    echo "AsioWire is gone from $root."
    ;;
*)
    echo "usage: install.sh install STAGE ROOT | uninstall ROOT" >&2
    exit 2
    ;;
esac
