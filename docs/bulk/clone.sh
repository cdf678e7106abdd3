#!/usr/bin/env bash
# Clones what samwire reads of a repository: the last commit, and of its files those whose names a template can have. Runs
# nothing that the repository brings along.
#
#   clone.sh URL DIR
#
# DIR is left as a checkout from which a branch can be pushed. A repository without a commit ends as one without files.
set -euo pipefail

if (($# != 2)); then
    echo 'usage: clone.sh URL DIR' >&2
    exit 2
fi
url=$1 dir=$2

# Nobody is there to answer, and a list of addresses is no list of commands: `ext::` would be one.
export GIT_TERMINAL_PROMPT=0 GIT_LFS_SKIP_SMUDGE=1 GIT_ALLOW_PROTOCOL="${GIT_ALLOW_PROTOCOL:-https:ssh:file}"
export GIT_SSH_COMMAND="${GIT_SSH_COMMAND:-ssh -o BatchMode=yes}"

# Kept in the clone: a link of the repository becomes a file that holds its target, and nothing runs on its own.
settings=(
    --config core.symlinks=false
    --config core.hooksPath=/dev/null
    --config core.fsmonitor=false
    --config core.protectHFS=true
    --config core.protectNTFS=true
    --config submodule.recurse=false
    --config gc.auto=0
    --config maintenance.auto=false
)
# A malformed object ends the clone, and so does a server that sends less than 1 kB a second for a minute.
strict=(-c transfer.fsckObjects=true -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=60)

git "${strict[@]}" clone --quiet --depth=1 --single-branch --no-tags --no-recurse-submodules --filter=blob:none \
    --no-checkout --template= "${settings[@]}" -- "$url" "$dir"

cd -- "$dir"
git rev-parse --quiet --verify HEAD > /dev/null || exit 0
mkdir -p .git/info
# The endings of cfn and SAM templates, in any case of letters.
printf '%s\n' '*.[yY][aA][mM][lL]' '*.[yY][mM][lL]' '*.[jJ][sS][oO][nN]' '*.[tT][eE][mM][pP][lL][aA][tT][eE]' \
    > .git/info/sparse-checkout
git config core.sparseCheckout true
# One request fetches the files of all these names.
git "${strict[@]}" checkout --quiet
