//! TLS: a certificate with its key, handshakes, and clients that don't know of it.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use hyper::StatusCode;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{InconsistentKeys, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_cert::Version;
use x509_cert::der::Decode as _;

use super::problem::Problem;

/// A certificate and its key, ready to serve.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    own: CertificateDer<'static>,
    begins: SystemTime,
    ends: SystemTime,
}

/// Why a certificate or its key can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("the certificate can't be used: {0}")]
    Certificate(String),
    #[error("the key can't be used: {0}")]
    Key(String),
    #[error("the key isn't that of the certificate, which must be the first in its file")]
    OfAnother,
}

/// How a TLS record begins that a client sends first.
const HANDSHAKE: u8 = 0x16;

/// No more is read of what a client sends that speaks no TLS, in bytes.
const READ_OF_PLAIN: u64 = 64 << 10;

impl Tls {
    /// Takes a certificate, followed by those that vouch for it, and its key, both as PEM.
    pub(crate) fn new(certificates: &[u8], key: &[u8]) -> Result<Tls, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificates).collect();
        let chain = chain.map_err(|error| TlsError::Certificate(error.to_string()))?;
        let Some(own) = chain.first().cloned() else {
            let why = "there is no `BEGIN CERTIFICATE` in its file";
            return Err(TlsError::Certificate(why.into()));
        };
        let read = x509_cert::Certificate::from_der(&own)
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        if read.tbs_certificate.version != Version::V3 {
            let why = "it is one of an old version, and clients take version 3 alone, as `openssl req -x509` makes it";
            return Err(TlsError::Certificate(why.into()));
        }
        let validity = read.tbs_certificate.validity;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            rustls::pki_types::pem::Error::NoItemsFound => TlsError::Key(
                "there is no `BEGIN PRIVATE KEY` in its file; one under a pass phrase has to be decrypted first".into(),
            ),
            other => TlsError::Key(other.to_string()),
        })?;
        let provider = ring::default_provider();
        let certified = CertifiedKey::from_der(chain, key, &provider);
        let certified = certified.map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::OfAnother,
            rustls::Error::InvalidCertificate(why) => TlsError::Certificate(why.to_string()),
            other => TlsError::Key(other.to_string()),
        })?;
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        let mut config = config
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls {
            config: Arc::new(config),
            own,
            begins: validity.not_before.to_system_time(),
            ends: validity.not_after.to_system_time(),
        })
    }

    /// From when to when the certificate is valid.
    pub(crate) fn validity(&self) -> (SystemTime, SystemTime) {
        (self.begins, self.ends)
    }

    /// Whether the certificate is for a host of this name.
    pub(crate) fn is_for(&self, host: &str) -> bool {
        let parsed = ParsedCertificate::try_from(&self.own);
        let name = ServerName::try_from(host);
        match (parsed, name) {
            (Ok(parsed), Ok(name)) => rustls::client::verify_server_name(&parsed, &name).is_ok(),
            _ => false,
        }
    }

    /// Agrees with a client on a secret. `None` where it speaks no TLS, which it is told.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<Option<TlsStream<TcpStream>>> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first[0] != HANDSHAKE {
            refuse_plain(stream).await?;
            return Ok(None);
        }
        let acceptor = TlsAcceptor::from(self.config.clone());
        acceptor.accept(stream).await.map(Some)
    }
}

/// Answers what isn't encrypted so that a person understands it.
async fn refuse_plain(mut stream: TcpStream) -> io::Result<()> {
    let message = "only HTTPS is spoken here: ask for `https://`";
    let problem = Problem::new(StatusCode::BAD_REQUEST, "tls-expected", message)
        .with("remedy", "mend".into());
    let body = problem.to_json() + "\n";
    let response = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(response.as_bytes()).await?;
    stream.shutdown().await?;
    // Closed with something unread, the connection would be reset, and the answer lost.
    let mut rest = stream.take(READ_OF_PLAIN);
    tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
    Ok(())
}
