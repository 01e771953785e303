//! The path of a document kind, with at most one wildcard.

use std::fmt;

/// A path below the base path. A kind with a wildcard is a collection: what the wildcard matched is the slug.
///
/// `*` matches within one part of a path; `**/*` matches any number of parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PathPattern {
    text: String,
    /// The text before and after the wildcard, and what it matches. `None` for a plain path.
    wildcard: Option<Wildcard>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Wildcard {
    prefix: String,
    suffix: String,
    deep: bool,
}

impl PathPattern {
    /// Parses a pattern. Refuses paths that leave the base path, and wildcards that can't be reversed.
    pub fn parse(text: &str) -> Result<PathPattern, String> {
        let plain = text.replace("**/*", "x").replace('*', "x");
        check_parts(&plain, text)?;
        let wildcard = match text.find('*') {
            None => None,
            Some(at) => {
                let (prefix, rest) = text.split_at(at);
                let (deep, suffix) = match rest.strip_prefix("**/*") {
                    Some(suffix) => (true, suffix),
                    None => (false, &rest[1..]),
                };
                if suffix.contains('*') {
                    return Err(format!(
                        "`{text}` has more than one wildcard: a slug could not be turned back into its path"
                    ));
                }
                if deep && !(prefix.is_empty() || prefix.ends_with('/')) {
                    return Err(format!("`**` must be a part of its own in `{text}`"));
                }
                Some(Wildcard {
                    prefix: prefix.to_owned(),
                    suffix: suffix.to_owned(),
                    deep,
                })
            }
        };
        Ok(PathPattern {
            text: text.to_owned(),
            wildcard,
        })
    }

    /// Whether there can be many documents of the kind.
    pub fn is_collection(&self) -> bool {
        self.wildcard.is_some()
    }

    /// Whether its documents may lie in folders below its own.
    pub(crate) fn is_deep(&self) -> bool {
        self.wildcard.as_ref().is_some_and(|it| it.deep)
    }

    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The folder that holds every path the pattern can match; empty for the base path itself.
    pub fn folder(&self) -> &str {
        let fixed = self.wildcard.as_ref().map_or(&*self.text, |w| &w.prefix);
        fixed.rfind('/').map_or("", |slash| &fixed[..slash])
    }

