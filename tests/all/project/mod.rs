//! A project: loading refs, committing to branches.

mod cache;
mod commit_contents;
mod commit_refusals;
mod concurrency;
mod crash;
mod real_repositories;
mod replay;
mod rolling_upgrade;
mod scenarios;
mod session;
