//! Encrypted connections, as `curl` makes them.

use std::io::{Read as _, Write as _};
use std::process::Command;

use nix::sys::signal::{Signal, kill};

use super::client::Running;
use super::{check, configure, configured, token};
use crate::support::{Sandbox, skipped, until};

/// The name under which the service is asked.
const HOST: &str = "config.example";

/// A repository beside certificates for the host, where there are the programs to make and to use them.
fn with_certificates(names: &[&str]) -> Option<Sandbox> {
    let is_there = |program| Command::new(program).arg("version").output().is_ok();
    if !is_there("curl") || !is_there("openssl") {
        skipped("there is no curl, or no openssl");
        return None;
    }
    let sandbox = Sandbox::new("versions");
    for name in names {
        certificate(&sandbox, name, HOST, 30);
    }
    Some(sandbox)
}

/// Makes a certificate for a host and the machine itself, `NAME.pem`, with its key, `NAME.key`.
fn certificate(sandbox: &Sandbox, name: &str, host: &str, days: i32) {
    sandbox.shell(&format!(
        "set -e; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {name}.key -out {name}.pem \
         -days {days} -subj /CN={host} -addext subjectAltName=DNS:{host},IP:127.0.0.1 2>openssl.log || {{ cat openssl.log; exit 1; }}"
    ));
}

fn write(sandbox: &Sandbox, text: &str) {
    configure(sandbox, &format!("{text}\n"), "");
}

fn tls(name: &str) -> String {
    format!(
        "host = \"{HOST}\"\ntls {{\n  certificate = \"{name}.pem\"\n  key = \"{name}.key\"\n}}\n"
    )
}

/// A service with such a file, and its certificate.
fn serve(sandbox: &Sandbox, text: &str) -> Running {
    write(sandbox, text);
    configured(sandbox)
}

/// What `curl` prints, with a certificate that it trusts.
fn curl(sandbox: &Sandbox, running: &Running, trusted: &str, options: &[&str]) -> String {
    let port = running.address.port();
    let done = Command::new("curl")
        .current_dir(sandbox.path())
        .args(["-sS", "--noproxy", "*", "--cacert", trusted])
        .args(["--resolve", &format!("{HOST}:{port}:127.0.0.1")])
        .args(options)
        .arg(format!("https://{HOST}:{port}/v1/projects"))
        .output()
        .unwrap();
    String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned()
}

const ANSWER: &str = "{\"format_version\":1,\"projects\":[\"default\"]}\n";

#[test]
fn a_client_that_trusts_the_certificate_is_answered() {
    let Some(sandbox) = with_certificates(&["one", "other"]) else {
        return;
    };
    let running = serve(&sandbox, &tls("one"));
    for version in [&["--tlsv1.3"][..], &["--tls-max", "1.2"], &["--http2"]] {
        assert_eq!(
            curl(&sandbox, &running, "one.pem", version),
            ANSWER,
            "{version:?}"
        );
    }
    let untrusted = curl(&sandbox, &running, "other.pem", &[]);
    assert!(untrusted.contains("certificate"), "{untrusted}");
    let origin = format!("Origin: https://{HOST}:{}", running.address.port());
    let own = curl(&sandbox, &running, "one.pem", &["-H", &origin]);
    assert_eq!(own, ANSWER);
    // Whoever forgets to encrypt is told, and nothing else.
    let plain = running.get("/v1/projects");
    assert_eq!((plain.status, &*plain.code()), (400, "tls-expected"));
    assert_eq!(running.stop().0, Some(0));
}

