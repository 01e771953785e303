//! Names that every system can check out.

use gix::validate::path::component;

use crate::text::unportable_name;

/// Checks one part of a path for what Linux, macOS or Windows can't check out: Git's own rules (`core.protectHFS`,
/// `core.protectNTFS`), and Microsoft's of names and characters. Returns what is wrong with it.
pub(crate) fn check_portable_name(name: &str) -> Result<(), String> {
    let reason = match component(name.into(), None, component::Options::default()) {
        Err(component::Error::Empty) => "a name can't be empty".to_owned(),
        Err(component::Error::Relative) => format!("`{name}` means a folder"),
        Err(component::Error::DotGitDir) => format!("Git or Windows takes `{name}` for `.git`"),
        result => match (unportable_name(name), result) {
            (Some(reason), _) => reason,
            (None, Err(_)) => format!("Git doesn't check out `{name}`"),
            (None, Ok(_)) => return Ok(()),
        },
    };
    Err(reason)
}
