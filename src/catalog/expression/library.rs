//! The implementations of the functions.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;

use regex::{Captures, Regex};

use super::budget::LARGEST_TEXT;
use super::number;
use super::value::{Entries, Value, text_of};

/// Refuses a text that would be too large, before it is made.
fn check_size(bytes: usize) -> Result<(), String> {
    if bytes <= LARGEST_TEXT {
        Ok(())
    } else {
        Err(format!(
            "the text would be larger than {} MiB",
            LARGEST_TEXT >> 20
        ))
    }
}

pub(super) type Outcome<'a> = Result<Value<'a>, String>;

pub(super) fn text<'a>(arguments: &[Value<'a>], index: usize) -> Result<Cow<'a, str>, String> {
    text_of(&arguments[index])
        .ok_or_else(|| format!("expected text, found {}", arguments[index].type_name()))
}

fn list<'a>(arguments: &[Value<'a>], index: usize) -> Result<Vec<Value<'a>>, String> {
    match &arguments[index] {
        Value::Null => Ok(Vec::new()),
        value => value
            .items()
            .ok_or_else(|| format!("expected a list, found {}", value.type_name())),
    }
}

fn object<'a>(arguments: &[Value<'a>], index: usize) -> Result<Entries<'a>, String> {
    match &arguments[index] {
        Value::Null => Ok(Entries::default()),
        value => value
            .entries()
            .ok_or_else(|| format!("expected an object, found {}", value.type_name())),
    }
}

fn number_text<'v>(value: &'v Value<'_>) -> Result<&'v str, String> {
    match value {
        Value::Number(text) => Ok(text),
        other => Err(format!("expected a number, found {}", other.type_name())),
    }
}

fn whole_number(arguments: &[Value<'_>], index: usize) -> Result<i64, String> {
    let text = number_text(&arguments[index])?;
    text.parse()
        .map_err(|_| format!("expected a whole number, found {text}"))
}

pub(super) fn abs<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = number_text(&arguments[0])?;
    Ok(Value::Number(
        text.trim_start_matches('-').to_owned().into(),
    ))
}

pub(super) fn coalesce<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let found = arguments.iter().find(|value| !is_blank(value));
    found
        .cloned()
        .ok_or_else(|| "every value is null or empty".into())
}

pub(super) fn is_blank(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

pub(super) fn compact<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    if let Some(mut entries) = arguments[0].entries() {
        entries.retain(|_, value| !is_blank(value));
        return Ok(Value::map(entries));
    }
    let items = list(arguments, 0)?;
    Ok(Value::list(
        items.into_iter().filter(|item| !is_blank(item)).collect(),
    ))
}

pub(super) fn concat<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut all = Vec::new();
    for index in 0..arguments.len() {
        all.extend(list(arguments, index)?);
    }
    Ok(Value::list(all))
}

pub(super) fn contains<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let holds = list(arguments, 0)?
        .iter()
        .any(|item| item.equals(&arguments[1]));
    Ok(Value::Bool(holds))
}

pub(super) fn distinct<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut items = list(arguments, 0)?;
    let mut kept = HashSet::new();
    items.retain(|item| {
        let mut key = String::new();
        item.write_key(&mut key);
        kept.insert(key)
    });
    Ok(Value::list(items))
}

pub(super) fn endswith<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(
        text(arguments, 0)?.ends_with(&*text(arguments, 1)?),
    ))
}

pub(super) fn startswith<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(
        text(arguments, 0)?.starts_with(&*text(arguments, 1)?),
    ))
}

pub(super) fn strcontains<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(
        text(arguments, 0)?.contains(&*text(arguments, 1)?),
    ))
}

pub(super) fn flatten<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    fn into<'a>(items: Vec<Value<'a>>, flat: &mut Vec<Value<'a>>) {
        for item in items {
            match item.items() {
                Some(inner) => into(inner, flat),
                None => flat.push(item),
            }
        }
    }
    let mut flat = Vec::new();
    into(list(arguments, 0)?, &mut flat);
    Ok(Value::list(flat))
}

pub(super) fn join<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let separator = text(arguments, 0)?;
    let items = list(arguments, 1)?;
    let texts: Result<Vec<_>, _> = (0..items.len()).map(|index| text(&items, index)).collect();
    let texts = texts?;
    let bytes = texts.iter().map(|text| text.len() + separator.len()).sum();
    check_size(bytes)?;
    Ok(Value::string(texts.join(&separator)))
}

pub(super) fn jsonencode<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::string(arguments[0].to_json().to_string()))
}

pub(super) fn keys<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let entries = object(arguments, 0)?;
    Ok(Value::list(
        entries.into_keys().map(Value::String).collect(),
    ))
}

pub(super) fn values<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let entries = object(arguments, 0)?;
    Ok(Value::list(entries.into_values().collect()))
}

pub(super) fn length<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let value = &arguments[0];
    let length = match value {
        Value::Null => 0,
        Value::String(text) => text.chars().count(),
        _ => match (value.items(), value.entries()) {
            (Some(items), _) => items.len(),
            (None, Some(entries)) => entries.len(),
            (None, None) => return Err(format!("{} has no length", value.type_name())),
        },
    };
    Ok(Value::Number(length.to_string().into()))
}

pub(super) fn lower<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::string(text(arguments, 0)?.to_lowercase()))
}

pub(super) fn upper<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::string(text(arguments, 0)?.to_uppercase()))
}

pub(super) fn max<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    extreme(arguments, Ordering::Greater)
}

pub(super) fn min<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    extreme(arguments, Ordering::Less)
}

fn extreme<'a>(arguments: &[Value<'a>], wanted: Ordering) -> Outcome<'a> {
    let mut best = &arguments[0];
    for value in arguments {
        if number::compare(number_text(value)?, number_text(best)?) == wanted {
            best = value;
        }
    }
    Ok(best.clone())
}

