//! A load client and what a machine says of itself, for measurements over HTTP. Apart from the peers of the in-process
//! benchmark, so that it builds in a minute.
#![expect(clippy::indexing_slicing, reason = "a measurement that cannot run shall stop")]

pub mod client;
pub mod machine;

/// Sorts, and gives the value below which `percent` of all lie.
///
/// # Panics
/// When there are none.
pub fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[(values.len() * percent / 100).min(values.len() - 1)]
}
