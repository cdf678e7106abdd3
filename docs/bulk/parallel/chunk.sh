#!/usr/bin/env bash
# One job: clones some repositories, runs `samwire bulk` over them, pushes the branches that it made if told so, and forgets
# the clones. The disk holds no more than what the jobs of one moment need.
#
#   chunk.sh OUT [OPTIONS OF samwire bulk] -- 'KEY URL'…
#
# KEY is the name of the repository in all reports, such as acme/orders. What becomes of it stands in OUT/run, as `samwire bulk`
# writes it; OUT/not-cloned.txt lists what could not be had. Ends with 1 if something has to be done again; what is in OUT by
# then is not done a second time.
#
# SAMWIRE       the program, unless it is `samwire` on the PATH
# SAMWIRE_PUSH  the branch to push; give the same to `samwire bulk` by --branch
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# Beside this script where it was sent to another host, else one level up.
clone=$here/clone.sh
[[ -x $clone ]] || clone=$here/../clone.sh
samwire=$(command -v -- "${SAMWIRE:-samwire}")
samwire=$(realpath -- "$samwire")

out=${1:?usage: chunk.sh OUT [OPTIONS] -- LINE…}
shift
options=()
while (($# > 0)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
done
shift

mkdir -p -- "$out"
out=$(cd -- "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
root=$work/clones
mkdir "$root"

# A key is a path below the clones, and never leads out of them.
is_key() {
    [[ $1 =~ ^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$ && /$1/ != */-* && /$1/ != */./* && /$1/ != */../* ]]
}

# Pushes the branch of a clone. If the branch is there already with the same files, another attempt has pushed it.
pushed() {
    local clone=$1 branch=refs/heads/$SAMWIRE_PUSH
    git -C "$clone" push --quiet --no-verify origin "$branch:$branch" && return
    git -C "$clone" fetch --quiet --depth=1 --no-tags origin "$branch" &&
        git -C "$clone" diff --quiet FETCH_HEAD "$branch"
}

again=0
: > "$out/not-cloned.txt"
touch "$out/done.txt"
keys=()
for line in "$@"; do
    read -r key url <<< "$line"
    if [[ -z $url ]] || ! is_key "$key"; then
        printf '%s\tno line of the form KEY URL\n' "$line" >> "$out/not-cloned.txt"
        again=1
    elif grep -qxF -- "$key" "$out/done.txt"; then
        :
    elif "$clone" "$url" "$root/$key" 2> "$work/log"; then
        keys+=("$key")
    else
        printf '%s\t%s\n' "$key" "$(tail -n 1 "$work/log")" >> "$out/not-cloned.txt"
        rm -rf -- "${root:?}/$key"
        again=1
    fi
done

if ((${#keys[@]} > 0)); then
    # 3: something in a repository could not be read. That stands in the report, and a second run would not change it.
    # From within, so that no report holds a path of this job.
    code=0
    (cd -- "$root" && "$samwire" bulk . --out "$out/run" --resume "${options[@]}") || code=$?
    ((code == 0 || code == 3)) || exit "$code"
    for key in "${keys[@]}"; do
        if [[ -n ${SAMWIRE_PUSH:-} ]] && git -C "$root/$key" show-ref --quiet --verify "refs/heads/$SAMWIRE_PUSH"; then
            pushed "$root/$key" || { again=1 && continue; }
        fi
        printf '%s\n' "$key" >> "$out/done.txt"
    done
fi
exit "$again"