pub(super) fn merge<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut merged = Entries::default();
    for index in 0..arguments.len() {
        merged.extend(object(arguments, index)?);
    }
    Ok(Value::map(merged))
}

pub(super) fn regex<'a>(pattern: &Regex, arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 1)?;
    match pattern.captures(&text) {
        Some(captures) => Ok(matched(pattern, &captures)),
        None => Err(format!("{text:?} does not match")),
    }
}

pub(super) fn regexall<'a>(pattern: &Regex, arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 1)?;
    let matches = pattern.captures_iter(&text);
    Ok(Value::list(
        matches
            .map(|captures| matched(pattern, &captures))
            .collect(),
    ))
}

/// A match in the form that Terraform uses: the text, the list of groups, or the object of named groups.
fn matched(pattern: &Regex, captures: &Captures<'_>) -> Value<'static> {
    let group = |index: usize| match captures.get(index) {
        Some(group) => Value::string(group.as_str().to_owned()),
        None => Value::Null,
    };
    let names: Vec<(usize, &str)> = pattern
        .capture_names()
        .enumerate()
        .filter_map(|(index, name)| Some((index, name?)))
        .collect();
    if !names.is_empty() {
        let named = names
            .iter()
            .map(|(index, name)| (Cow::Owned((*name).to_owned()), group(*index)));
        Value::map(named.collect())
    } else if captures.len() > 1 {
        Value::list((1..captures.len()).map(group).collect())
    } else {
        group(0)
    }
}

pub(super) fn regexreplace<'a>(pattern: &Regex, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, replacement) = (text(arguments, 1)?, text(arguments, 2)?);
    let mut replaced = String::new();
    let mut copied = 0;
    for captures in pattern.captures_iter(&text) {
        let whole = captures.get_match();
        replaced.push_str(&text[copied..whole.start()]);
        captures.expand(&replacement, &mut replaced);
        copied = whole.end();
        check_size(replaced.len())?;
    }
    replaced.push_str(&text[copied..]);
    Ok(Value::string(replaced))
}

pub(super) fn replace<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, search, replacement) = (
        text(arguments, 0)?,
        text(arguments, 1)?,
        text(arguments, 2)?,
    );
    if search.is_empty() {
        return Err("the text to search for is empty".into());
    }
    let added = text.matches(&*search).count() * replacement.len();
    check_size(text.len() + added)?;
    Ok(Value::string(text.replace(&*search, &replacement)))
}

pub(super) fn reverse<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut items = list(arguments, 0)?;
    items.reverse();
    Ok(Value::list(items))
}

pub(super) fn slugify<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let name = text(arguments, 0)?;
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let mut slug = slug.trim_matches('-');
    if arguments.len() > 2 {
        let most = usize::try_from(whole_number(arguments, 2)?).unwrap_or(0);
        slug = slug[..slug.len().min(most)].trim_end_matches('-');
    }
    match (slug.is_empty(), arguments.get(1)) {
        (false, _) => Ok(Value::string(slug.to_owned())),
        (true, Some(default)) => Ok(default.clone()),
        (true, None) => Err(format!("{name:?} has no characters for a slug")),
    }
}

pub(super) fn sort<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let items = list(arguments, 0)?;
    let texts: Result<Vec<_>, _> = (0..items.len()).map(|index| text(&items, index)).collect();
    let mut texts = texts?;
    texts.sort();
    Ok(Value::list(texts.into_iter().map(Value::String).collect()))
}

pub(super) fn split<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (separator, text) = (text(arguments, 0)?, text(arguments, 1)?);
    if separator.is_empty() {
        return Err("the separator is empty".into());
    }
    let parts = text
        .split(&*separator)
        .map(|part| Value::string(part.to_owned()));
    Ok(Value::list(parts.collect()))
}

pub(super) fn substr<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    let (offset, length) = (whole_number(arguments, 1)?, whole_number(arguments, 2)?);
    let offset = usize::try_from(offset).map_err(|_| "the offset is negative".to_owned())?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Value::string(
        text.chars().skip(offset).take(length).collect::<String>(),
    ))
}

pub(super) fn tobool<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    match &arguments[0] {
        value @ (Value::Bool(_) | Value::Null) => Ok(value.clone()),
        Value::String(text) if text == "true" => Ok(Value::Bool(true)),
        Value::String(text) if text == "false" => Ok(Value::Bool(false)),
        Value::String(text) => Err(format!("{text:?} is neither \"true\" nor \"false\"")),
        other => Err(format!("{} is not a boolean", other.type_name())),
    }
}

pub(super) fn tonumber<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    match &arguments[0] {
        value @ (Value::Number(_) | Value::Null) => Ok(value.clone()),
        Value::String(text) => match number::plain(text) {
            Some(number) => Ok(Value::Number(number.into())),
            None => Err(format!("{text:?} is not a number")),
        },
        other => Err(format!("{} is not a number", other.type_name())),
    }
}

pub(super) fn tostring<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        _ => text(arguments, 0).map(Value::String),
    }
}

pub(super) fn trim<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, characters) = (text(arguments, 0)?, text(arguments, 1)?);
    let trimmed = text.trim_matches(|c| characters.contains(c));
    Ok(Value::string(trimmed.to_owned()))
}

pub(super) fn trimprefix<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, prefix) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::string(
        text.strip_prefix(&*prefix).unwrap_or(&text).to_owned(),
    ))
}

pub(super) fn trimspace<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::string(text(arguments, 0)?.trim().to_owned()))
}

pub(super) fn trimsuffix<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, suffix) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::string(
        text.strip_suffix(&*suffix).unwrap_or(&text).to_owned(),
    ))
}
