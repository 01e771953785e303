//! Where something runs, as far as that is known.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::catalog::selector::{KeyValue, Scalar, SyntaxError, key_entries, write_entries};

/// What is known of where something runs: for each type of scope, the members that apply there.
///
/// A type that isn't mentioned is unknown; one with no members is known to have none.
///
/// ```
/// use ocl_migrate::values::Scope;
///
/// let scope = Scope::new().with("environment", ["production"]).with("channel", [""; 0]);
/// assert_eq!(scope.to_string(), "environment=production,channel=[]");
/// // As between the braces of an address.
/// assert_eq!("environment=production, channel=[]".parse(), Ok(scope));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// By type; in the order in which they were said.
    types: Vec<(String, BTreeSet<String>)>,
}

impl Scope {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Scope {
        Scope::default()
    }

    /// The same, with the members of a type that apply; none, where it is known that there are none.
    #[must_use]
    pub fn with<M: Into<String>>(
        mut self,
        scope_type: &str,
        members: impl IntoIterator<Item = M>,
    ) -> Scope {
        let members = members.into_iter().map(Into::into).collect();
        self.types.retain(|(known, _)| known != scope_type);
        self.types.push((scope_type.to_owned(), members));
        self
    }

    /// The types that are known, with their members.
    pub fn types(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        let types = self.types.iter();
        types.map(|(scope_type, members)| (scope_type.as_str(), members))
    }

    /// The members of a type; none where it is unknown.
    #[must_use]
    pub fn members(&self, scope_type: &str) -> Option<&BTreeSet<String>> {
        let mut types = self.types.iter();
        let (_, members) = types.find(|(known, _)| known == scope_type)?;
        Some(members)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.types.iter().map(|(scope_type, members)| {
            let members = members.iter().map(|it| Scalar::String(it.into()));
            let members: Vec<Scalar<'_>> = members.collect();
            let value = match <[_; 1]>::try_from(members) {
                Ok([one]) => KeyValue::One(one),
                Err(members) => KeyValue::Many(members),
            };
            (scope_type.as_str(), value)
        });
        let entries: Vec<_> = entries.collect();
        write_entries(f, entries.iter().map(|(name, value)| (*name, value)))
    }
}

impl FromStr for Scope {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Scope, SyntaxError> {
        let entries = key_entries(text, "scope").map_err(|error| SyntaxError::new(text, error))?;
        let types = entries.into_iter().map(|(scope_type, value)| {
            let members = match &value {
                KeyValue::One(one) => BTreeSet::from([member_name(one)]),
                KeyValue::Many(items) => items.iter().map(member_name).collect(),
            };
            (scope_type, members)
        });
        Ok(Scope {
            types: types.collect(),
        })
    }
}

/// A member of a type of scope, as text.
pub(super) fn member_name(member: &Scalar<'_>) -> String {
    match member {
        Scalar::String(text) | Scalar::Number(text) => text.to_string(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Null => "null".to_owned(),
    }
}
