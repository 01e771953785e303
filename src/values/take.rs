//! Taking a value over from another document of the same shape.

use super::difference::Change;
use super::document::Values;
use super::edit::{ValueEdit, ValueEditError, edit_values};
use super::element::{Element, ToldBy};
use super::find::{FindError, find_in};
use super::within::difference_in;
use crate::catalog::selector::Selector;
use crate::ocl::{Dialect, Document, EditError, Kind, Literal, ParseError, Position};

/// Why a value can't be taken over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TakeError {
    /// The address selects nothing in both documents, or several things in one.
    #[error(transparent)]
    Find(#[from] FindError),
    /// The address is that of the whole document.
    #[error("this address is that of the whole document: name a value in it")]
    Whole,
    /// It stands in something that isn't there now.
    #[error("what holds it is not there now: {0}")]
    NoHolder(FindError),
    /// It is a block in one of the two, and none in the other.
    #[error(
        "`{selector}` is a block in one of the two, and none in the other: take over what holds it"
    )]
    OtherKind {
        /// The address.
        selector: String,
    },
    /// Put into the document as it is now, it would not be what it was.
    #[error("`{selector}` would not be what it was there: take over what holds it")]
    NotTheSame {
        /// The address.
        selector: String,
    },
    /// Its text can't stand in that place.
    #[error("its text can't stand in that place: {0}")]
    Parse(Box<ParseError>),
    /// It can't be removed.
    #[error(transparent)]
    Remove(#[from] ValueEditError),
    /// The editor refuses it.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// The text of a document in which what a selector selects is what it is in another document of the same shape and dialect; in
/// which it isn't, if it isn't there. Nothing else of the text changes. `None` if it is the same already.
///
/// ```
/// use ocl_migrate::catalog::Identity;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::values::{Values, take_over};
///
/// let now = Document::parse("a = 1 # first\nb = 2\n", Dialect::Current)?;
/// let then = Document::parse("b = 3\na = 4\n", Dialect::Current)?;
/// let none = Identity::none();
/// let text = take_over(Values::of(&now, &none), Values::of(&then, &none), &"a".parse()?)?;
/// assert_eq!(text.as_deref(), Some("a = 4 # first\nb = 2\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`TakeError`].
pub fn take_over(
    now: Values<'_>,
    then: Values<'_>,
    selector: &Selector,
) -> Result<Option<String>, TakeError> {
    if selector.is_empty() {
        return Err(TakeError::Whole);
    }
    // Says it as well where both have nothing.
    if is_same(now, then, selector)? {
        return Ok(None);
    }
    let wanted = match then.find(selector) {
        Ok(element) => element,
        Err(FindError::Nothing { .. }) => {
            let mut editor = now.document().clone().edit();
            let edit = ValueEdit::unset(selector.clone());
            edit_values(&mut editor, now.identity(), &[edit])?;
            return Ok(Some(editor.text()));
        }
        Err(several) => return Err(several.into()),
    };
    let dialect = now.document().root().dialect();
    let with_it = match now.find(selector) {
        Ok(_) => None,
        Err(FindError::Nothing { .. }) => Some(parse(add(now, &wanted)?, dialect)?),
        Err(several) => return Err(several.into()),
    };
    let with_it = with_it.as_ref().unwrap_or(now.document());
    let with_it = Values::of(with_it, now.identity());
    let not_the_same = || TakeError::NotTheSame {
        selector: selector.to_string(),
    };
    let there = with_it.find(selector).map_err(|_| not_the_same())?;
    let text = replace(with_it.document(), &there, &wanted)?;
    let taken = parse(text, dialect)?;
    if !is_same(Values::of(&taken, now.identity()), then, selector)? {
        return Err(not_the_same());
    }
    Ok(Some(taken.text().to_owned()))
}

/// Whether both have the same there; where it stands among others is no matter.
fn is_same(now: Values<'_>, then: Values<'_>, selector: &Selector) -> Result<bool, FindError> {
    let difference = difference_in(then, now, selector)?;
    let mut changes = difference.changes().iter();
    Ok(changes.all(|change| matches!(change, Change::Moved { .. })))
}

fn parse(text: String, dialect: Dialect) -> Result<Document, TakeError> {
    Document::parse(text, dialect).map_err(|error| TakeError::Parse(Box::new(error)))
}

/// Writes an element in the place of another.
fn replace(
    document: &Document,
    there: &Element<'_>,
    wanted: &Element<'_>,
) -> Result<String, TakeError> {
    if (there.node().kind() == Kind::Block) != (wanted.node().kind() == Kind::Block) {
        return Err(TakeError::OtherKind {
            selector: wanted.to_string(),
        });
    }
    let (old, new) = (there.content(), wanted.content());
    let is_plain = !matches!(new.kind(), Kind::Block | Kind::Dictionary | Kind::List);
    if is_plain {
        let mut editor = document.clone().edit();
        match (there.told_by, there.parent()) {
            (ToldBy::Label(at), Some(block)) => {
                let text = new.as_str().unwrap_or_default();
                editor.set_label(block.node().id(), at as usize, &text)?;
            }
            _ => editor.replace(old.id(), Literal::from(new))?,
        }
        return Ok(editor.text());
    }
    // As it was written, with its comments.
    let span = old.span().expect("a document that was parsed has spans");
    let text = document.text();
    Ok([&text[..span.start], &new.source(), &text[span.end..]].concat())
}

/// Adds what isn't there, so that it can be replaced.
fn add(now: Values<'_>, wanted: &Element<'_>) -> Result<String, TakeError> {
    let holder = wanted.parent().ok_or(TakeError::Whole)?;
    let there = now.find(&holder.selector()).map_err(TakeError::NoHolder)?;
    let to = there.content().id();
    let node = wanted.node();
    let value = Literal::from(wanted.content());
    let mut editor = now.document().clone().edit();
    match wanted.told_by {
        ToldBy::Label(at) => {
            let text = node.as_str().unwrap_or_default();
            editor.insert_label(to, at as usize, &text)?;
        }
        ToldBy::Position(_) | ToldBy::Item { .. } => {
            let end = there.content().children().count();
            editor.insert_item(to, end, value)?;
        }
        _ if node.kind() == Kind::Block => {
            let position = position(now, wanted);
            editor.insert_block(to, &node.name(), &[], value, position)?;
        }
        _ => {
            editor.set(to, &node.name(), value)?;
        }
    }
    Ok(editor.text())
}

/// Where a block goes: behind the nearest that it stood behind and that is there, else before the nearest that it stood before.
fn position(now: Values<'_>, wanted: &Element<'_>) -> Position {
    let siblings = wanted.parent().into_iter().flat_map(Element::members);
    let siblings = siblings.filter(|sibling| sibling.node().kind() == Kind::Block);
    let siblings: Vec<Element<'_>> = siblings.collect();
    let own = siblings.iter().position(|sibling| sibling == wanted);
    let (before, after) = siblings.split_at(own.unwrap_or(siblings.len()));
    let there = |sibling: &Element<'_>| {
        let found = find_in(&now.root(), &sibling.selector()).ok()?;
        (found.node().kind() == Kind::Block).then(|| found.id())
    };
    let behind = before.iter().rev().find_map(there).map(Position::After);
    let ahead = || after.iter().skip(1).find_map(there).map(Position::Before);
    behind.or_else(ahead).unwrap_or(Position::End)
}