#[test]
fn a_hangup_signal_changes_the_certificate_and_not_whether_there_is_one() {
    let Some(sandbox) = with_certificates(&["one", "other"]) else {
        return;
    };
    let running = serve(&sandbox, &tls("one"));
    let reload = |text: &str, trusted: &str| {
        write(&sandbox, text);
        kill(running.pid(), Signal::SIGHUP).unwrap();
        until(trusted, || curl(&sandbox, &running, trusted, &[]) == ANSWER);
    };
    // Once it answers, it knows the signal.
    assert_eq!(curl(&sandbox, &running, "one.pem", &[]), ANSWER);
    reload(&tls("other"), "other.pem");
    assert_ne!(curl(&sandbox, &running, "one.pem", &[]), ANSWER);
    // A key that isn't the certificate's changes nothing, and signals that come too soon are one.
    let wrong = tls("other").replace("other.key", "one.key");
    reload(&wrong, "other.pem");
    running.wait_for_log("the key isn't that of the certificate");
    // Nor does a pipe into which nobody writes, which holds none of the later ones up.
    sandbox.shell("mkfifo pipe");
    reload(&tls("other").replace("other.key", "pipe"), "other.pem");
    running.wait_for_log("is no plain file");
    let without = format!("host = \"{HOST}\"\n");
    reload(&without, "other.pem");
    running.wait_for_log("\"waits_for_restart\":[\"tls\"]");
    reload(&tls("one"), "one.pem");
    let (_, log) = running.stop();
    assert!(
        log.contains("the key isn't that of the certificate"),
        "{log}"
    );
    assert!(log.contains("\"waits_for_restart\":[\"tls\"]"), "{log}");
}

#[test]
fn a_client_that_never_ends_its_handshake_is_let_go() {
    let Some(sandbox) = with_certificates(&["one"]) else {
        return;
    };
    let limits = "limits {\n  head_seconds = 1\n  answers = 1\n}\n";
    let running = serve(&sandbox, &(tls("one") + limits));
    let mut silent = running.connect();
    let mut begun = running.connect();
    // The first bytes of a client's hello, whose length is never there.
    begun.write_all(&[0x16, 3, 1, 2]).unwrap();
    assert_eq!(curl(&sandbox, &running, "one.pem", &[]), ANSWER);
    for stream in [&mut silent, &mut begun] {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty(), "{rest:?}");
    }
    // What is no handshake at all is in the log.
    let mut nonsense = running.connect();
    nonsense.write_all(&[0x16; 64]).unwrap();
    let _ = nonsense.read_to_end(&mut Vec::new());
    assert_eq!(curl(&sandbox, &running, "one.pem", &[]), ANSWER);
    let (exit, log) = running.stop();
    assert_eq!(exit, Some(0));
    assert!(log.contains("\"event\":\"tls-failed\""), "{log}");
}

/// What older releases of OpenSSL make by `openssl x509 -req`.
const OF_VERSION_1: &str = "\
-----BEGIN CERTIFICATE-----
MIIBLDCB0wIUREtzG16Gtop7xMAOU+cfnJS8zB4wCgYIKoZIzj0EAwIwGTEXMBUG
A1UEAwwOY29uZmlnLmV4YW1wbGUwHhcNMjYxMTIzMDAzMDE4WhcNMzYxMTIwMDAz
MDE4WjAZMRcwFQYDVQQDDA5jb25maWcuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABFSX6SHcKA0ZQi+sQ0zPfSFNGgizoaGUWAGLHaoPMZg8sUJbefVO
ka7LF1uuLAT/5yeLcLjzqqDe4e1rtPM0ZzcwCgYIKoZIzj0EAwIDSAAwRQIgaVbq
RU31YSYdI57PBUQE2MZ31MPipvnvUelTZf73WFYCIQCNMQtdQO1czxCdErciUcmc
s/Q0Q8wu+DE7GlPqYnAXAQ==
-----END CERTIFICATE-----
";

