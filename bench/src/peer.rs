//! The engines that answer a world's questions. Each has everything preloaded and every question prepared.

pub mod cedar;
pub mod rego;
pub mod remit;

/// An engine with a world loaded, ready to be asked by number.
pub struct Peer<'w> {
    /// Its name in the tables.
    pub name: &'static str,
    /// Answers a question of the world.
    pub ask: Box<dyn FnMut(usize) -> bool + 'w>,
    /// Bytes of memory that loading it took.
    pub memory: u64,
    /// Seconds that loading it took.
    pub load: f64,
}

impl std::fmt::Debug for Peer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer").field("name", &self.name).finish_non_exhaustive()
    }
}
