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
    /// How many bytes of the text each key stands for.
    lengths: Vec<usize>,
    /// The key of what it may be any item of: that with an index behind it, and whatever follows.
    items_of: Option<String>,
    /// Whether others stand beside it in one string, so that what is computed may be several.
    is_of_list: bool,
}

impl Name {
    /// The whole text as a name of a thing.
    pub(crate) fn whole(things: &Things, kind: &str, text: &str) -> Name {
        let text = text.trim();
        let thing = things.thing(kind);
        let aliases = thing.map_or(&[][..], |thing| &thing.aliases);
        let is_alias = |other: &str| things.is_same_name(kind, other, text);
        let alias = aliases.iter().find(|(other, _)| is_alias(other));
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
            lengths: vec![text.len()],
            items_of: None,
            is_of_list: false,
        }
    }

    /// A name in a template or script: `Db.Host` may be about `Db.Host` or about `Db`. What is gone through as a collection may
    /// also be about every `Db.Host[..]`.
    pub(super) fn of_path(path: &Path<'_>, text: &str, is_collection: bool) -> Name {
        let any_of = path.before_any_index();
        let items_of = any_of.or_else(|| is_collection.then(|| path.key()));
        let start = path.place().start;
        let prefixes = path.prefixes();
        let (keys, lengths) = prefixes
            .map(|prefix| (prefix.key, prefix.place.end - start))
            .unzip();
        Name {
            text: text.to_owned(),
            keys,
            lengths,
            items_of,
            is_of_list: false,
        }
    }

    /// A name that has a template in it: nothing can be said of it.
    pub(super) fn unknown(text: &str) -> Name {
        Name {
            text: text.to_owned(),
            keys: Vec::new(),
            lengths: Vec::new(),
            items_of: None,
            is_of_list: false,
        }
    }

    /// The same among others in one string.
    pub(super) fn unknown_of_list(text: &str) -> Name {
        Name {
            is_of_list: true,
            ..Name::unknown(text)
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

    /// The key of what it may be any item of: `X` for `X[#{Y}]`, for `X[*].Name` and for `each item in X`.
    pub(crate) fn items_of(&self) -> Option<&str> {
        self.items_of.as_deref()
    }

    /// Whether it may be what has this key as one of many: `X[a]` for `X[#{Y}]`.
    pub(crate) fn may_become(&self, key: &str) -> bool {
        let begin = self.items_of.as_deref();
        let rest = begin.and_then(|begin| key.strip_prefix(begin));
        rest.is_some_and(|rest| rest.starts_with('['))
    }

    /// Of a name that only the server knows, whether it may turn out to be this text: what it begins and ends with is known. In
    /// templates, a name may also be about what its beginning names.
    pub(super) fn may_be_written(&self, text: &str, is_in_templates: bool) -> bool {
        let plain = |text: &str| -> String {
            let kept = text.chars().filter(|c| !c.is_whitespace());
            kept.flat_map(char::to_lowercase).collect()
        };
        // A list may become any others, and what a script makes of its end isn't known.
        if self.is_of_list {
            return true;
        }
        let begin = self.text.find(['#', '$', '`']).unwrap_or(self.text.len());
        let (begin, text) = (plain(&self.text[..begin]), plain(text));
        let end = match self.text.rfind('}') {
            Some(end) if !self.text.contains(['$', '`']) => plain(&self.text[end + 1..]),
            _ => String::new(),
        };
        let goes_on = begin.strip_prefix(&*text);
        let is_about_it = goes_on.is_some_and(|rest| rest.starts_with(['.', '[']));
        text.starts_with(&*begin) && text.ends_with(&*end) || is_in_templates && is_about_it
    }

    /// How many bytes of the text, from its start, are what has this key.
    pub(super) fn length_of(&self, key: &str) -> Option<usize> {
        let place = self.keys.iter().position(|known| known == key)?;
        Some(self.lengths[place])
    }

    /// The key of what it names where these are defined.
    pub fn key(&self, is_defined: impl Fn(&str) -> bool) -> Option<&str> {
        let defined = self.keys.iter().find(|key| is_defined(key));
        defined.or(self.keys.first()).map(String::as_str)
    }
}
