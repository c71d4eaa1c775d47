//! What people see and do, in a real Chromium.

mod accounts;
mod administration;
mod appearance;
mod approvals;
mod confinement;
mod consent;
mod people;
mod sessions;
mod sign_in;
mod site;
mod visitor;
