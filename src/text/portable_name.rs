//! Names of files that Windows can't have.

/// What file systems take, in bytes or, on Windows, in 16-bit units.
const LONGEST_NAME: usize = 255;

/// Names that Windows takes for devices, whatever follows them behind a dot.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// What is wrong with one part of a path where every system should be able to check it out: Microsoft's rules of names and
/// characters, and how long a name may be. `None` if nothing is.
pub fn unportable_name(name: &str) -> Option<String> {
    let unfit = name
        .chars()
        .find(|c| c.is_control() || r#"\/:*?"<>|"#.contains(*c));
    Some(match unfit {
        Some(c) if c.is_control() => format!("`{name}` holds a control character"),
        Some(c) => format!("`{name}` holds a `{c}`, which Windows doesn't allow"),
        None if is_device(name) => format!("`{name}` is a device on Windows"),
        None if name.ends_with([' ', '.']) => {
            format!("`{name}` ends with a blank or a dot, which Windows doesn't allow")
        }
        None if name.len() > LONGEST_NAME => format!(
            "a name of {} bytes is too long, {LONGEST_NAME} are possible",
            name.len()
        ),
        None => return None,
    })
}

/// `NUL`, `com1.txt` and `LPT³`.
fn is_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end();
    let base = base.to_ascii_lowercase();
    let mut letters = base.chars();
    let is_numbered = letters
        .next_back()
        .is_some_and(|c| "123456789¹²³".contains(c))
        && ["com", "lpt"].contains(&letters.as_str());
    is_numbered || DEVICES.contains(&&*base)
}
