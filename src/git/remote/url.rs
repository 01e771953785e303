//! Where a remote is.

use std::fmt;
use std::path::Path;

use crate::git::error::{Error, Result};
use crate::text;

/// The protocols that Git may speak: none that runs a program of the address's choice, as `ext::` does.
pub(super) const PROTOCOLS: [&str; 5] = ["file", "git", "http", "https", "ssh"];

/// The address of a remote repository, without secrets: `https://..`, `ssh://..`, `git@host:path`, `git://..`, `file://..` or a folder.
///
/// ```
/// use ocl_migrate::git::RemoteUrl;
///
/// assert!(RemoteUrl::parse("ssh://git@example.com/shop.git").is_ok());
/// assert!(RemoteUrl::parse("https://me:secret@example.com/shop.git").is_err());
/// assert!(RemoteUrl::parse("ext::sh -c whatever").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RemoteUrl(String);

impl RemoteUrl {
    /// Takes an address as Git reads it.
    ///
    /// # Errors
    /// [`Error::InvalidRemote`] if Git would take it for an option or run a program for it, if it holds a user's name or a password
    /// where those stand in everybody's lists of processes, or if it is a relative path, which means another folder to each process.
    pub fn parse(url: &str) -> Result<RemoteUrl> {
        match refusal(url) {
            None => Ok(RemoteUrl(url.to_owned())),
            Some(reason) => Err(Error::InvalidRemote {
                url: shown(url),
                reason,
            }),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const PASSWORD_OF_SSH: &str =
    "a password in it would stand in lists of processes and in logs: use a key";

/// Why it can't be a remote.
fn refusal(url: &str) -> Option<String> {
    if url.is_empty() {
        return Some("it is empty".into());
    }
    if url.starts_with('-') {
        return Some("Git would take it for an option".into());
    }
    if url.contains(|c: char| c.is_control()) {
        return Some("it holds a control character".into());
    }
    if let Some((scheme, rest)) = url.split_once("://") {
        return refusal_of(scheme, rest);
    }
    let colon = url.find(':').filter(|colon| !url[..*colon].contains('/'));
    match colon {
        // A drive, as `C:\shop.git`.
        Some(1) if cfg!(windows) => None,
        Some(colon) if url[colon..].starts_with("::") => Some(format!(
            "`{}::` would let it choose a program to run",
            text::visible_line(&url[..colon])
        )),
        Some(colon) => {
            let first = url[colon..].split('/').next().unwrap_or_default();
            if first.contains('@') {
                return Some(PASSWORD_OF_SSH.into());
            }
            refusal_of_host(&url[..colon])
        }
        None if Path::new(url).is_absolute() => None,
        None => Some("a folder needs its whole path, from the root on".into()),
    }
}

fn refusal_of(scheme: &str, rest: &str) -> Option<String> {
    if !PROTOCOLS.contains(&scheme) {
        let scheme = text::visible_line(scheme);
        let known = text::either(PROTOCOLS);
        return Some(format!(
            "the protocol `{scheme}` isn't spoken here: use {known}"
        ));
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    match scheme {
        "file" if host.is_empty() => None,
        "file" => Some("`file://` is followed by a whole path: `file:///srv/shop.git`".into()),
        _ if path.is_empty() => Some("it names no repository behind the host".into()),
        "ssh" => refusal_of_host(host),
        _ if host.contains('@') => Some(
            "a user or a password in it would stand in lists of processes and in logs: let Git ask a credential helper".into(),
        ),
        _ if path.contains(['?', '#']) => Some("`?` and `#` are no part of a repository's address".into()),
        _ if host.is_empty() => Some("it names no host".into()),
        _ => None,
    }
}

/// Of `user@host:port`, as for SSH.
fn refusal_of_host(host: &str) -> Option<String> {
    let (user, name) = host.rsplit_once('@').unwrap_or(("", host));
    if user.contains(':') {
        return Some(PASSWORD_OF_SSH.into());
    }
    // SSH's program would take it for an option.
    if host.starts_with('-') || name.starts_with('-') || name.is_empty() {
        return Some("it names no host".into());
    }
    None
}

/// A refused address for messages: without what may be secret.
fn shown(url: &str) -> String {
    let (before, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = match host.rsplit_once('@') {
        Some((_, name)) => format!("***@{name}"),
        None => host.to_owned(),
    };
    let path = match path.find(['?', '#']) {
        Some(at) => format!("{}***", &path[..=at]),
        None => path.to_owned(),
    };
    text::visible_line(&format!("{before}{host}{path}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_without_secrets_are_taken() {
        for url in [
            "https://example.com/shop.git",
            "http://[::1]:8080/shop.git",
            "ssh://git@example.com:22/shop.git",
            "git@example.com:shop.git",
            "example.com:shop.git",
            "git://127.0.0.1:9418/shop",
            "file:///srv/shop.git",
            "/srv/a b/shop:1.git",
        ] {
            assert_eq!(RemoteUrl::parse(url).unwrap().as_str(), url);
        }
    }

    #[test]
    fn others_are_refused_and_their_secrets_are_not_repeated() {
        for (url, why) in [
            ("", "is empty"),
            ("--upload-pack=touch /tmp/x", "an option"),
            ("-x:y", "an option"),
            ("ext::sh -c touch% /tmp/x", "a program to run"),
            ("fd::17", "a program to run"),
            ("ext://x/y", "isn't spoken"),
            ("HTTPS://example.com/x", "isn't spoken"),
            ("ssh://-oProxyCommand=touch/x", "names no host"),
            ("ssh://git@-oProxyCommand=touch/x", "names no host"),
            ("git@-oProxyCommand=x:y", "names no host"),
            ("https://hunter2@example.com/x", "credential helper"),
            ("https://me:hunter2@example.com/x", "credential helper"),
            ("ssh://me:hunter2@example.com/x", "use a key"),
            ("me:hunter2@example.com/x", "use a key"),
            ("https://example.com/x?token=hunter2", "no part"),
            ("https://example.com", "names no repository"),
            ("https:///x", "names no host"),
            ("file://srv/shop.git", "file:///"),
            ("../shop.git", "whole path"),
            ("https://example.com/x\ny", "control character"),
        ] {
            let error = RemoteUrl::parse(url).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(why), "{url}: {text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
