//! Exact decimal numbers, kept as text.

use std::cmp::Ordering;

use rust_decimal::Decimal;

/// The most digits a number may have once its exponent is written out.
const MOST_DIGITS: usize = 128;

/// A number's text without exponent, leading zeros or `+`: `1.5e3` is `1500`. `None` if it is no number or too long.
pub(super) fn plain(text: &str) -> Option<String> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], rest[at + 1..].parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if whole.is_empty() || digits.len() > MOST_DIGITS || !digits.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    if exponent == 0 {
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let sign = if negative { "-" } else { "" };
        return Some(if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        });
    }
    let point = whole.len() as i32 + exponent;
    if point.unsigned_abs() as usize > MOST_DIGITS {
        return None;
    }
    let moved = if point <= 0 {
        format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else if point as usize >= digits.len() {
        format!("{digits}{}", "0".repeat(point as usize - digits.len()))
    } else {
        let (whole, fraction) = digits.split_at(point as usize);
        format!("{whole}.{fraction}")
    };
    plain(&if negative { format!("-{moved}") } else { moved })
}

/// Whether two number texts mean the same number: `1`, `1.0` and `01` do.
pub(super) fn same_number(a: &str, b: &str) -> bool {
    compare(a, b) == Ordering::Equal
}

/// Compares two number texts exactly.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (Parts::of(a), Parts::of(b));
    match (a.negative, b.negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => a.compare_magnitude(&b),
        (true, true) => b.compare_magnitude(&a),
    }
}

struct Parts<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Parts<'t> {
        let unsigned = text.trim_start_matches('-');
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let (whole, fraction) = (
            whole.trim_start_matches('0'),
            fraction.trim_end_matches('0'),
        );
        Parts {
            // There is one zero.
            negative: text.starts_with('-') && !(whole.is_empty() && fraction.is_empty()),
            whole,
            fraction,
        }
    }

    fn compare_magnitude(&self, other: &Parts<'_>) -> Ordering {
        (self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

/// The result of an operation, or why there is no exact one.
pub(super) fn calculate(
    a: &str,
    b: &str,
    operation: impl Fn(Decimal, Decimal) -> Option<Decimal>,
) -> Result<String, String> {
    let parse = |text: &str| {
        Decimal::from_str_exact(text).map_err(|_| {
            format!("{text} has more digits than a step can calculate with exactly (28)")
        })
    };
    let result = operation(parse(a)?, parse(b)?)
        .ok_or_else(|| format!("the result of {a} and {b} is out of range or not exact"))?;
    Ok(result.normalize().to_string())
}

/// A quotient, where it can be written out exactly.
pub(super) fn divide_exactly(a: Decimal, b: Decimal) -> Option<Decimal> {
    let quotient = a.checked_div(b)?;
    (quotient.checked_mul(b)? == a).then_some(quotient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_and_zeros_are_written_out() {
        for (text, wanted) in [
            ("007", "7"),
            ("-0.50", "-0.50"),
            ("1.5e3", "1500"),
            ("1e-2", "0.01"),
            ("-12.34e1", "-123.4"),
            ("0", "0"),
        ] {
            assert_eq!(plain(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "x", "1e999999999", "--1", ".5", "1.2.3"] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    #[test]
    fn comparison_is_exact_beyond_what_a_float_holds() {
        assert!(same_number("1.0", "01"));
        assert!(same_number("-0", "0.00"));
        assert_eq!(
            compare("9007199254740993", "9007199254740992"),
            Ordering::Greater
        );
        assert_eq!(compare("-2", "1"), Ordering::Less);
        assert_eq!(compare("-2", "-10"), Ordering::Greater);
        assert_eq!(compare("0.10", "0.09"), Ordering::Greater);
    }

    #[test]
    fn arithmetic_is_exact_or_refused() {
        assert_eq!(
            calculate("0.1", "0.2", Decimal::checked_add).as_deref(),
            Ok("0.3")
        );
        assert_eq!(calculate("1", "8", divide_exactly).as_deref(), Ok("0.125"));
        assert!(calculate("1", "3", divide_exactly).is_err());
        assert!(calculate("1", "0", divide_exactly).is_err());
    }
}
