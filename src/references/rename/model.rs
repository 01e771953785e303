//! What a renaming does, and why it is refused.

use std::fmt;

use crate::catalog::DocumentName;
use crate::references::kind::UnknownKind;
use crate::references::model::ConditionError;
use crate::references::place::ThingPlace;

/// Documents in which a thing has another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenamedThing {
    /// Those that change.
    pub documents: Vec<RenamedDocument>,
    /// Where the thing is defined and referred to, with its old name.
    pub places: Vec<ThingPlace>,
    /// No document defines such things, they live in the server: only references were renamed.
    pub is_of_server: bool,
    /// Other kinds of things that have their name in the same place, and got the new one too: a step's only action is known by
    /// the label of the step.
    pub also: Vec<String>,
}

/// A document in which a thing has another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenamedDocument {
    /// Its name.
    pub name: DocumentName,
    /// Its name from now on: another one where the thing is known by that.
    pub new_name: DocumentName,
    /// Its text from now on.
    pub text: String,
}

/// Why a thing can't be renamed, and every place that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenameThingError {
    /// The kind of the thing.
    pub kind: String,
    /// The name that it has.
    pub old: String,
    /// The name that it was to have.
    pub new: String,
    /// Why.
    pub refusal: RenameRefusal,
    /// Where.
    pub places: Vec<ThingPlace>,
}

/// Why a thing can't be renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenameRefusal {
    /// The catalog declares no such kind of things.
    NoSuchKind(UnknownKind),
    /// Nothing can have the new name.
    Invalid(&'static str),
    /// There is no such thing; what is nearest, if there is any.
    NotFound(Option<String>),
    /// It is referred to and defined in no document, as others of its kind are.
    NotDefined,
    /// Several things have the name: which one is meant can't be told.
    Several,
    /// Another thing has the new name, or something refers to one.
    Taken,
    /// The new name means something to the server itself.
    BuiltIn,
    /// Names that are known only when the server runs may be this one.
    Computed,
    /// The new name can't be written in these places.
    NotWritable,
    /// With the new name, these places would mean something else.
    OtherMeaning,
    /// Two parts of a document would have one address.
    SameAddress,
    /// It has the name already.
    Unchanged,
    /// What documents refer to can't be told.
    Condition(ConditionError),
}

/// A refusal whose names are known to the caller.
pub(super) struct Refused {
    pub(super) refusal: RenameRefusal,
    pub(super) places: Vec<ThingPlace>,
}

impl From<RenameRefusal> for Refused {
    fn from(refusal: RenameRefusal) -> Refused {
        Refused {
            refusal,
            places: Vec::new(),
        }
    }
}

impl From<ConditionError> for Refused {
    fn from(error: ConditionError) -> Refused {
        RenameRefusal::Condition(error).into()
    }
}

impl Refused {
    /// Refuses if there are any places.
    pub(super) fn unless_empty(
        refusal: RenameRefusal,
        places: Vec<ThingPlace>,
    ) -> Result<(), Refused> {
        if places.is_empty() {
            Ok(())
        } else {
            Err(Refused { refusal, places })
        }
    }
}

impl fmt::Display for RenameThingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RenameThingError {
            kind,
            old,
            new,
            refusal,
            places,
        } = self;
        match refusal {
            RenameRefusal::NoSuchKind(unknown) => write!(f, "{unknown}")?,
            RenameRefusal::Condition(error) => write!(f, "{error}")?,
            RenameRefusal::Invalid(reason) => {
                write!(f, "`{}` can't be a name: {reason}", new.escape_debug())?;
            }
            RenameRefusal::NotFound(near) => {
                write!(f, "no {kind} `{old}` is defined or referred to")?;
                if let Some(near) = near {
                    write!(f, ": did you mean `{near}`?")?;
                }
            }
            RenameRefusal::NotDefined => write!(
                f,
                "no document defines the {kind} `{old}`, so only what holds it can rename it; these refer to it:"
            )?,
            RenameRefusal::Several => write!(
                f,
                "the name `{old}` is defined several times, and which one is meant can't be told:"
            )?,
            RenameRefusal::Taken => write!(f, "the name `{new}` is taken:")?,
            RenameRefusal::BuiltIn => {
                write!(
                    f,
                    "the name `{new}` is taken: it means something to the server"
                )?;
            }
            RenameRefusal::Computed => write!(
                f,
                "the {kind} `{old}` can't be renamed safely: these names are known only when the server runs, and may be it:"
            )?,
            RenameRefusal::NotWritable => write!(f, "`{new}` can't be written here:")?,
            RenameRefusal::OtherMeaning => {
                write!(f, "with the name `{new}`, this would mean something else:")?;
            }
            RenameRefusal::SameAddress => write!(
                f,
                "with the name `{new}`, this couldn't be told from what stands beside it:"
            )?,
            RenameRefusal::Unchanged => write!(f, "the {kind} has the name `{new}` already")?,
        }
        places.iter().try_for_each(|place| write!(f, "\n  {place}"))
    }
}

impl std::error::Error for RenameThingError {}
