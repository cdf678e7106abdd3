#!/usr/bin/env bash
# Runs `samwire bulk` over repositories that are there already, such as a mirror, in several processes: the processes of one
# machine, or those of several that see the same directory. Which repository belongs to which part is decided by its name
# alone, so nobody has to hand out work.
#
#   shards.sh N ROOT OUT [OPTIONS OF samwire bulk]
#
# OUT gets a directory for each part, and the log from which a second call goes on.
#
# SAMWIRE        the program, unless it is `samwire` on the PATH
# SAMWIRE_HOSTS  a file of hosts, as GNU parallel reads it; ROOT, OUT and the program have to be at the same place on each
set -euo pipefail

usage='usage: shards.sh N ROOT OUT [OPTIONS]'
parts=${1:?$usage} root=${2:?$usage} out=${3:?$usage}
shift 3
samwire=$(command -v -- "${SAMWIRE:-samwire}")
mkdir -p -- "$out"
root=$(realpath -- "$root") out=$(realpath -- "$out")

settings=(--joblog "$out/jobs.tsv" --resume-failed --jobs 100%)
if [[ -n ${SAMWIRE_HOSTS:-} ]]; then
    settings+=(--sshloginfile "$SAMWIRE_HOSTS")
fi

# 3: something in a repository could not be read. That stands in the report, and a second run would not change it.
seq "$parts" | parallel "${settings[@]}" \
    "${samwire@Q}" bulk "${root@Q}" --shard "{}/$parts" --out "${out@Q}/part-{}" --resume -j 1 "${@@Q}" '|| test $? -eq 3'
