//! What methods read of a request and what they answer, as plain data of both eras.

pub mod answer;
pub mod completion;
pub mod content;
pub mod input;
pub mod paging;
pub mod result;
pub mod target;
pub mod task;
