//! YAML.

use std::cell::RefCell;
use std::fmt;

use serde::ser::Serializer;

use super::nested::{Numbers, Whole};
use super::what::Export;

/// What stands for a number until its digits are written.
const PLACEHOLDER: u64 = 0;

pub(super) fn text(export: &Export<'_>) -> String {
    let digits = RefCell::new(None);
    let mut sink = Sink {
        text: String::new(),
        digits: &digits,
    };
    let whole = Whole {
        export,
        numbers: YamlNumbers(&digits),
    };
    // A text of one line stays on one line.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_fmt_writer_with_options(&mut sink, &whole, options)
        .expect("a text takes every character, and maps, lists and scalars are all there is");
    sink.text
}

/// Numbers keep their digits: a number of the serializer's own would be another text, as 1.1 for 1.10. The serializer writes
/// a placeholder, and the sink puts the digits in its place.
#[derive(Clone, Copy)]
struct YamlNumbers<'d>(&'d RefCell<Option<String>>);

impl Numbers for YamlNumbers<'_> {
    fn number<S: Serializer>(self, digits: &str, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.replace(Some(digits.to_owned()));
        serializer.serialize_u64(PLACEHOLDER)
    }
}

struct Sink<'d> {
    text: String,
    digits: &'d RefCell<Option<String>>,
}

impl fmt::Write for Sink<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let is_white = part.bytes().all(|byte| byte.is_ascii_whitespace());
        match self.digits.take() {
            // Indentation comes before the number.
            Some(digits) if is_white => {
                self.digits.replace(Some(digits));
                self.text.push_str(part);
            }
            Some(digits) if part == PLACEHOLDER.to_string() => self.text.push_str(&digits),
            Some(_) => return Err(fmt::Error),
            None => self.text.push_str(part),
        }
        Ok(())
    }
}
