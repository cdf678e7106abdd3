#!/usr/bin/env bash
# One job of a CI matrix: migrates one of N parts. Clones the repositories of a list, every Nth of them; or, where a directory
# with all of them can be seen from every job (a mirror, bare or not), takes its part of that by `--shard`.
#
#   part.sh I/N LIST|DIRECTORY OUT [OPTIONS OF samwire bulk]
#
# Ends with 0 if everything was done, which is also so where a repository has something that cannot be read: that stands in
# the report. The variables of `parallel/repositories.sh` work here too.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
usage='usage: part.sh I/N LIST|DIRECTORY OUT [OPTIONS]'
part=${1:?$usage} from=${2:?$usage} out=${3:?$usage}
shift 3
if [[ ! $part =~ ^[1-9][0-9]{0,5}/[1-9][0-9]{0,5}$ ]] || ((${part%/*} > ${part#*/})); then
    printf '%s\n' "error: $part is no part such as 2/8" >&2
    exit 2
fi

mkdir -p -- "$out"
if [[ -d $from ]]; then
    code=0
    "${SAMWIRE:-samwire}" bulk "$from" --shard "$part" --out "$out" --resume "$@" || code=$?
    ((code == 3)) && exit 0
    exit "$code"
fi
awk -v i="${part%/*}" -v n="${part#*/}" 'NR % n == i % n' < "$from" > "$out/list.txt"
exec "$here/../parallel/repositories.sh" "$out/list.txt" "$out" "$@"
