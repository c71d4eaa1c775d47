//! The pages of administrators.

pub mod audit;
pub mod clients;
pub mod people;
pub mod person;
pub mod tools;
