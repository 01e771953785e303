//! What addresses of all databases have in common.

use crate::store::error::Error;

/// Whether a text begins with one of some schemes, in whatever case.
pub(in crate::store) fn has_scheme(text: &str, schemes: &[&str]) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| schemes.iter().any(|it| scheme.eq_ignore_ascii_case(it)))
}

/// Whether a host, by its name or number, is this machine.
pub(in crate::store) fn is_on_this_machine(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// A part of an address, its `%20`s as what they stand for.
pub(in crate::store) fn decode(value: &str) -> Result<String, Error> {
    let wrong = || Error::Address {
        why: "its %-encoding can't be read".to_owned(),
    };
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).ok_or_else(wrong)?;
        let digits = str::from_utf8(digits).map_err(|_| wrong())?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}
