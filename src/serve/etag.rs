//! Validators: what says whether an answer is still the one that a client has.

use hyper::HeaderMap;
use hyper::header::IF_NONE_MATCH;

/// A strong validator, as it stands in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ETag(String);

impl ETag {
    /// That of an answer in one form and one encoding.
    pub(super) fn new(digest: &[u8; 32], is_gzip: bool) -> ETag {
        let hex: String = digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        ETag(format!("\"{hex}{}\"", if is_gzip { "-gzip" } else { "" }))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a client has it: weak comparison, as RFC 9110 asks for here.
    pub(super) fn is_known(&self, headers: &HeaderMap) -> bool {
        headers.get_all(IF_NONE_MATCH).iter().any(|value| {
            let listed = value.to_str().unwrap_or_default().split(',').map(str::trim);
            let mut listed = listed.map(|tag| tag.strip_prefix("W/").unwrap_or(tag));
            listed.any(|tag| tag == "*" || tag == self.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_knows_what_it_names() {
        let tag = ETag::new(&[0xab; 32], false);
        let known = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, value.parse().unwrap());
            tag.is_known(&headers)
        };
        let own = tag.as_str().to_owned();
        assert!(known(&own));
        assert!(known(&format!("\"x\", W/{own}")));
        assert!(known("*"));
        assert!(!known("\"x\""));
        assert!(!known(ETag::new(&[0xab; 32], true).as_str()));
        assert!(!tag.is_known(&HeaderMap::new()));
    }
}
