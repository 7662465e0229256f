//! How large a graph may be and what an index of it may cost, and why each bound has its size.

/// Nodes of one graph. Ids are 32 bits wide and one value means "none".
pub const NODES: usize = u32::MAX as usize - 1;

/// Edges of one graph, for the same reason.
pub const EDGES: usize = u32::MAX as usize - 1;

/// Bytes of one document: places are kept as 32-bit offsets.
pub const DOCUMENT_BYTES: usize = u32::MAX as usize;

/// Bytes of a node's id. Identity platforms stop at 256; ids made of URLs go a little beyond.
pub const ID_BYTES: usize = 1024;

/// Nesting of a document. A set of references inside a property of a node is five deep; 16 leaves room for
/// custom metadata and no room for a nesting bomb.
pub const DOCUMENT_DEPTH: usize = 16;

/// Faults, and dangling edges, that one load lists one by one. A person reads tens; beyond ten thousand the
/// list only costs memory, and its end says that it was cut.
pub const LISTED_FAULTS: usize = 10_000;

/// Pairs a reachability index may hold for each edge of its relation. A member of five groups, each three deep,
/// needs about four. At four bytes a pair this is at most 32 bytes an edge.
pub const CLOSURE_PAIRS_PER_EDGE: usize = 8;

/// Pairs that any relation may use: 256 KiB, so that small dense relations are always indexed.
pub const CLOSURE_PAIRS_FREE: usize = 65_536;

/// Building an index gives up after this many times its largest size in steps, so that a dense relation
/// delays publishing by a bounded time.
pub const CLOSURE_WORK_PER_PAIR: usize = 8;

/// Below this many nodes a walk remembers where it has been by looking through the list itself; above, by marks
/// over all nodes. A cache line or two of ids is scanned faster than one mark is fetched from memory.
pub const WALK_SCAN: usize = 16;
