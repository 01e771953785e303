//! A project: loading refs, committing to branches.

mod cache;
mod checked_out;
mod commit_contents;
mod commit_refusals;
mod concurrency;
mod crash;
mod criss_cross;
mod dangling;
mod effects;
#[cfg(unix)]
mod effects_on_servers;
mod merge;
mod merge_projects;
mod merge_sides;
mod odd_commits;
mod paths;
mod protocol_model;
mod real_repositories;
#[cfg(unix)]
mod remote;
mod replay;
mod rolling_upgrade;
mod scenarios;
mod session;
mod uncertain;
