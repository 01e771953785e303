//! Single values.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use prost_reflect::{EnumDescriptor, Kind};

use super::super::subject::{article, choices, shortened, subject};
use super::super::violation::Rule;
use crate::ocl::{Kind as NodeKind, Node};
use crate::text::nearest;

/// What is wrong with a value: the rule, the message, and what was probably meant.
pub(super) type Wrong = (Rule, String, Option<String>);

/// What is wrong with a value for a field of this type; messages aren't for here.
pub(super) fn check(node: Node<'_>, kind: &Kind) -> Option<Wrong> {
    match kind {
        Kind::Bool if node.kind() == NodeKind::Bool => None,
        Kind::Bool => wrong_type(node, "a boolean"),
        Kind::String if is_text(node) => None,
        Kind::String => wrong_type(node, "a string"),
        Kind::Bytes => bytes(node),
        Kind::Enum(of) => name(node, of),
        Kind::Double => decimal(node, |text| text.parse::<f64>().is_ok_and(f64::is_finite)),
        Kind::Float => decimal(node, |text| text.parse::<f32>().is_ok_and(f32::is_finite)),
        Kind::Message(_) => None,
        _ => whole(node, kind),
    }
}

/// Whether a key of a map is one of its type.
pub(super) fn is_key(key: &str, kind: &Kind) -> bool {
    match (kind, range(kind)) {
        (Kind::Bool, _) => matches!(key, "true" | "false"),
        (_, Some((least, most))) => key.parse().is_ok_and(|key| (least..=most).contains(&key)),
        _ => true,
    }
}

pub(super) fn wrong_type(node: Node<'_>, wanted: &str) -> Option<Wrong> {
    let message = format!("{} must be {wanted}, not {}", subject(node), article(node));
    Some((Rule::WrongType, message, None))
}

fn is_text(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        NodeKind::String | NodeKind::Heredoc | NodeKind::Label
    )
}

/// A text of a form that has a name.
pub(super) fn form(node: Node<'_>, noun: &str, fits: impl Fn(&str) -> bool) -> Option<Wrong> {
    let Some(text) = node.as_str() else {
        return wrong_type(node, "a string");
    };
    if fits(&text) {
        return None;
    }
    let it = subject(node);
    let message = format!("{it} is `{}`, which is no {noun}", shortened(&text));
    Some((Rule::WrongText, message, None))
}

/// Seconds, with up to nine digits behind the point: `-1.5s`.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(seconds) = text.strip_suffix('s') else {
        return false;
    };
    let seconds = seconds.strip_prefix('-').unwrap_or(seconds);
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(whole, 12) && digits(fraction, 9)
}

/// Protobuf's JSON takes both alphabets, padded or not.
fn bytes(node: Node<'_>) -> Option<Wrong> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engines = [alphabet::STANDARD, alphabet::URL_SAFE]
        .map(|alphabet| GeneralPurpose::new(&alphabet, config));
    form(node, "base64", |text| {
        engines.iter().any(|engine| engine.decode(text).is_ok())
    })
}

fn name(node: Node<'_>, of: &EnumDescriptor) -> Option<Wrong> {
    let Some(text) = node.as_str() else {
        return wrong_type(node, "a string");
    };
    if of.get_value_by_name(&text).is_some() {
        return None;
    }
    let values: Vec<String> = of.values().map(|value| value.name().to_owned()).collect();
    let message = format!(
        "{} is `{}`; it may be {}",
        subject(node),
        shortened(&text),
        choices(values.iter().map(|value| format!("`{value}`")))
    );
    let near = nearest(&text, values.iter().map(String::as_str));
    Some((Rule::UnknownValue, message, near.map(str::to_owned)))
}

fn decimal(node: Node<'_>, fits: impl Fn(&str) -> bool) -> Option<Wrong> {
    let Some(text) = node.as_number() else {
        return wrong_type(node, "a number");
    };
    if fits(text) {
        return None;
    }
    let message = format!(
        "{} is {}, which is too large",
        subject(node),
        shortened(text)
    );
    Some((Rule::WrongNumber, message, None))
}

fn whole(node: Node<'_>, kind: &Kind) -> Option<Wrong> {
    let (least, most) = range(kind)?;
    let Some(text) = node.as_number() else {
        return wrong_type(node, "a whole number");
    };
    let it = subject(node);
    let shown = shortened(text);
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("{it} must be a whole number, not {shown}");
        return Some((Rule::WrongType, message, None));
    }
    // What is too long for a number of 128 bits is out of any range.
    let is_negative = text.starts_with('-');
    let out = if is_negative { i128::MIN } else { i128::MAX };
    let number = text.parse().unwrap_or(out);
    let bound = if number < least {
        format!("must be at least {least}")
    } else if number > most {
        format!("may be at most {most}")
    } else {
        return None;
    };
    Some((
        Rule::WrongNumber,
        format!("{it} is {shown}; it {bound}"),
        None,
    ))
}

/// The whole numbers of a type.
fn range(kind: &Kind) -> Option<(i128, i128)> {
    Some(match kind {
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => (i32::MIN.into(), i32::MAX.into()),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => (i64::MIN.into(), i64::MAX.into()),
        Kind::Uint32 | Kind::Fixed32 => (0, u32::MAX.into()),
        Kind::Uint64 | Kind::Fixed64 => (0, u64::MAX.into()),
        _ => return None,
    })
}
