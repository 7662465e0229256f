#!/usr/bin/env bash
# Ten faults that an attacker would pay for, put in by hand, one after the other, into a copy of the tree: the test that each patch names
# must fail with it, and pass without. `.ci/run --full` runs this.
set -euo pipefail
cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# WHY -m: as files of this moment, or what an earlier run built of a fault would be taken for what stands here.
git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -cf - | tar -xmf - -C "$copy"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/mutants"
export CARGO_TERM_COLOR=never
caught=0
missed=0
for patch in "$PWD"/tests/mutants/*.patch; do
  name=$(basename "$patch" .patch)
  read -ra asked < <(sed -n 's/^test: //p' "$patch")
  # package and target first, the name of the test last
  where=("${asked[@]:0:${#asked[@]}-1}")
  test="${asked[-1]}"
  run() { (cd "$copy" && cargo test --quiet "${where[@]}" -- "$test" 2>&1); }
  if ! said=$(run) || ! grep -q '[1-9][0-9]* passed' <<<"$said"; then
    printf '%s\n%-20s its test does not pass without it\n' "$said" "$name"
    exit 1
  fi
  (cd "$copy" && patch --quiet -p1 <"$patch")
  (cd "$copy" && cargo test --quiet --no-run "${where[@]}" >/dev/null 2>&1) || { echo "$name does not compile"; exit 1; }
  if run >/dev/null; then
    missed=$((missed + 1))
    printf '%-20s MISSED by %s\n' "$name" "$test"
  else
    caught=$((caught + 1))
    printf '%-20s caught by %s\n' "$name" "$test"
  fi
  (cd "$copy" && patch --quiet -R -p1 <"$patch")
done
echo "$caught caught, $missed missed"
[ "$missed" -eq 0 ]
