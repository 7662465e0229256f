#!/usr/bin/env bash
# Ten times more clients than there is room for, for a minute: no wrong and no unrecorded answer, and times and memory as ratios.
# On a machine that does nothing else; `REMIT_CROWD_SECONDS` and `REMIT_CALM_SECONDS` change how long.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release -p remit-cli
REMIT_FULL=1 REMIT_TIMED=1 REMIT_CALM_SECONDS="${REMIT_CALM_SECONDS:-10}" \
  cargo test --release -p remit-tests --test product overload::o_2 -- --nocapture
