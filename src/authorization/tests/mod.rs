//! What holds of the room as a whole.

mod leavers;
mod standing;
mod store_integrity;
