//! The words that policy, graph and engine share: plain values.
