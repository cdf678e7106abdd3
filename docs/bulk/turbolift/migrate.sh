#!/usr/bin/env bash
# What `turbolift foreach` runs in each clone: applies the rewrites. Committing is left to `turbolift commit`.
#
#   turbolift foreach -- "$PWD/migrate.sh" [OPTIONS OF samwire fix]
#
# SAMWIRE          the program, unless it is `samwire` on the PATH
# SAMWIRE_REPORTS  an absolute path of a directory to which run reports go, for `samwire report`
set -euo pipefail

# turbolift tells the repository by nothing but the path, which ends in work/OWNER/NAME.
name=$(basename -- "$PWD") owner=$(basename -- "$(dirname -- "$PWD")")
report=()
if [[ -n ${SAMWIRE_REPORTS:-} ]]; then
    mkdir -p -- "$SAMWIRE_REPORTS/$owner"
    report=(--format text --format json="$SAMWIRE_REPORTS/$owner/$name.json")
fi
exec "${SAMWIRE:-samwire}" fix --yes --repo "$owner/$name" "${report[@]}" "$@"
