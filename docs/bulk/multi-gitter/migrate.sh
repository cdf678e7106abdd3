#!/usr/bin/env bash
# What multi-gitter runs in each clone: applies the rewrites and commits them, with a message that tells what changed in this
# repository. With `manual-commit`, multi-gitter makes title and body of the pull request from it.
#
#   migrate.sh [OPTIONS OF samwire fix]
#
# SAMWIRE          the program, unless it is `samwire` on the PATH
# SAMWIRE_REPORTS  an absolute path of a directory to which run reports go, for `samwire report`
set -euo pipefail

samwire=${SAMWIRE:-samwire}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# 3: a file could not be read or written, and all others are done. What is done is worth a pull request.
code=0
"$samwire" fix --yes --format text --format json="$work/run.json" "$@" || code=$?
((code == 0 || code == 3)) || exit "$code"

if [[ -n ${SAMWIRE_REPORTS:-} ]]; then
    # A name of the form owner/name becomes a folder and a file.
    name=${REPOSITORY:?multi-gitter sets it}
    mkdir -p -- "$SAMWIRE_REPORTS/$(dirname -- "$name")"
    cp -- "$work/run.json" "$SAMWIRE_REPORTS/$name.json"
fi

if git diff --quiet; then
    exit 0
fi
"$samwire" report "$work/run.json" --format commit > "$work/message"
git commit --quiet --all --cleanup=verbatim --file="$work/message"
