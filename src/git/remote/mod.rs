//! A repository that lives elsewhere: mirrored beside the program, fetched and pushed to by Git's own program.

mod folder;
mod left_locks;
mod mirror;
mod program;
mod refs;
mod report;
mod talks;
mod url;

pub use mirror::{FetchState, Mirror};
pub use refs::RemoteRefs;
pub use url::RemoteUrl;
