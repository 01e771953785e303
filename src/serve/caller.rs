//! Who asks, and what they may.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, StatusCode};

use super::problem::Problem;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Ask.
    Read,
    /// Commit.
    Write,
    /// See what is about the service itself: its metrics.
    Admin,
}

impl Scope {
    pub(crate) const ALL: [Scope; 3] = [Scope::Read, Scope::Write, Scope::Admin];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Admin => "admin",
        }
    }
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The token's name; none where the service asks for none.
    pub(crate) token: Option<String>,
    pub(crate) scopes: BTreeSet<Scope>,
    /// The projects that there are for them; none: all.
    pub(crate) projects: Option<Arc<BTreeSet<String>>>,
}

impl Caller {
    /// Anybody, where the service asks for no token.
    pub(crate) fn anybody() -> Caller {
        Caller {
            token: None,
            scopes: Scope::ALL.into(),
            projects: None,
        }
    }

    /// Whether there is such a project for them.
    pub(super) fn knows(&self, project: &str) -> bool {
        let known = self.projects.as_ref();
        known.is_none_or(|known| known.contains(project))
    }

    /// Refuses what they may not do.
    pub(super) fn expect(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        let message = format!("this token doesn't have the scope `{}`", scope.name());
        Err(Problem::new(StatusCode::FORBIDDEN, "token-scope", message)
            .with("remedy", "mend".into()))
    }
}

/// The token of a request: `Bearer TOKEN`, or the password of `Basic`, which browsers ask people for.
pub(super) fn token(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, rest) = value.to_str().ok()?.split_once(' ')?;
    let rest = rest.trim();
    match &*scheme.to_ascii_lowercase() {
        "bearer" => Some(rest.to_owned()),
        "basic" => {
            let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
            Some(pair.split_once(':')?.1.to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_the_bearers_or_the_password() {
        let token = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            super::token(&headers)
        };
        for value in [
            "Bearer abc",
            "bearer  abc ",
            "Basic OmFiYw==",
            "Basic bWU6YWJj",
        ] {
            assert_eq!(token(value).as_deref(), Some("abc"), "{value}");
        }
        for value in ["abc", "Bearer", "Digest abc", "Basic abc", "Basic YWJj"] {
            assert_eq!(token(value), None, "{value}");
        }
        let mut two = HeaderMap::new();
        for value in ["Bearer abc", "Bearer abd"] {
            two.append(AUTHORIZATION, value.parse().unwrap());
        }
        assert_eq!(super::token(&two), None);
    }
}
