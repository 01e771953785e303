//! `docs/examples/service`: what its files say is what the service takes. The containers themselves are nobody's here to try.

use std::fs;
use std::path::PathBuf;

use saphyr_parser::{Event, Parser};

use crate::support::postgres::postgres;
use crate::support::{Sandbox, project, skipped};

fn file(name: &str) -> PathBuf {
    project().join("docs/examples/service").join(name)
}

/// The texts of a file in YAML, in their order; it is a right one.
fn texts(name: &str) -> Vec<String> {
    let text = fs::read_to_string(file(name)).unwrap();
    let events = Parser::new_from_str(&text).map(|event| event.unwrap().0);
    let texts = events.filter_map(|event| match event {
        Event::Scalar(text, ..) => Some(text.into_owned()),
        _ => None,
    });
    texts.collect()
}

/// The file that says what is served, without what is for readers alone.
fn served() -> String {
    let text = fs::read_to_string(file("serve.hcl")).unwrap();
    let (_, settings) = text.split_once('\n').unwrap();
    settings.to_owned()
}

fn has(texts: &[String], wanted: &[&str]) -> bool {
    texts.windows(wanted.len()).any(|it| it == wanted)
}

#[test]
fn compose_and_kubernetes_run_the_service_by_one_file() {
    let kubernetes = texts("kubernetes.yaml");
    assert!(has(&kubernetes, &["serve.hcl", &served()]), "{}", served());
    assert!(has(
        &kubernetes,
        &["args", "serve", "--config", "/etc/ocl-migrate/serve.hcl"]
    ));
    let compose = texts("compose.yaml");
    let container = fs::read_to_string(file("Containerfile")).unwrap();
    assert!(container.contains("CMD [\"serve\", \"--config\", \"/etc/ocl-migrate/serve.hcl\"]"));
    // Each file that is named is mounted.
    for path in [
        "/etc/ocl-migrate/serve.hcl",
        "/srv/config/shop.git",
        "/run/secrets/ocl-migrate/tokens",
        "/run/secrets/ocl-migrate-tls/tls.crt",
        "/run/secrets/ocl-migrate-tls/tls.key",
    ] {
        assert!(
            served().contains(path) || path.starts_with("/etc"),
            "{path}"
        );
        let is_mounted = |text: &String| text.split(':').nth(1) == Some(path);
        assert!(compose.iter().any(is_mounted), "{path}");
        let folder = path.rsplit_once('/').unwrap().0;
        assert!(has(&kubernetes, &["mountPath", folder]), "{folder}");
    }
    let port = "7878";
    assert!(served().contains(&format!("0.0.0.0:{port}")));
    assert!(has(&compose, &[&format!("443:{port}")]));
    assert!(has(&kubernetes, &["containerPort", port]));
    assert!(container.contains("--profile dist") && container.contains("target/dist/ocl-migrate"));
}

#[test]
fn the_service_takes_the_file_of_the_example() {
    let Some(server) = postgres() else { return };
    if std::process::Command::new("openssl")
        .arg("version")
        .output()
        .is_err()
    {
        return skipped("there is no openssl");
    }
    let sandbox = Sandbox::empty();
    sandbox.shell(
        "set -e; git init -q --bare shop.git
         openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout tls.key -out tls.crt -days 30 \
           -subj /CN=config.example -addext subjectAltName=DNS:config.example 2>/dev/null",
    );
    let here = format!("{}/", sandbox.path().display());
    let mut text = served();
    for folder in [
        "/run/secrets/ocl-migrate/",
        "/run/secrets/ocl-migrate-tls/",
        "/srv/config/",
    ] {
        text = text.replace(folder, &here);
    }
    let address = server.database();
    let text = text.replace("postgres://ocl@database/ocl?sslmode=disable", &address);
    assert!(text.contains(&address), "{text}");
    fs::write(sandbox.path().join("serve.hcl"), text).unwrap();
    let done = |words: &[&str]| {
        let said = sandbox.run_plain(words);
        assert!(said.ends_with("exit 0"), "{words:?}\n{said}");
        said
    };
    // As the compose file's `tables` does it.
    let compose = texts("compose.yaml");
    assert!(has(&compose, &["store", "migrate"]));
    done(&[
        "--repo", "shop.git", "--store", &address, "store", "migrate",
    ]);
    done(&[
        "token",
        "--config",
        "serve.hcl",
        "new",
        "me",
        "--scope",
        "read",
    ]);
    let said = done(&["serve", "--config", "serve.hcl", "--check"]);
    assert!(
        said.contains("1 project can be served, under a certificate"),
        "{said}"
    );
    assert!(!said.contains("warning"), "{said}");
}
