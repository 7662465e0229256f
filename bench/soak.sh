#!/usr/bin/env bash
# Hours of load, calm and crowded in turn: every answer is right and on record, and memory does not grow. The argument is seconds.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release -p remit-cli
REMIT_SOAK_SECONDS="${1:-14400}" \
  cargo test --release -p remit-tests --test product overload::soak -- --ignored --nocapture