#[test]
fn check_tells_what_clients_will_have_against_a_certificate() {
    let Some(sandbox) = with_certificates(&["one"]) else {
        return;
    };
    certificate(&sandbox, "soon", HOST, 3);
    certificate(&sandbox, "elsewhere", "other.example", 30);
    write(&sandbox, &tls("one"));
    let said = check(&sandbox);
    assert!(
        said.contains("under a certificate that ends on 2"),
        "{said}"
    );
    assert!(
        !said.contains("warning") && said.ends_with("exit 0"),
        "{said}"
    );
    let put = |name: &str, text: &str| std::fs::write(sandbox.path().join(name), text).unwrap();
    write(&sandbox, &tls("soon"));
    assert!(check(&sandbox).contains("the certificate ends soon, on 2"));
    write(&sandbox, &tls("elsewhere"));
    assert!(check(&sandbox).contains("the certificate isn't for config.example"));
    sandbox.shell("chmod 644 one.key");
    write(&sandbox, &tls("one"));
    let said = check(&sandbox);
    assert!(
        said.contains("others may read or change the certificate's key: chmod 600 one.key")
            && said.ends_with("exit 0"),
        "{said}"
    );
    sandbox.shell("chmod 600 one.key; mkfifo pipe; truncate -s 1G large");
    put("empty.pem", "");
    put("old.pem", OF_VERSION_1);
    put(
        "locked.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    put(
        "bad.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    for (certificate, key, message) in [
        (
            "one.pem",
            "soon.key",
            "soon.key: the key isn't that of the certificate",
        ),
        ("empty.pem", "one.key", "there is no `BEGIN CERTIFICATE`"),
        (
            "bad.pem",
            "one.key",
            "bad.pem: the certificate can't be used",
        ),
        ("one.pem", "one.pem", "there is no `BEGIN PRIVATE KEY`"),
        ("one.pem", "locked.key", "has to be decrypted first"),
        ("nowhere.pem", "one.key", "nowhere.pem"),
        (
            "one.pem",
            "pipe",
            "the certificate's key pipe is no plain file",
        ),
        ("pipe", "one.key", "the certificate pipe is no plain file"),
        ("one.pem", "large", "at most 1048576 are read"),
    ] {
        write(
            &sandbox,
            &format!("tls {{\n  certificate = \"{certificate}\"\n  key = \"{key}\"\n}}\n"),
        );
        let said = check(&sandbox);
        assert!(said.contains(message), "{message}\n{said}");
        assert!(said.ends_with("exit 1"), "{said}");
    }
    for (text, message) in [
        (
            "tls {\n  certificate = \"one.pem\"\n}",
            "`tls` names two files",
        ),
        (
            "tls {\n  cert = \"one.pem\"\n}",
            "there is no setting `cert` here",
        ),
        ("tls \"a\" {\n}", "takes no label"),
    ] {
        write(&sandbox, text);
        let said = check(&sandbox);
        assert!(said.contains(message), "{message}\n{said}");
    }
}

#[test]
fn other_addresses_are_listened_at_with_tokens_and_a_certificate() {
    let Some(sandbox) = with_certificates(&["one"]) else {
        return;
    };
    write(&sandbox, &tls("one"));
    let at = |listen: &str| {
        sandbox.run_plain(&[
            "serve",
            "--config",
            "serve.hcl",
            "--check",
            "--listen",
            listen,
        ])
    };
    let said = at("0.0.0.0:0");
    assert!(said.contains("without tokens"), "{said}");
    write(&sandbox, &format!("tokens = \"tokens\"\n{}", tls("one")));
    let token = token(&sandbox, "a", &["--scope", "read"]);
    let said = at("0.0.0.0:0");
    assert!(
        !said.contains("on their way") && said.ends_with("exit 0"),
        "{said}"
    );
    let running = Running::start_at(sandbox.path(), "0.0.0.0:0", &[], &["--config", "serve.hcl"]);
    let bearer = format!("Authorization: Bearer {token}");
    assert_eq!(
        curl(&sandbox, &running, "one.pem", &["-H", &bearer]),
        ANSWER
    );
    let refused = curl(&sandbox, &running, "one.pem", &[]);
    assert!(refused.contains("token-missing"), "{refused}");
}
