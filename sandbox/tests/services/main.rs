//! The sandbox, asked over HTTP as an integration would ask it.

mod atlassian;
mod client;
mod confluence;
mod control;
mod git_writes;
mod oauth;
mod pull_requests;
mod repositories;
mod samples;
mod source;
