#!/usr/bin/env bash
# Opens a pull request for each branch that `repositories.sh` has pushed, no faster than GitHub takes them from one account.
# Needs `gh`, logged in.
#
#   pull-requests.sh OUT BRANCH
#
# OUT is what `repositories.sh` has written. A second call goes on with those that failed and those that are left.
#
# SAMWIRE        the program, unless it is `samwire` on the PATH
# SAMWIRE_DELAY  seconds from one pull request to the next: 8 are 450 an hour, of the 500 that GitHub allows
set -euo pipefail

usage='usage: pull-requests.sh OUT BRANCH'
out=${1:?$usage} branch=${2:?$usage}
out=$(realpath -- "$out")
samwire=$(command -v -- "${SAMWIRE:-samwire}")
export samwire out branch

# Takes the path of a repository as the reports have it, which is its name below the clones of a job.
open() {
    set -euo pipefail
    local key=${1#./} report message
    # In the name of a file, a point at the beginning is written differently.
    report=/$key
    report=$(find "$out" -path "*${report//\/.//%2E}.json" -print -quit)
    # A repository in which something could not be read may have a branch or none.
    grep -qF "\"branch\": \"$branch\"" "$report" || return 0
    message=$("$samwire" report "$report" --format commit)
    gh pr create --draft --repo "$key" --head "$branch" --title "${message%%$'\n'*}" --body-file - <<< "${message#*$'\n'}"
}
export -f open

"$samwire" report "$out" --status changed,partial --names |
    parallel --jobs 1 --delay "${SAMWIRE_DELAY:-8}" --joblog "$out/pull-requests.tsv" --resume-failed open '{}'
