//! The certificate under which the service is asked.

use std::time::{Duration, SystemTime};

use super::config::TlsFiles;
use super::secret_file;
use crate::cli::failure::Failure;
use crate::serve::{Tls, TlsError};

/// An end that is nearer than this is told.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Bytes of either file: a chain has a few thousand.
const MOST: u64 = 1 << 20;

/// Reads a certificate with its key.
pub(super) fn read(files: &TlsFiles) -> Result<Tls, Failure> {
    let certificate = secret_file::read(&files.certificate, "the certificate", MOST)?;
    let key = secret_file::read(&files.key, "the certificate's key", MOST)?;
    Tls::new(&certificate, &key).map_err(|error| {
        let path = match error {
            TlsError::Certificate(_) => &files.certificate,
            TlsError::Key(_) | TlsError::OfAnother => &files.key,
        };
        Failure::Other(format!("{}: {error}", path.display()))
    })
}

/// When it ends, for people.
pub(super) fn end(tls: &Tls) -> String {
    shown(tls.validity().1)
}

/// Who else has the key can be the service for its clients.
pub(super) fn open_key(files: &TlsFiles) -> Option<String> {
    let path = files.key.display();
    let is_private = secret_file::is_private(&files.key);
    (!is_private)
        .then(|| format!("others may read or change the certificate's key: chmod 600 {path}"))
}

/// What clients will have against it. `hosts` are the names under which the service is asked, with or without a port.
pub(super) fn warnings(tls: &Tls, hosts: &[String]) -> Vec<String> {
    let now = SystemTime::now();
    let (begins, ends) = tls.validity();
    let mut warnings = Vec::new();
    if now < begins {
        let begins = shown(begins);
        warnings.push(format!("the certificate isn't valid before {begins}"));
    }
    if ends <= now {
        warnings.push(format!("the certificate ended on {}", shown(ends)));
    } else if ends <= now + SOON {
        warnings.push(format!("the certificate ends soon, on {}", shown(ends)));
    }
    for host in hosts {
        let name = without_port(host);
        if !tls.is_for(name) {
            warnings.push(format!(
                "the certificate isn't for {}",
                crate::text::visible_line(name)
            ));
        }
    }
    warnings
}

/// A host without its port, and an address of IPv6 without its brackets.
fn without_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

fn shown(time: SystemTime) -> String {
    match jiff::Timestamp::try_from(time) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => "a day that is far away".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_its_name() {
        for (host, name) in [
            ("config.example", "config.example"),
            ("config.example:8443", "config.example"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("[::1]:80", "::1"),
            ("[::1]", "::1"),
        ] {
            assert_eq!(without_port(host), name);
        }
    }
}
