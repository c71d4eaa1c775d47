//! What holds of the room as a whole.

mod endings;
mod leavers;
mod objects;
mod standing;
mod store_integrity;
