//! A selector's parts.

use std::borrow::Cow;

/// Under which name a selector finds the labels of a block where they are neither its key nor its value.
pub(crate) const LABELS: &str = crate::ocl::LABELS;

/// A path of block types, attributes and dictionaries: `step["deploy"].action`, `**.properties`.
///
/// A segment is a name, `*` for any, or `**` for any depth. After a name stands what narrows it:
///
/// | written | means |
/// |---|---|
/// | `["x"]` | the block with this label (several: one after the other); the entry of a dictionary with this key |
/// | `[]` | the block without labels, or without further ones |
/// | `{a=x, b=[y, z]}` | the block whose key has exactly these attributes; `{}`: none of them |
/// | `{x}` | the item of a list that is this string, number, boolean or null |
/// | `[2]` | of several siblings, or of a list's items, the one at this position, from 0 |
///
/// A string in quotes has the escapes `\"`, `\\`, `\n`, `\r`, `\t` and `\u{1b}`. Between braces a string that begins with
/// a letter and holds letters, digits, `_`, `-`, `.`, `/` and `:` alone needs no quotes. The empty selector is the whole
/// document.
///
/// The `in` of a step has names and labels only.
///
/// ```
/// use ocl_migrate::values::Selector;
///
/// let selector: Selector = r#"variable["Retries"].value{environment = production}"#.parse()?;
/// assert_eq!(selector.to_string(), r#"variable["Retries"].value{environment=production}"#);
/// # Ok::<(), ocl_migrate::values::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Selector {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Segment {
    /// What has this name, or any, in the node.
    Child {
        name: Option<String>,
        qualifiers: Vec<Qualifier>,
    },
    /// The node itself and everything below it.
    AnyDepth,
}

/// What narrows a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Qualifier {
    /// `["x"]`
    Text(String),
    /// `[]`
    NoLabel,
    /// `{a=x}`
    Key(Vec<(String, KeyValue<'static>)>),
    /// `{x}`
    Item(Scalar<'static>),
    /// `[2]`
    Position(u32),
}

/// A value that holds no others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(Cow<'a, str>),
    String(Cow<'a, str>),
}

/// What an attribute adds to the key of its block.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum KeyValue<'a> {
    One(Scalar<'a>),
    Many(Vec<Scalar<'a>>),
}

impl Selector {
    pub(crate) fn new(segments: Vec<Segment>) -> Selector {
        Selector { segments }
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// What has a name in what this selects.
    pub(crate) fn child(mut self, name: &str) -> Selector {
        self.segments.push(Segment::Child {
            name: Some(name.to_owned()),
            qualifiers: Vec::new(),
        });
        self
    }

    /// Whether it is the whole document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Whether it has a `**`.
    pub(crate) fn looks_into_any_depth(&self) -> bool {
        self.segments.contains(&Segment::AnyDepth)
    }

    /// Whether it selects by labels.
    pub(crate) fn goes_by_label(&self) -> bool {
        let mut segments = self.segments.iter();
        segments.any(
            |segment| matches!(segment, Segment::Child { qualifiers, .. } if !qualifiers.is_empty()),
        )
    }

    /// The name that it ends with; `None` where it ends with `*` or `**`.
    pub(crate) fn last_name(&self) -> Option<&str> {
        match self.segments.last()? {
            Segment::Child { name, .. } => name.as_deref(),
            Segment::AnyDepth => None,
        }
    }

    /// Whether it is names alone, with neither `*` nor `**`.
    pub(crate) fn is_plain(&self) -> bool {
        let mut segments = self.segments.iter();
        segments.all(|segment| matches!(segment, Segment::Child { name: Some(_), .. }))
    }
}

impl Scalar<'_> {
    pub(crate) fn into_owned(self) -> Scalar<'static> {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(value) => Scalar::Bool(value),
            Self::Number(text) => Scalar::Number(text.into_owned().into()),
            Self::String(text) => Scalar::String(text.into_owned().into()),
        }
    }
}

impl KeyValue<'_> {
    pub(crate) fn into_owned(self) -> KeyValue<'static> {
        match self {
            Self::One(scalar) => KeyValue::One(scalar.into_owned()),
            Self::Many(items) => {
                KeyValue::Many(items.into_iter().map(Scalar::into_owned).collect())
            }
        }
    }
}
