//! Unified diffs, as Git writes them.

use std::borrow::Cow;
use std::fmt;

use similar::{ChangeTag, TextDiff};

use crate::project::{FileChange, FileVersion, Happened};
use crate::text::is_hidden;

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;

/// Two texts of one file, compared by lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// Its path before; `None` if it is new.
    pub path_before: Option<String>,
    /// Its path after; `None` if it is removed.
    pub path_after: Option<String>,
    hunks: String,
    stat: DiffStat,
}

/// How many lines a diff adds and removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiffStat {
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
}

impl FileDiff {
    /// Compares a file before and after; on either side it may be missing.
    ///
    /// Bytes that are not UTF-8 are compared as they are, and shown as replacement characters.
    pub fn new(before: Option<(&str, &[u8])>, after: Option<(&str, &[u8])>) -> FileDiff {
        let old = before.map_or(&[][..], |(_, bytes)| bytes);
        let new = after.map_or(&[][..], |(_, bytes)| bytes);
        let mut diff = FileDiff {
            path_before: before.map(|(path, _)| path.to_owned()),
            path_after: after.map(|(path, _)| path.to_owned()),
            hunks: String::new(),
            stat: DiffStat::default(),
        };
        if old != new {
            diff.compare(old, new);
        }
        diff
    }

    /// What a commit does to one file.
    pub fn of_change(change: &FileChange) -> FileDiff {
        let side = |version: &'_ Option<FileVersion>| {
            version
                .clone()
                .map(|version| (version.path, version.content))
        };
        let (before, after) = (side(&change.before), side(&change.after));
        FileDiff::new(
            before.as_ref().map(|(path, bytes)| (&**path, &**bytes)),
            after.as_ref().map(|(path, bytes)| (&**path, &**bytes)),
        )
    }

    /// What a step did to the text of a file; `None` if it didn't change the text.
    pub fn of_step(happened: &Happened, path: &str) -> Option<FileDiff> {
        match happened {
            Happened::Changed { before, after } => Some(FileDiff::new(
                Some((path, before)),
                after.as_deref().map(|text| (path, text.as_bytes())),
            )),
            _ => None,
        }
    }

    fn compare(&mut self, old: &[u8], new: &[u8]) {
        // A line ends as Git has it: a carriage return alone is a character of its line.
        let (old, new) = (lines(old), lines(new));
        let text = TextDiff::configure().diff_slices(&old, &new);
        for change in text.iter_all_changes() {
            match change.tag() {
                ChangeTag::Insert => self.stat.added += 1,
                ChangeTag::Delete => self.stat.removed += 1,
                ChangeTag::Equal => {}
            }
        }
        for hunk in text.unified_diff().context_radius(CONTEXT).iter_hunks() {
            self.hunks.push_str(&hunk.header().to_string());
            self.hunks.push('\n');
            for change in hunk.iter_changes() {
                self.hunks.push(match change.tag() {
                    ChangeTag::Equal => ' ',
                    ChangeTag::Insert => '+',
                    ChangeTag::Delete => '-',
                });
                self.hunks.push_str(&change.to_string_lossy());
                if !change.value().ends_with(b"\n") {
                    self.hunks.push_str("\n\\ No newline at end of file\n");
                }
            }
        }
    }

    /// Whether nothing differs, the path included.
    pub fn is_empty(&self) -> bool {
        self.hunks.is_empty() && self.path_before == self.path_after
    }

    /// How many lines it adds and removes.
    pub fn stat(&self) -> DiffStat {
        self.stat
    }

    /// The path to name it by: where it is after, else where it was.
    pub fn path(&self) -> &str {
        self.path_after
            .as_deref()
            .or(self.path_before.as_deref())
            .unwrap_or_default()
    }
}

