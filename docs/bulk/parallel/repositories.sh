#!/usr/bin/env bash
# Clones and migrates a list of repositories by GNU parallel, on this machine or on several.
#
#   repositories.sh LIST OUT [OPTIONS OF samwire bulk]
#
# LIST has a line `KEY URL` for each repository. OUT gets a directory for each job, what each job said, and the log from which
# a second call goes on: jobs that failed, and those that were never started.
#
# SAMWIRE        the program, unless it is `samwire` on the PATH
# SAMWIRE_PUSH   the branch to push; give the same to `samwire bulk` by --branch
# SAMWIRE_HOSTS  a file of hosts, as GNU parallel reads it (`8/user@host`: eight jobs there); without it, this machine
# SAMWIRE_CHUNK  repositories per job, 20 unless told otherwise; the same for both calls
# SAMWIRE_JOBS   jobs at a time on each machine; a job waits for the network half of its time
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
usage='usage: repositories.sh LIST OUT [OPTIONS]'
list=$(realpath -- "${1:?$usage}")
mkdir -p -- "${2:?$usage}"
out=$(realpath -- "$2")
shift 2
samwire=$(command -v -- "${SAMWIRE:-samwire}")
export SAMWIRE=$samwire SAMWIRE_PUSH=${SAMWIRE_PUSH:-}

settings=(
    --arg-file "$list" --max-args "${SAMWIRE_CHUNK:-20}" --jobs "${SAMWIRE_JOBS:-200%}"
    # What has failed is done again by a second call, and once within this one, in case it was the network.
    --joblog "$out/jobs.tsv" --resume-failed --retries 2
    # No job takes an hour, and none is started with less than 1 GB of memory left.
    --timeout 3600 --memfree 1G
    --env SAMWIRE --env SAMWIRE_PUSH
)

if [[ -z ${SAMWIRE_HOSTS:-} ]]; then
    exec parallel "${settings[@]}" "${here@Q}/chunk.sh" "${out@Q}/job-{#}" -j 1 "${@@Q}" -- '{}'
fi

# The program and both scripts go to each host once, into a directory of this run; what a job leaves behind comes back.
hosts=$(realpath -- "$SAMWIRE_HOSTS")
files=$(mktemp -d)
trap 'rm -rf -- "$files"' EXIT
there=samwire-${files##*.}
cp -- "$samwire" "$files/samwire"
cp -- "$here/chunk.sh" "$here/../clone.sh" "$files/"
export SAMWIRE=./samwire
cd -- "$out"
code=0
parallel "${settings[@]}" --sshloginfile "$hosts" --workdir "$there" \
    --basefile "$files/./samwire" --basefile "$files/./chunk.sh" --basefile "$files/./clone.sh" \
    --return 'job-{#}' --cleanup \
    ./chunk.sh 'job-{#}' -j 1 "${@@Q}" -- '{}' || code=$?
# What --cleanup leaves are directories.
parallel --nonall --sshloginfile "$hosts" rm -rf -- "$there"
# A job that counts as done and has left nothing behind never ran.
while read -r number _ _ _ _ _ exit _; do
    if [[ $exit == 0 && ! -e job-$number/done.txt ]]; then
        printf 'error: job %s is missing; take its line out of %s to have it done\n' "$number" "$out/jobs.tsv" >&2
        code=1
    fi
done < jobs.tsv
exit "$code"
