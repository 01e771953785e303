//! A new name in the places of an old one, and nothing else changed.

use std::ops::Range;

use thiserror::Error;

use super::model::{Local, Name, Role, Template};
use super::path::{Path, key_of};

/// Why a name can't be changed in a template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RenameError {
    /// There is no name at the place, and no name begins with it.
    #[error("no name stands at bytes {} to {} of the text", place.start, place.end)]
    NotAName {
        /// The place that was given.
        place: Range<usize>,
    },
    /// A template can't say the new name at all.
    #[error("`{name}` can't be written in a template")]
    NotWritable {
        /// The new name.
        name: String,
    },
    /// With the new name, the text would mean something else: a loop's variable has that name, or a calculation would
    /// read it as something else.
    #[error("with `{name}`, the text would mean something else")]
    Ambiguous {
        /// The new name.
        name: String,
    },
}

pub(super) fn rename(
    template: &Template<'_>,
    places: &[Range<usize>],
    name: &str,
) -> Result<String, RenameError> {
    let new = Path::read(name)
        .filter(|path| path.place() == (0..name.len()))
        .ok_or_else(|| RenameError::NotWritable { name: name.into() })?;
    let mut places = places.to_vec();
    places.sort_by_key(|place| place.start);
    places.dedup();

    let mut meaning: Vec<_> = template.names.iter().map(meaning_of).collect();
    let mut text = String::with_capacity(template.text.len());
    let mut at = 0;
    for place in places {
        let Some((index, rest)) = named_at(template, &place).filter(|_| at <= place.start) else {
            return Err(RenameError::NotAName { place });
        };
        meaning[index].0 = [new.key(), rest].concat();
        text.push_str(&template.text[at..place.start]);
        text.push_str(name);
        at = place.end;
    }
    text.push_str(&template.text[at..]);

    let renamed = Template::read(&text, template.reading);
    if renamed.names.iter().map(meaning_of).eq(meaning) {
        Ok(text)
    } else {
        Err(RenameError::Ambiguous { name: name.into() })
    }
}

/// What must stay as it is: a name's key, what it is for, and what it is bound to.
fn meaning_of(name: &Name<'_>) -> (String, Role, Option<Local>) {
    (name.path.key(), name.role, name.local)
}

/// Which name begins with what stands there, and the key of the rest.
fn named_at(template: &Template<'_>, place: &Range<usize>) -> Option<(usize, String)> {
    let names = &template.names;
    let index = names.partition_point(|name| name.path.place().start < place.start);
    let path = &names.get(index)?.path;
    let prefix = path.prefixes().find(|prefix| prefix.place == *place)?;
    let rest = key_of(&path.steps()[prefix.steps..], true);
    Some((index, rest))
}