impl fmt::Display for FileDiff {
    /// The diff that `git apply` takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return Ok(());
        }
        let name = |side: char, path: &Option<String>| match path {
            Some(path) => quote(&format!("{side}/{path}")).into_owned(),
            None => "/dev/null".to_owned(),
        };
        let (before, after) = (&self.path_before, &self.path_after);
        let header = (
            before.as_ref().or(after.as_ref()),
            after.as_ref().or(before.as_ref()),
        );
        if let (Some(old), Some(new)) = header {
            let (old, new) = (format!("a/{old}"), format!("b/{new}"));
            writeln!(f, "diff --git {} {}", quote(&old), quote(&new))?;
        }
        match (before, after) {
            (None, Some(_)) => writeln!(f, "new file mode 100644")?,
            (Some(_), None) => writeln!(f, "deleted file mode 100644")?,
            (Some(old), Some(new)) if old != new => {
                writeln!(f, "rename from {}\nrename to {}", quote(old), quote(new))?;
            }
            _ => {}
        }
        if !self.hunks.is_empty() {
            writeln!(f, "--- {}\n+++ {}", name('a', before), name('b', after))?;
            f.write_str(&self.hunks)?;
        }
        Ok(())
    }
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// A path as Git writes it in a diff: quoted, byte by byte, where it holds what would break the line or isn't seen.
fn quote(path: &str) -> Cow<'_, str> {
    if !path.contains(|c| is_hidden(c) || c == '"' || c == '\\') {
        return path.into();
    }
    let mut quoted = String::from("\"");
    for c in path.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_hidden(c) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    quoted.push_str(&format!("\\{byte:03o}"));
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted.into()
}

impl std::ops::AddAssign for DiffStat {
    fn add_assign(&mut self, other: DiffStat) {
        self.added += other.added;
        self.removed += other.removed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_is_written_as_git_writes_it() {
        let diff = FileDiff::new(
            Some(("a.ocl", b"a = 1\nb = 2")),
            Some(("a.ocl", b"a = 1\nb = 3")),
        );
        assert_eq!(
            diff.to_string(),
            "diff --git a/a.ocl b/a.ocl\n--- a/a.ocl\n+++ b/a.ocl\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n\\ No newline at end of file\n\
             +b = 3\n\\ No newline at end of file\n"
        );
        assert_eq!(
            diff.stat(),
            DiffStat {
                added: 1,
                removed: 1
            }
        );
    }

    #[test]
    fn new_removed_and_moved_files_say_so() {
        let new = FileDiff::new(None, Some(("a.ocl", b"a = 1\n")));
        assert!(new.to_string().starts_with(
            "diff --git a/a.ocl b/a.ocl\nnew file mode 100644\n--- /dev/null\n+++ b/a.ocl\n"
        ));
        let removed = FileDiff::new(Some(("a.ocl", b"a = 1\n")), None);
        assert!(removed.to_string().contains("+++ /dev/null"));
        let moved = FileDiff::new(Some(("a.ocl", b"x")), Some(("b.ocl", b"x")));
        assert_eq!(
            moved.to_string(),
            "diff --git a/a.ocl b/b.ocl\nrename from a.ocl\nrename to b.ocl\n"
        );
    }

    #[test]
    fn paths_are_quoted_as_git_quotes_them() {
        let path = "a\"\\\n\u{9b}\u{202e}é.ocl";
        let moved = FileDiff::new(Some((path, b"x")), Some(("b.ocl", b"x")));
        let quoted = r#"a\"\\\n\302\233\342\200\256é.ocl""#;
        assert_eq!(
            moved.to_string(),
            format!("diff --git \"a/{quoted} b/b.ocl\nrename from \"{quoted}\nrename to b.ocl\n")
        );
    }

    #[test]
    fn a_carriage_return_alone_ends_no_line() {
        let diff = FileDiff::new(Some(("a", b"x\ry\r")), Some(("a", b"x\ry\nz\n")));
        let hunks = "@@ -1 +1,2 @@\n-x\ry\r\n\\ No newline at end of file\n+x\ry\n+z\n";
        assert!(diff.to_string().ends_with(hunks), "{diff:?}");
    }

    #[test]
    fn carriage_returns_count() {
        let diff = FileDiff::new(Some(("a", b"x\r\n")), Some(("a", b"x\n")));
        assert_eq!(
            diff.stat(),
            DiffStat {
                added: 1,
                removed: 1
            }
        );
    }
}
