#!/usr/bin/env bash
# Everything BENCHMARKS.md reports, in its order.
set -euo pipefail
cd "$(dirname "$0")/.."
data="${1:-data/bench}"
cargo bench -p remit-bench
cargo run --release -q -p remit-graph --example load_graph -- 1000000 5000000
cargo run --release -q -p remit-ledger --example append_load -- "$data/ledger" 3
bench/http.sh --data "$data/http"
