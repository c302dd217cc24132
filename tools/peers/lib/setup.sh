# What the peer scripts share, to be sourced after `set -eu`: a Python environment made once, in a folder of the cache. The
# script sets $me (its name, for messages), then calls `cache_folder NAME`, defines make_it and calls `once STAMP`.

say() { echo "$me: $*" >&2; }

# cache_folder prints the absolute path of a folder of the cache, ${ROBOTD_CACHE:-~/.cache/robotd}.
cache_folder() {
    cache=${ROBOTD_CACHE:-${HOME:-/var/tmp}/.cache/robotd}
    mkdir -p "$cache"
    echo "$(cd "$cache" && pwd)/$1"
}

# install_debian installs Debian packages, as root or by sudo without a password.
install_debian() {
    if ! command -v apt-get >/dev/null; then
        say "missing: $*, and no apt-get to install them: install the packages of those names for your system"
        return 1
    fi
    sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    $sudo apt-get update -qq >&2
    $sudo apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "$@" >&2
}

# pick_python prints the first interpreter that can make a virtual environment; the wheels are built for 3.10 to 3.13.
pick_python() {
    for name in /usr/bin/python3.11 /usr/bin/python3.12 /usr/bin/python3.13 python3; do
        if command -v "$name" >/dev/null &&
            "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

# make_venv FOLDER PACKAGE... makes an environment with those packages, in place of what is there.
make_venv() {
    base=$(pick_python) || { install_debian python3 python3-venv && base=$(pick_python); } || {
        say "no Python 3.10 to 3.13 that can make a virtual environment: install python3 and python3-venv"
        return 1
    }
    folder=$1
    shift
    say "making $folder (once)"
    rm -rf "$folder"
    nice -n 10 "$base" -m venv "$folder"
    nice -n 10 "$folder/bin/python" -m pip install -q --disable-pip-version-check wheel "$@" >&2
}

# once STAMP runs make_it unless the stamp is there, which it then sets. Calls at the same time wait for each other.
once() {
    [ ! -e "$1" ] || return 0
    command -v flock >/dev/null || { say "flock is missing: install util-linux"; return 1; }
    (
        flock 9
        [ -e "$1" ] || { make_it; : >"$1"; }
    ) 9>"${1%/*}.lock"
    [ -e "$1" ]
}
