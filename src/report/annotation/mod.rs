//! What `check` finds, in the formats by which hosts of repositories show it beside the lines of a change.

mod describe;
mod github;
mod gitlab;
mod sarif;

pub use github::GithubAnnotation;
pub use gitlab::gitlab_report;
pub use sarif::sarif;
