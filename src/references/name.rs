//! Names of things, and when two are the same.

use crate::catalog::things::Things;
use crate::template::Path;

/// How certain it is that a name is what it seems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The whole value names the thing.
    Exact,
    /// A template names it: `#{Name}`.
    Template,
    /// A script names it, as far as can be told without running it.
    Script,
    /// The name has a part that only the server knows when it runs.
    Dynamic,
}

impl Certainty {
    /// As it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Template => "template",
            Self::Script => "script",
            Self::Dynamic => "dynamic",
        }
    }
}

/// A name as it is written, and what it may be a name of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    text: String,
    /// The longest first.
    keys: Vec<String>,
}

impl Name {
    /// The whole text as a name of a thing.
    pub(crate) fn whole(things: &Things, kind: &str, text: &str) -> Name {
        let text = text.trim();
        let thing = things.thing(kind);
        let aliases = thing.map_or(&[][..], |thing| &thing.aliases);
        let alias = aliases.iter().find(|(other, _)| other == text);
        let meant = alias.map_or(text, |(_, name)| name);
        let key = match thing {
            _ if things.is_in_templates(kind) => {
                Path::read(meant).map_or_else(|| meant.to_lowercase(), |path| path.key())
            }
            Some(thing) if thing.ignore_case => meant.to_lowercase(),
            _ => meant.to_owned(),
        };
        Name {
            text: text.to_owned(),
            keys: vec![key],
        }
    }

    /// A name in a template or script: `Db.Host` may be about `Db.Host` or about `Db`.
    pub(super) fn of_path(path: &Path<'_>, text: &str) -> Name {
        Name {
            text: text.to_owned(),
            keys: path.prefixes().map(|prefix| prefix.key).collect(),
        }
    }

    /// A name that has a template in it: nothing can be said of it.
    pub(super) fn unknown(text: &str) -> Name {
        Name {
            text: text.to_owned(),
            keys: Vec::new(),
        }
    }

    /// The name as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The keys of what it may name, the longest first: of those that are defined, the first is meant. `#{Db.Host}` is about the
    /// variable `Db.Host`, and where there is none about `Db`, whose value holds a `Host`. Empty where only the server knows.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The key of what it names where these are defined.
    pub fn key(&self, is_defined: impl Fn(&str) -> bool) -> Option<&str> {
        let defined = self.keys.iter().find(|key| is_defined(key));
        defined.or(self.keys.first()).map(String::as_str)
    }
}
