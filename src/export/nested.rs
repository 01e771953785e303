//! Documents as nested objects, for serializers: JSON and YAML.

use serde::ser::{Error as _, Serialize, SerializeMap as _, Serializer};

use super::shape::{Body, Content};
use super::what::Export;
use crate::ocl::{Kind, Node, number_text};
use crate::values::Element;

/// Hands a number to a serializer, digit by digit.
pub(super) trait Numbers: Copy {
    fn number<S: Serializer>(self, digits: &str, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Numbers for `serde_json`, whose own type keeps their text and means nothing to other serializers.
#[derive(Clone, Copy)]
struct JsonNumbers;

impl Numbers for JsonNumbers {
    fn number<S: Serializer>(self, digits: &str, serializer: S) -> Result<S::Ok, S::Error> {
        let number: serde_json::Number = digits.parse().map_err(S::Error::custom)?;
        number.serialize(serializer)
    }
}

pub(super) fn json(export: &Export<'_>) -> String {
    let whole = Whole {
        export,
        numbers: JsonNumbers,
    };
    let mut text = serde_json::to_string_pretty(&whole)
        .expect("a text takes every byte, and every number of OCL is one of JSON");
    text.push('\n');
    text
}

/// An export as one value.
pub(super) struct Whole<'e, 'a, N> {
    pub(super) export: &'e Export<'a>,
    pub(super) numbers: N,
}

impl<N: Numbers> Serialize for Whole<'_, '_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = &self.export.parts;
        let numbers = self.numbers;
        if let ([part], false) = (&parts[..], self.export.is_named) {
            return serialize(&part.element, numbers, serializer);
        }
        let mut map = serializer.serialize_map(Some(parts.len()))?;
        for part in parts {
            if let Some(body) = Body::of(&part.element) {
                map.serialize_entry(part.document, &Data { of: &body, numbers })?;
            }
        }
        map.end()
    }
}

fn serialize<S: Serializer>(
    element: &Element<'_>,
    numbers: impl Numbers,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match Body::of(element) {
        Some(body) => Data { of: &body, numbers }.serialize(serializer),
        None => {
            let of = &element.content();
            Data { of, numbers }.serialize(serializer)
        }
    }
}

struct Data<'d, T, N> {
    of: &'d T,
    numbers: N,
}

impl<N: Numbers> Serialize for Data<'_, Body<'_>, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let contents = self.of.contents();
        let numbers = self.numbers;
        let mut map = serializer.serialize_map(Some(contents.len()))?;
        for (name, content) in &contents {
            map.serialize_key(name)?;
            match content {
                Content::Labels(labels) => map.serialize_value(labels)?,
                Content::Position(position) => map.serialize_value(position)?,
                Content::Value(value) => {
                    map.serialize_value(&Data { of: value, numbers })?;
                }
                Content::Blocks(blocks) => {
                    let blocks: Vec<_> = blocks.iter().map(|of| Data { of, numbers }).collect();
                    map.serialize_value(&blocks)?;
                }
            }
        }
        map.end()
    }
}

impl<N: Numbers> Serialize for Data<'_, Node<'_>, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let numbers = self.numbers;
        match self.of.kind() {
            Kind::Number => {
                let digits = self.of.as_number().unwrap_or_default();
                numbers.number(&number_text(digits), serializer)
            }
            Kind::List => {
                let items: Vec<Node<'_>> = self.of.children().collect();
                serializer.collect_seq(items.iter().map(|of| Data { of, numbers }))
            }
            Kind::Dictionary => {
                let mut map = serializer.serialize_map(Some(self.of.children().count()))?;
                for entry in self.of.children() {
                    if let Some(of) = &entry.value() {
                        map.serialize_entry(&entry.name(), &Data { of, numbers })?;
                    }
                }
                map.end()
            }
            _ => self.of.serialize(serializer),
        }
    }
}
