//! Names that every system can check out.

use gix::validate::path::component;

/// What file systems take, in bytes or, on Windows, in 16-bit units.
const LONGEST_NAME: usize = 255;

/// Checks one part of a path for what Linux, macOS or Windows can't check out: Git's own rules (`core.protectHFS`,
/// `core.protectNTFS`), and Microsoft's of names and characters. Returns what is wrong with it.
pub(crate) fn check_portable_name(name: &str) -> Result<(), String> {
    let reason = match component(name.into(), None, component::Options::default()) {
        Err(component::Error::Empty) => "a name can't be empty".to_owned(),
        Err(component::Error::Relative) => format!("`{name}` means a folder"),
        Err(component::Error::DotGitDir) => format!("Git or Windows takes `{name}` for `.git`"),
        Err(component::Error::WindowsReservedName) => is_a_device(name),
        Err(_) => unfit_for_windows(name),
        Ok(_) if is_numbered_device(name) => is_a_device(name),
        Ok(_) if name.chars().any(char::is_control) => {
            format!("`{name}` holds a control character")
        }
        Ok(_) if name.len() > LONGEST_NAME => {
            format!(
                "a name of {} bytes is too long, {LONGEST_NAME} are possible",
                name.len()
            )
        }
        Ok(_) => return Ok(()),
    };
    Err(reason)
}

fn is_a_device(name: &str) -> String {
    format!("`{name}` is a device on Windows")
}

fn unfit_for_windows(name: &str) -> String {
    match name
        .chars()
        .find(|c| c.is_control() || r#"\/:*?"<>|"#.contains(*c))
    {
        Some(c) if c.is_control() => format!("`{name}` holds a control character"),
        Some(c) => format!("`{name}` holds a `{c}`, which Windows doesn't allow"),
        None => format!("`{name}` ends with a blank or a dot, which Windows doesn't allow"),
    }
}

/// `COM¹` to `LPT³`, which Windows takes for devices, and Git doesn't know.
fn is_numbered_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end();
    let mut letters = base.chars();
    letters.next_back().is_some_and(|last| "¹²³".contains(last))
        && ["com", "lpt"]
            .iter()
            .any(|device| letters.as_str().eq_ignore_ascii_case(device))
}
