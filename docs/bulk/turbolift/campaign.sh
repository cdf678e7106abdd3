#!/usr/bin/env bash
# A turbolift campaign from the clones to the pull requests, in a directory that `turbolift init` has made, with `repos.txt`
# filled in. Stops before anything is pushed, unless told to go on.
#
#   campaign.sh [--push] [OPTIONS OF samwire fix]
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
samwire=${SAMWIRE:-samwire}
push=false
if [[ ${1:-} == --push ]]; then
    push=true
    shift
fi
export SAMWIRE_REPORTS=${SAMWIRE_REPORTS:-$PWD/reports}

[[ -d work ]] || turbolift clone
turbolift foreach -- "$here/migrate.sh" "$@"

# The title of all pull requests is the first line of README.md, their text is the rest.
{
    printf '# Use SAM Connectors in place of hand-written policies\n\n'
    cat -- "$here/pull-request.txt"
} > README.md
"$samwire" report "$SAMWIRE_REPORTS" --format table --format markdown=report.md

if $push; then
    turbolift commit --message 'Use SAM Connectors in place of hand-written policies'
    # Five hundred an hour are what GitHub lets an account make.
    turbolift create-prs --draft --sleep 8s
fi
