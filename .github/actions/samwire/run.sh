#!/usr/bin/env bash
# The steps of the action. All that a user of the action writes arrives in the environment and is never part of a command.
set -euo pipefail

# An output of the step. A value of several lines would be several outputs.
output() {
    printf '%s=%s\n' "$1" "${2//$'\n'/ }" >> "$GITHUB_OUTPUT"
}

# Files for the log, in which the runner takes no line for a command: they name files and resources as a fork may spell them.
show() {
    local token
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$token"
    cat -- "$@"
    printf '\n::%s::\n' "$token"
}

# The repository that this action came with.
source_root() {
    cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd
}

# Where the program is or will be, and under which key it is kept: none where there is nothing to install.
locate() {
    if [[ -n ${INPUT_EXECUTABLE:-} ]]; then
        output executable "$INPUT_EXECUTABLE"
        return
    fi
    local root=$RUNNER_TEMP/samwire key
    if [[ -n ${INPUT_VERSION:-} ]]; then
        key=$INPUT_VERSION
    else
        key=$(cd "$(source_root)" && find Cargo.toml Cargo.lock src transforms -type f -print0 \
            | LC_ALL=C sort -z | xargs -0 cat | git hash-object --stdin)
    fi
    output root "$root"
    output executable "$root/bin/samwire"
    output key "$key"
}

install() {
    if [[ -n ${INPUT_VERSION:-} ]]; then
        cargo install --locked --root "$SAMWIRE_ROOT" --version "=$INPUT_VERSION" samwire
    else
        cargo install --locked --root "$SAMWIRE_ROOT" --path "$(source_root)"
    fi
}

# Makes the target of the pull request known to git, which a checkout of one commit leaves out.
fetch_base() {
    local branch=$GITHUB_BASE_REF
    git rev-parse --verify --quiet "refs/remotes/origin/$branch^{commit}" > /dev/null \
        || git fetch --quiet --no-tags --depth=1 origin "+refs/heads/$branch:refs/remotes/origin/$branch"
}

check() {
    local sarif=$RUNNER_TEMP/samwire.sarif summary=$RUNNER_TEMP/samwire.md
    local text=$RUNNER_TEMP/samwire.txt errors=$RUNNER_TEMP/samwire.err
    local options=(--fail-on "$INPUT_FAIL_ON" "--format=text=$text") paths=() line
    rm -f "$sarif" "$summary"
    : > "$text"
    while IFS= read -r line; do
        if [[ -n $line ]]; then options+=("$line"); fi
    done <<< "${INPUT_ARGS:-}"
    while IFS= read -r line; do
        if [[ -n $line ]]; then paths+=("$line"); fi
    done <<< "${INPUT_PATHS:-.}"
    if [[ $INPUT_CHANGED == true && -n ${GITHUB_BASE_REF:-} ]]; then
        fetch_base
        options+=(--changed)
    fi
    if [[ $INPUT_ANNOTATIONS == true ]]; then options+=(--format github); fi
    if [[ $INPUT_SUMMARY == true ]]; then options+=("--format=markdown=$summary"); fi
    if [[ $INPUT_SARIF == true ]]; then options+=("--format=sarif=$sarif"); fi

    local code=0
    # What goes to standard output are annotations and nothing else.
    "$SAMWIRE" check "${options[@]}" -- "${paths[@]}" 2> "$errors" || code=$?
    show "$errors" "$text"
    output exit-code "$code"
    if [[ -s $summary ]]; then cat "$summary" >> "$GITHUB_STEP_SUMMARY"; fi
    if [[ -s $sarif ]]; then output sarif "$sarif"; fi
    return "$code"
}

case ${1:-} in
    locate | install | check) "$1" ;;
    *)
        echo "usage: run.sh locate | install | check" >&2
        exit 2
        ;;
esac
