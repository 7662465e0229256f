#!/usr/bin/env bash
# Runs every fuzz target for a number of executions (the first argument, a million unless said otherwise) and prints the counts.
# Needs cargo-fuzz and a nightly compiler, or a stable one with RUSTC_BOOTSTRAP=1 in its environment. No sanitizer: no crate of ours has unsafe code, and without one it runs ten times as often. What is found lies in fuzz/artifacts; a fix puts it into fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
runs="${1:-1000000}"
seconds="${2:-3600}"
toolchain=(+nightly)
[ "${RUSTC_BOOTSTRAP:-}" = 1 ] && toolchain=()
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
printf '%-10s %12s %12s %s\n' target executions 'per second' found
for target in policy graph request token keys segment proof query; do
  mkdir -p "$work/$target"
  if cargo "${toolchain[@]}" fuzz run --sanitizer none "$target" "$work/$target" "fuzz/corpus/$target" -- \
      -runs="$runs" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      >"$work/log" 2>&1; then
    found=nothing
  else
    found='see fuzz/artifacts'
    failed=1
    tail -40 "$work/log"
  fi
  count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$work/log")
  printf '%-10s %12s %12s %s\n' "$target" "${count:-?}" "${rate:-?}" "$found"
done
exit "$failed"
