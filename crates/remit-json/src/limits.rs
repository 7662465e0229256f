//! How much text one parse accepts, and why each bound has its size.

/// Bounds of one [`parse`](crate::parse()). Start from `Limits::default()` and change what differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Containers inside one another; `[[1]]` is 2 deep.
    pub depth: usize,
    /// Values of every kind in the whole text, the outermost included.
    pub members: usize,
}

impl Limits {
    /// One mebibyte: the largest body a decision point meets in practice is a batch of a thousand
    /// items of 500 bytes, half of this.
    pub const BYTES: usize = 1 << 20;
    /// Real messages nest five or six deep; 64 leaves room for attributes of any sane shape.
    pub const DEPTH: usize = 64;
    /// A tree costs about 40 bytes a value, so this keeps a hostile `[1,1,1,…]` below 8 MB.
    pub const MEMBERS: usize = 200_000;
    /// `depth` is never taken larger than this: reading and dropping recurse once a level.
    pub const DEPTH_CEILING: usize = 512;

    /// No bound but the ceilings: for texts that the operator wrote and a peer cannot send.
    pub const fn trusted() -> Self {
        Self { bytes: u32::MAX as usize, depth: Self::DEPTH, members: usize::MAX }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: Self::BYTES, depth: Self::DEPTH, members: Self::MEMBERS }
    }
}
