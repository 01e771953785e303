//! What to do about a path: look at it, or begin a catalog there.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::invocation::Invocation;

/// A command that writes the smallest possible catalog.
pub(super) fn begin_catalog(folder: &Path, called: &Invocation) -> String {
    let file = called.path(folder.join("catalog.hcl"));
    let make = if folder.exists() {
        String::new()
    } else {
        format!("mkdir -p {} && ", called.path(folder))
    };
    let kinds = kinds_of_steps(folder);
    let (begin, kinds) = match kinds.len() {
        0 => (
            "with a kind of your own",
            BTreeSet::from(["job".to_owned()]),
        ),
        1 => ("with the path of its kind put right", kinds),
        _ => ("with the paths of its kinds put right", kinds),
    };
    let documents = kinds.iter();
    let documents =
        documents.map(|kind| format!("document \"{kind}\" {{ path = \"{kind}s/*.ocl\" }}\n"));
    let documents: String = documents.collect();
    let name = folder
        .file_name()
        .map_or("mine".into(), |name| name.to_string_lossy());
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    format!(
        "to begin one, {begin}: {make}cat > {file} <<'END'
catalog \"{name}\" {{ base_path = \".{name}\" }}
marker {{
  path      = \"schema_version.ocl\"
  attribute = \"version\"
}}
{documents}END"
    )
}

/// The kinds that the steps in a folder are about, as far as they can be read.
fn kinds_of_steps(folder: &Path) -> BTreeSet<String> {
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = folders.filter_map(|step| {
        let text = std::fs::read_to_string(step.path().join("step.hcl")).ok()?;
        hcl::parse(&text).ok()
    });
    let kinds = files.filter_map(|step| {
        let mut attributes = step.attributes();
        let document = attributes.find(|attribute| attribute.key() == "document")?;
        match document.expr() {
            hcl::Expression::String(kind) => Some(kind.clone()),
            _ => None,
        }
    });
    let is_name = |kind: &String| {
        let mut characters = kind.chars();
        characters.all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-'))
    };
    kinds.filter(is_name).collect()
}

/// Shows who may do what with what is at a path; what is near it where there is nothing.
pub(super) fn look_at(path: &str, called: &Invocation) -> String {
    if Path::new(path).symlink_metadata().is_ok() {
        format!("look at it: ls -ld {}", called.path(path))
    } else {
        look_around(path, called)
    }
}

/// Shows what is in the nearest folder above a path.
pub(super) fn look_around(path: &str, called: &Invocation) -> String {
    let above = Path::new(path).ancestors().skip(1);
    let folder = above
        .filter(|folder| *folder != Path::new(""))
        .find(|folder| folder.exists());
    let folder = folder.unwrap_or(Path::new("."));
    format!("see what is there: ls -la {}", called.path(folder))
}

/// Shows the files of what was asked for.
pub(super) fn what_lies_where(called: &Invocation) -> String {
    format!(
        "see which files there are: {} ls-tree -r --name-only {}",
        called.git,
        called.revision()
    )
}
