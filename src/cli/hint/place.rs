//! What to do about a path: look at it, or begin a catalog there.

use std::path::Path;

use crate::cli::failure::quoted;

/// A command that writes the smallest possible catalog.
pub(super) fn begin_catalog(folder: &Path) -> String {
    let file = folder.join("catalog.hcl");
    let file = quoted(&file.to_string_lossy());
    let make = if folder.exists() {
        String::new()
    } else {
        format!("mkdir -p {} && ", quoted(&folder.to_string_lossy()))
    };
    let name = folder
        .file_name()
        .map_or("mine".into(), |name| name.to_string_lossy());
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    format!(
        "to begin one, with a kind of your own: {make}cat > {file} <<'END'
catalog \"{name}\" {{ base_path = \".{name}\" }}
marker {{
  path      = \"schema_version.ocl\"
  attribute = \"version\"
}}
document \"job\" {{ path = \"jobs/*.ocl\" }}
END"
    )
}

/// Shows who may do what with what is at a path; what is near it where there is nothing.
pub(super) fn look_at(path: &str) -> String {
    if Path::new(path).symlink_metadata().is_ok() {
        format!("look at it: ls -ld {}", quoted(path))
    } else {
        look_around(path)
    }
}

/// Shows what is in the nearest folder above a path.
pub(super) fn look_around(path: &str) -> String {
    let above = Path::new(path).ancestors().skip(1);
    let folder = above
        .filter(|folder| *folder != Path::new(""))
        .find(|folder| folder.exists());
    let folder = folder.map_or(".".into(), |folder| folder.to_string_lossy());
    format!("see what is there: ls -la {}", quoted(&folder))
}