    /// The slug of the document at `path`: empty for a plain path, `None` if the pattern doesn't match.
    pub fn slug_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        match &self.wildcard {
            None => (path == self.text).then_some(""),
            Some(wildcard) => {
                let slug = path
                    .strip_prefix(&*wildcard.prefix)?
                    .strip_suffix(&*wildcard.suffix)?;
                let fits = !slug.is_empty() && (wildcard.deep || !slug.contains('/'));
                fits.then_some(slug)
            }
        }
    }

    /// The path of the document with this slug, the reverse of [`slug_of`](Self::slug_of).
    ///
    /// Refuses slugs that would lead outside: empty parts, `.` and `..`, `\`, control characters.
    pub fn path_of(&self, slug: &str) -> Result<String, String> {
        match &self.wildcard {
            None if slug.is_empty() => Ok(self.text.clone()),
            None => Err(format!(
                "`{}` is a single document: it has no slug",
                self.text
            )),
            Some(wildcard) => {
                if !wildcard.deep && slug.contains('/') {
                    return Err(format!(
                        "the slug {slug:?} has a `/`, but `{}` only matches one part of a path",
                        self.text
                    ));
                }
                if slug.is_empty() {
                    return Err(format!("a document under `{}` needs a slug", self.text));
                }
                let path = format!("{}{slug}{}", wildcard.prefix, wildcard.suffix);
                check_relative_path(slug).and_then(|()| check_relative_path(&path))?;
                Ok(path)
            }
        }
    }

    /// What to do where documents of both patterns can't lie beside each other: a path exists that both match, one's only path
    /// is a folder of the other's, or their only paths differ in upper and lower case alone.
    pub(super) fn clash(&self, other: &PathPattern) -> Option<&'static str> {
        let are_plain = !self.is_collection() && !other.is_collection();
        if self.overlaps(other) {
            Some("a document must belong to one kind: make the paths differ")
        } else if are_plain && self.text.to_lowercase() == other.text.to_lowercase() {
            Some("they would be one file on many disks: make them differ by more than case")
        } else if self.is_above(other.folder()) || other.is_above(self.folder()) {
            Some("a path can't be a file and a folder: choose another name for one")
        } else {
            None
        }
    }

    /// Whether its only path is a folder, or contains it.
    fn is_above(&self, folder: &str) -> bool {
        let (path, folder) = (self.text.to_lowercase(), folder.to_lowercase());
        let below = folder.strip_prefix(&path);
        !self.is_collection() && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether a path exists that both patterns match.
    pub fn overlaps(&self, other: &PathPattern) -> bool {
        match (&self.wildcard, &other.wildcard) {
            (None, None) => self.text == other.text,
            (None, Some(_)) => other.slug_of(&self.text).is_some(),
            (Some(_), None) => self.slug_of(&other.text).is_some(),
            (Some(a), Some(b)) => {
                // The longer prefix and suffix must extend the shorter ones; the other's wildcard matches
                // what they add.
                let (short, long) = if a.prefix.len() <= b.prefix.len() {
                    (a, b)
                } else {
                    (b, a)
                };
                let Some(added) = long.prefix.strip_prefix(&*short.prefix) else {
                    return false;
                };
                if added.contains('/') && !short.deep {
                    return false;
                }
                let (short, long) = if a.suffix.len() <= b.suffix.len() {
                    (a, b)
                } else {
                    (b, a)
                };
                let Some(added) = long.suffix.strip_suffix(&*short.suffix) else {
                    return false;
                };
                !added.contains('/') || short.deep
            }
        }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Refuses a path that isn't relative, leaves its folder, or that Git can't hold.
pub(crate) fn check_relative_path(path: &str) -> Result<(), String> {
    check_parts(path, path)
}

/// The same, with the path as it is `written` in messages.
fn check_parts(path: &str, written: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("a path must not be empty".into());
    }
    if let Some(c) = path.chars().find(|c| c.is_control() || *c == '\\') {
        return Err(format!(
            "{written:?} has the character {c:?}, which no path may have"
        ));
    }
    if path.starts_with('/') {
        return Err(format!("{written:?} is absolute: write it without the `/`"));
    }
    for part in path.split('/') {
        match part {
            "" => return Err(format!("{written:?} has an empty part")),
            "." => {
                return Err(format!(
                    "{written:?} has the part `.`, which only stands for the folder before it: leave it out"
                ));
            }
            ".." => {
                return Err(format!(
                    "{written:?} leaves its folder by the part `{part}`"
                ));
            }
            _ if part.eq_ignore_ascii_case(".git") => {
                return Err(format!("{written:?} leads into Git's own folder"));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> PathPattern {
        PathPattern::parse(text).unwrap()
    }

    #[test]
    fn slugs_and_paths_convert_both_ways() {
        for (text, path, slug) in [
            ("runbooks/**/*.ocl", "runbooks/a.ocl", "a"),
            (
                "runbooks/**/*.ocl",
                "runbooks/migrated-drafts/a.ocl",
                "migrated-drafts/a",
            ),
            ("teams/*/team.ocl", "teams/red/team.ocl", "red"),
            ("rb-*.ocl", "rb-x.y.ocl", "x.y"),
            ("plain.ocl", "plain.ocl", ""),
        ] {
            assert_eq!(pattern(text).slug_of(path), Some(slug));
            assert_eq!(pattern(text).path_of(slug).as_deref(), Ok(path));
        }
        assert_eq!(pattern("runbooks/*.ocl").slug_of("runbooks/a/b.ocl"), None);
        assert_eq!(pattern("runbooks/*.ocl").slug_of("runbooks/.ocl"), None);
    }

    #[test]
    fn hostile_slugs_never_become_paths() {
        let runbooks = pattern("runbooks/**/*.ocl");
        for slug in [
            "",
            "..",
            "../x",
            "a/../../x",
            "a//b",
            "/a",
            "a/",
            "a\0",
            "a\nb",
            ".git/x",
            "a\\b",
        ] {
            assert!(runbooks.path_of(slug).is_err(), "{slug:?}");
        }
    }

    #[test]
    fn patterns_that_leave_the_base_path_or_cannot_be_reversed_are_refused() {
        for text in [
            "",
            "/a",
            "../a",
            "a/../b",
            "a/*/*.ocl",
            "a/**/b.ocl",
            "x**/*.ocl",
            "a//b",
            ".git/config",
        ] {
            assert!(PathPattern::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn overlaps_are_found() {
        for (a, b, overlaps) in [
            ("a.ocl", "a.ocl", true),
            ("runbooks/**/*.ocl", "runbooks/drafts/*.ocl", true),
            ("runbooks/*.ocl", "runbooks/drafts/*.ocl", false),
            ("*.ocl", "variables.ocl", true),
            ("a/*.ocl", "b/*.ocl", false),
            ("a/*.ocl", "a/x-*.ocl", true),
            ("a/*.ocl", "a/*.json", false),
            ("*/team.ocl", "**/*.ocl", true),
        ] {
            assert_eq!(pattern(a).overlaps(&pattern(b)), overlaps, "{a} {b}");
            assert_eq!(pattern(b).overlaps(&pattern(a)), overlaps, "{b} {a}");
        }
    }
}
