//! What a browser may be made to ask: a service on loopback answers its own pages, and nobody else's.

use std::net::SocketAddr;

use hyper::header::{HOST, ORIGIN};
use hyper::{HeaderMap, StatusCode, Uri};

use super::problem::Problem;

/// The names under which the service is asked.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    hosts: Vec<String>,
}

impl Guard {
    /// Those of an address, and further ones. A name that leads to the address by somebody else's will is none of them, which
    /// keeps foreign pages out that rebind their own name.
    pub(super) fn new(address: SocketAddr, has_tls: bool, further: &[String]) -> Guard {
        let port = address.port();
        let mut names = further.to_vec();
        names.push(match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        });
        if address.ip().is_loopback() {
            names.push("localhost".into());
        }
        let mut hosts: Vec<String> = names
            .iter()
            .map(|name| format!("{}:{port}", name.to_ascii_lowercase()))
            .collect();
        // A name with a port of its own stands for what is in front of the service.
        hosts.extend(further.iter().map(|name| name.to_ascii_lowercase()));
        if port == if has_tls { 443 } else { 80 } {
            hosts.extend(names.iter().map(|name| name.to_ascii_lowercase()));
        }
        Guard { hosts }
    }

    /// Refuses a request of another name or another site.
    pub(super) fn check(&self, target: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
        let mut hosts = headers.get_all(HOST).iter();
        let mut host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().unwrap_or_default().to_ascii_lowercase(),
            _ => return Err(Problem::usage("a request names one host: `Host`")),
        };
        self.expect_own(&host)?;
        // A target that names a host counts before the header: RFC 9112, 3.2.2.
        if let Some(named) = target.authority() {
            host = named.as_str().to_ascii_lowercase();
            self.expect_own(&host)?;
        }
        let text = |name: &str| headers.get(name).map(|it| it.to_str().unwrap_or_default());
        let foreign = |why: String| Problem::new(StatusCode::FORBIDDEN, "cross-site", why);
        if let Some(origin) = headers.get(ORIGIN) {
            let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
            let own = origin.split_once("://").map(|(_, host)| host);
            if own != Some(&*host) {
                let origin = crate::text::visible_line(&origin).into_owned();
                return Err(foreign(format!(
                    "pages of {origin} may not ask this service"
                )));
            }
        }
        // A link from elsewhere may be followed; a page elsewhere may not load or send anything.
        let is_link = text("sec-fetch-mode") == Some("navigate");
        match text("sec-fetch-site") {
            Some("cross-site" | "same-site") if !is_link => Err(foreign(
                "pages of other sites may not ask this service".into(),
            )),
            _ => Ok(()),
        }
    }

    fn expect_own(&self, host: &str) -> Result<(), Problem> {
        if self.hosts.iter().any(|own| own == host) {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "host-unknown",
            format!(
                "this service isn't called {}: name its hosts in its configuration",
                crate::text::visible_line(host)
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(lines: &[(&'static str, &str)]) -> Option<u16> {
        checked_at("/v1/projects", lines)
    }

    fn checked_at(target: &str, lines: &[(&'static str, &str)]) -> Option<u16> {
        let guard = Guard::new(
            "127.0.0.1:8080".parse().unwrap(),
            false,
            &["Docs.example".into()],
        );
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let checked = guard.check(&target.parse().unwrap(), &headers);
        checked.err().map(|problem| problem.status.as_u16())
    }

    #[test]
    fn only_its_own_names_and_pages_may_ask() {
        let own = ("host", "127.0.0.1:8080");
        for host in [
            "127.0.0.1:8080",
            "LOCALHOST:8080",
            "docs.example",
            "docs.example:8080",
        ] {
            assert_eq!(checked(&[("host", host)]), None, "{host}");
        }
        for host in [
            "evil.example:8080",
            "127.0.0.1",
            "127.0.0.1:81",
            "localhost",
            "",
        ] {
            assert_eq!(checked(&[("host", host)]), Some(421), "{host}");
        }
        assert_eq!(checked(&[]), Some(400));
        assert_eq!(checked(&[own, own]), Some(400));
        for (target, expected) in [
            ("http://127.0.0.1:8080/v1/projects", None),
            ("http://Docs.Example/v1/projects", None),
            ("http://evil.example/v1/projects", Some(421)),
            ("http://me@127.0.0.1:8080/", Some(421)),
            ("evil.example:443", Some(421)),
        ] {
            assert_eq!(checked_at(target, &[own]), expected, "{target}");
        }
        let named = "http://docs.example/";
        let from = |origin| checked_at(named, &[own, ("origin", origin)]);
        assert_eq!(from("http://docs.example"), None);
        assert_eq!(from("http://127.0.0.1:8080"), Some(403));
        assert_eq!(checked_at(named, &[("host", "evil.example")]), Some(421));
        let with = |name, value| checked(&[own, (name, value)]);
        assert_eq!(with("origin", "http://127.0.0.1:8080"), None);
        for origin in ["http://evil.example", "null", "http://localhost:8080", ""] {
            assert_eq!(with("origin", origin), Some(403), "{origin}");
        }
        assert_eq!(with("sec-fetch-site", "same-origin"), None);
        assert_eq!(with("sec-fetch-site", "none"), None);
        assert_eq!(with("sec-fetch-site", "same-site"), Some(403));
        let link = [
            own,
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
        ];
        assert_eq!(checked(&link), None);
        assert_eq!(checked(&link[..2]), Some(403));
    }
}
