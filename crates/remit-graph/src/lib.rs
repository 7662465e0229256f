//! The context graph: typed nodes and edges, published as immutable snapshots; knows no policy.
