//! What has happened: transactions by id, consents by person, signals by party. Knows no policy, no clock and no store.
//!
//! A step is taken in four moves: read a [`Transaction`], decide, [`State::reserve`] against the version read, and
//! [`Reservation::commit`] once the record that carries [`Reservation::change`] is durable. Between reserve and commit
//! the step spends its budgets, so that two parallel steps never both take the last unit; a reservation that is
//! dropped gives everything back.
//!
//! The state is a projection of the ledger: [`State::apply`] on every change, in the order of the ledger, gives the
//! state again.

mod change;
mod consent;
mod limits;
mod marks;
mod open;
mod refusal;
mod reservation;
mod signal;
mod snapshot;
mod state;
mod table;

pub use change::{Applied, Booking, Change};
pub use limits::Limits;
pub use open::Opening;
pub use refusal::{NotReserved, Refused};
pub use remit_model::Transaction;
pub use reservation::Reservation;
pub use snapshot::{Mark, SnapshotFault};
pub use state::{Ask, State};
