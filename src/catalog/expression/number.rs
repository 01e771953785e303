//! Exact decimal numbers, kept as text.

use std::cmp::Ordering;

use rust_decimal::Decimal;

/// The maximum number of digits, and the largest exponent, of a number that is written without its exponent.
const MOST_DIGITS: usize = 128;

/// A number's text without exponent and leading zeros: `1.5e3` is `1500`. `None` if it isn't a number, or its exponent makes
/// it too long.
pub(super) fn plain(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, whole, fraction) = digits(mantissa)?;
    if exponent == 0 {
        return Some(joined(sign, whole, fraction));
    }
    let shift = exponent.unsigned_abs() as usize;
    if shift > MOST_DIGITS || whole.len() + fraction.len() > MOST_DIGITS {
        return None;
    }
    Some(if exponent > 0 {
        let fraction = format!("{fraction:0<shift$}");
        let (moved, fraction) = fraction.split_at(shift);
        joined(sign, &format!("{whole}{moved}"), fraction)
    } else {
        let whole = format!("{whole:0>shift$}");
        let (whole, moved) = whole.split_at(whole.len() - shift);
        joined(sign, whole, &format!("{moved}{fraction}"))
    })
}

/// The sign of a number without exponent, and its digits before and after the point.
fn digits(text: &str) -> Option<(&str, &str, &str)> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() && are_digits(whole) && are_digits(fraction))
        .then_some((sign, whole, fraction))
}

fn joined(sign: &str, whole: &str, fraction: &str) -> String {
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    match fraction {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// A text that is the same for all texts of equal numbers.
pub(super) fn normal(text: &str) -> String {
    let Parts {
        negative,
        whole,
        fraction,
    } = Parts::of(text);
    joined(if negative { "-" } else { "" }, whole, fraction)
}

/// Whether two texts are the same number: `1`, `1.0` and `01` are.
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
            // Zero has no sign.
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
        let number = Decimal::from_str_exact(text).map_err(|_| {
            format!("{text} has more digits than a step can calculate with exactly (28)")
        });
        number.map(|number| number.normalize())
    };
    let result = operation(parse(a)?, parse(b)?)
        .ok_or_else(|| format!("the result of {a} and {b} is out of range or not exact"))?;
    Ok(result.normalize().to_string())
}

// `Decimal` rounds to the digits that it has room for. A rounded result has fewer digits after the point than the exact one.

/// A sum, if it is exact.
pub(super) fn add_exactly(a: Decimal, b: Decimal) -> Option<Decimal> {
    let sum = a.checked_add(b)?;
    (sum.is_zero() || sum.scale() >= a.scale().max(b.scale())).then_some(sum)
}

/// A difference, if it is exact.
pub(super) fn subtract_exactly(a: Decimal, b: Decimal) -> Option<Decimal> {
    add_exactly(a, -b)
}

/// A product, if it is exact.
pub(super) fn multiply_exactly(a: Decimal, b: Decimal) -> Option<Decimal> {
    let product = a.checked_mul(b)?;
    let is_exact = a.is_zero() || b.is_zero() || product.scale() >= a.scale() + b.scale();
    is_exact.then_some(product)
}

/// A quotient, if it is exact.
pub(super) fn divide_exactly(a: Decimal, b: Decimal) -> Option<Decimal> {
    let quotient = a.checked_div(b)?.normalize();
    (multiply_exactly(quotient, b)? == a).then_some(quotient)
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
        let long = "9".repeat(200);
        assert_eq!(plain(&long).as_deref(), Some(&*long));
        for text in [
            "",
            "x",
            "1e999999999",
            "1e2147483647",
            "1e-2147483648",
            "0.1e2147483647",
            "1e99999999999999999999",
            "1e",
            "--1",
            ".5",
            "1.",
            "1.2.3",
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    #[test]
    fn comparison_is_exact_beyond_the_range_of_floats() {
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
        assert_eq!(calculate("0.1", "0.2", add_exactly).as_deref(), Ok("0.3"));
        assert_eq!(
            calculate("0.10", "0.1", subtract_exactly).as_deref(),
            Ok("0")
        );
        assert_eq!(
            calculate("007", "-0.50", multiply_exactly).as_deref(),
            Ok("-3.5")
        );
        let most = "79228162514264337593543950335";
        assert!(calculate(most, "0.1", add_exactly).is_err());
        assert!(calculate(most, "0.1", subtract_exactly).is_err());
        let fine = "0.12345678901234567891";
        assert!(calculate(fine, fine, multiply_exactly).is_err());
        let finest = "0.0000000000000000000000000001";
        assert!(calculate(finest, finest, multiply_exactly).is_err());
        assert_eq!(calculate(finest, "0", multiply_exactly).as_deref(), Ok("0"));
        assert_eq!(calculate("1", "8", divide_exactly).as_deref(), Ok("0.125"));
        assert!(calculate("1", "3", divide_exactly).is_err());
        // The rounded quotient times three, rounded, is 80 again.
        assert!(calculate("80", "3", divide_exactly).is_err());
        assert!(calculate("1", "0", divide_exactly).is_err());
    }
}
