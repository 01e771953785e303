//! How much work a check can be.
//!
//! A schema may use one part of itself in many ways, and each of those may use another in many ways: what a validator does
//! doubles with every step. A schema that doesn't contain itself is measured once, when it is read. One that does is measured
//! against each document.

use std::collections::HashMap;

use serde_json::Value;

use super::super::violation::TooMuchWork;
use super::reference::resolve;

/// The most subschemas that a schema may come to, each counted as often as it is used.
pub(super) const MOST_SUBSCHEMAS: usize = 100_000;

/// The most steps that a check may take.
const MOST_STEPS: u64 = 2_000_000;

/// Keywords that hold subschemas, and for what.
const KEYWORDS: [(&str, For); 21] = [
    ("allOf", For::Same),
    ("anyOf", For::Same),
    ("oneOf", For::Same),
    ("not", For::Same),
    ("if", For::Same),
    ("then", For::Same),
    ("else", For::Same),
    ("dependentSchemas", For::SameInMap),
    ("dependencies", For::SameInMap),
    ("properties", For::MemberInMap),
    ("patternProperties", For::EachMemberInMap),
    ("additionalProperties", For::EachMember),
    ("unevaluatedProperties", For::EachMember),
    ("propertyNames", For::EachMember),
    ("items", For::EachItem),
    ("prefixItems", For::EachItem),
    ("additionalItems", For::EachItem),
    ("unevaluatedItems", For::EachItem),
    ("contains", For::EachItem),
    ("$dynamicRef", For::Same),
    ("$recursiveRef", For::Same),
];

/// What a keyword's subschemas are for. They are one, a list, or the values of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Same,
    SameInMap,
    MemberInMap,
    EachMember,
    EachMemberInMap,
    EachItem,
}

/// Whether a keyword's value is a map of subschemas; `None` where it holds none.
pub(super) fn holds_map(keyword: &str) -> Option<bool> {
    let (_, what) = KEYWORDS.iter().find(|(name, _)| *name == keyword)?;
    Some(matches!(
        what,
        For::SameInMap | For::MemberInMap | For::EachMemberInMap
    ))
}

/// What is known of the work that a schema makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// It is about so many steps for each value, however deep that lies.
    Bounded,
    /// The schema contains itself.
    Recursive,
}

/// What a schema comes to; `None` if that is too much.
pub(super) fn measure(root: &Value) -> Option<Effort> {
    let mut measure = Measure {
        root,
        counted: HashMap::new(),
        recursive: false,
    };
    let count = measure.count(root, 0);
    if measure.recursive {
        return Some(Effort::Recursive);
    }
    (count <= MOST_SUBSCHEMAS as u64).then_some(Effort::Bounded)
}

struct Measure<'s> {
    root: &'s Value,
    /// By the subschema's address; `None` while it is being counted.
    counted: HashMap<*const Value, Option<u64>>,
    recursive: bool,
}

impl<'s> Measure<'s> {
    fn count(&mut self, schema: &'s Value, depth: usize) -> u64 {
        match self.counted.get(&std::ptr::from_ref(schema)) {
            Some(Some(count)) => return *count,
            Some(None) => {
                self.recursive = true;
                return 1;
            }
            None => {}
        }
        if depth > MOST_REFERENCES {
            return u64::MAX;
        }
        self.counted.insert(schema, None);
        let mut count = 1u64;
        for used in subschemas(self.root, schema) {
            count = count.saturating_add(self.count(used.schema, depth + 1));
        }
        self.counted.insert(schema, Some(count));
        count
    }
}

/// How far references and nesting may lead before a schema is too large.
const MOST_REFERENCES: usize = 500;

/// A subschema, and what it is for.
struct Use<'s> {
    what: For,
    /// The member it is for, of [`For::MemberInMap`].
    member: &'s str,
    schema: &'s Value,
}

/// The subschemas that a schema uses. Dynamic references may lead anywhere: they are taken for the whole.
fn subschemas<'s>(root: &'s Value, schema: &'s Value) -> Vec<Use<'s>> {
    let mut uses = Vec::new();
    let mut push = |what, member, schema: &'s Value| {
        if schema.is_object() {
            uses.push(Use {
                what,
                member,
                schema,
            });
        }
    };
    if schema.get("$ref").is_some() {
        push(For::Same, "", resolve(root, schema).unwrap_or(root));
    }
    for (keyword, what) in KEYWORDS {
        match (schema.get(keyword), what) {
            (None, _) => {}
            (Some(Value::String(_)), For::Same) => push(what, "", root),
            (
                Some(Value::Object(map)),
                For::SameInMap | For::MemberInMap | For::EachMemberInMap,
            ) => {
                for (member, schema) in map {
                    push(what, member, schema);
                }
            }
            (Some(Value::Array(list)), _) => {
                for schema in list {
                    push(what, "", schema);
                }
            }
            (Some(schema), _) => push(what, "", schema),
        }
    }
    uses
}

impl Effort {
    /// Whether a check of this value is bounded well enough.
    pub(super) fn bound(self, root: &Value, view: &Value) -> Result<(), TooMuchWork> {
        if self == Self::Bounded {
            return Ok(());
        }
        let mut steps = Steps {
            root,
            counted: HashMap::new(),
        };
        match steps.count(root, view, 0) {
            Some(count) if count <= MOST_STEPS => Ok(()),
            _ => Err(TooMuchWork { limit: MOST_STEPS }),
        }
    }
}

/// Counts every pair of a subschema and a value that a validator could look at, as often as it could.
struct Steps<'s> {
    root: &'s Value,
    /// `None` while the pair is being counted.
    counted: HashMap<(*const Value, *const Value), Option<u64>>,
}

impl<'s> Steps<'s> {
    fn count(&mut self, schema: &'s Value, value: &Value, depth: usize) -> Option<u64> {
        let pair = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
        match self.counted.get(&pair) {
            Some(Some(count)) => return Some(*count),
            // It comes to itself without going deeper: the validator knows that and goes round once.
            Some(None) => return Some(1),
            None => {}
        }
        if depth > MOST_REFERENCES || self.counted.len() as u64 > MOST_STEPS {
            return None;
        }
        self.counted.insert(pair, None);
        let mut count = 1u64;
        for used in subschemas(self.root, schema) {
            let inner: Vec<&Value> = match (used.what, value) {
                (For::Same | For::SameInMap, _) => vec![value],
                (For::MemberInMap, Value::Object(_)) => {
                    value.get(used.member).into_iter().collect()
                }
                (For::EachMember | For::EachMemberInMap, Value::Object(map)) => {
                    map.values().collect()
                }
                (For::EachItem, Value::Array(items)) => items.iter().collect(),
                _ => Vec::new(),
            };
            for value in inner {
                count = count.saturating_add(self.count(used.schema, value, depth + 1)?);
            }
        }
        self.counted.insert(pair, Some(count));
        Some(count)
    }
}
