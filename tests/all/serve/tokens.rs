//! Who may ask.

use super::client::Running;
use super::{check, configured, token};
use crate::support::{Sandbox, project};

/// A repository that two tenants have a project of.
fn of_two_tenants(settings: &str) -> Sandbox {
    let sandbox = Sandbox::new("versions");
    let catalog = project().join("fixtures/catalogs/fizz");
    let project = |name: &str, tenant: &str| {
        format!(
            "project \"{name}\" {{\n  repository = \".\"\n  catalog = {catalog:?}\n  tenant = \"{tenant}\"\n}}\n"
        )
    };
    let text = format!(
        "tokens = \"serve.tokens\"\n{settings}{}{}",
        project("shop", "acme"),
        project("mill", "umbrella")
    );
    std::fs::write(sandbox.path().join("serve.hcl"), text).unwrap();
    sandbox
}

/// Makes a token.
fn new(sandbox: &Sandbox, name: &str, tenant: &str, scopes: &[&str]) -> String {
    let scopes = scopes.iter().flat_map(|scope| ["--scope", scope]);
    let options: Vec<&str> = ["--tenant", tenant].into_iter().chain(scopes).collect();
    token(sandbox, name, &options)
}

fn get(running: &Running, path: &str, token: &str) -> super::client::Response {
    let bearer = format!("Bearer {token}");
    running.ask("GET", path, &[("Authorization", &bearer)], "")
}

#[test]
fn a_token_is_for_its_tenants_projects_and_its_scopes() {
    let sandbox = of_two_tenants("");
    let reader = new(&sandbox, "reader", "acme", &["read"]);
    let watcher = new(&sandbox, "watcher", "umbrella", &["admin"]);
    let running = configured(&sandbox);
    let projects = get(&running, "/v1/projects", &reader);
    assert_eq!(
        projects.text(),
        "{\"format_version\":1,\"projects\":[\"shop\"]}\n"
    );
    let status = |path: &str, token: &str| get(&running, path, token).status;
    assert_eq!(status("/v1/projects/shop/status", &reader), 200);
    assert_eq!(status("/openapi.json", &reader), 200);
    // Another tenant's project is no other than one that isn't there.
    for path in [
        "/v1/projects/mill/status",
        "/v1/projects/mill/",
        "/v1/projects/none/status",
    ] {
        let response = get(&running, path, &reader);
        assert_eq!(
            (response.status, &*response.code()),
            (404, "path-not-found"),
            "{path}"
        );
    }
    for (path, token) in [
        ("/metrics", &reader),
        ("/v1/projects/mill/status", &watcher),
        ("/v1/projects", &watcher),
    ] {
        let response = get(&running, path, token);
        assert_eq!(
            (response.status, &*response.code()),
            (403, "token-scope"),
            "{path}"
        );
    }
    assert_eq!(status("/metrics", &watcher), 200);
    // Without a token, nothing but whether the process runs.
    for path in ["/", "/v1/projects", "/openapi.json", "/metrics", "/nowhere"] {
        let response = running.get(path);
        assert_eq!(
            (response.status, &*response.code()),
            (401, "token-missing"),
            "{path}"
        );
        assert!(response.header("www-authenticate").is_some());
    }
    let wrong = get(&running, "/v1/projects", &reader[..reader.len() - 1]);
    assert_eq!((wrong.status, &*wrong.code()), (401, "token-unknown"));
    assert_eq!(running.get("/healthz").status, 200);
    assert_eq!(running.get("/readyz").status, 200);
    // A browser sends it as the password.
    let basic = base64(&format!(":{reader}"));
    let headers = [("Authorization", &*format!("Basic {basic}"))];
    let page = running.ask("GET", "/v1/projects/shop/", &headers, "");
    assert_eq!(page.status, 200, "{}", page.text());
    let (_, log) = running.stop();
    assert!(log.contains("\"token\":\"reader\""), "{log}");
    assert!(!log.contains(&reader) && !log.contains(&basic), "{log}");
}

fn base64(text: &str) -> String {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new("base64")
        .arg("-w0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let done = child.wait_with_output().unwrap();
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn a_token_is_worth_nothing_once_it_is_revoked() {
    let sandbox = of_two_tenants("");
    let running = configured(&sandbox);
    // One that is made while the service runs counts at once.
    let token = new(&sandbox, "ci", "acme", &["read"]);
    assert_eq!(get(&running, "/v1/projects", &token).status, 200);
    let token_command = |words: &[&str]| {
        let words = [&["token", "--config", "serve.hcl"][..], words].concat();
        sandbox.run_plain(&words)
    };
    let said = token_command(&["new", "ci", "--scope", "read", "--tenant", "acme"]);
    assert!(said.contains("there is a token ci already"), "{said}");
    let said = token_command(&["revoke", "cy"]);
    assert!(said.contains("did you mean ci?"), "{said}");
    let listed = token_command(&["list"]);
    assert!(
        listed.contains(&format!("ends in {}", &token[token.len() - 8..])),
        "{listed}"
    );
    assert!(listed.contains("ci of acme: read; made 2"), "{listed}");
    assert!(!listed.contains(&token));
    let file = sandbox.path().join("serve.tokens");
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(!kept.contains(&token), "{kept}");
    let said = token_command(&["revoke", "ci"]);
    assert!(said.contains("ci is revoked"), "{said}");
    let refused = get(&running, "/v1/projects", &token);
    assert_eq!((refused.status, &*refused.code()), (401, "token-unknown"));
}

#[test]
fn a_file_of_tokens_that_cannot_be_trusted_lets_nobody_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = of_two_tenants("");
    let token = new(&sandbox, "ci", "acme", &["read"]);
    let file = sandbox.path().join("serve.tokens");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let running = configured(&sandbox);
    assert_eq!(get(&running, "/v1/projects", &token).status, 200);
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{good}{{}}\n")).unwrap();
    let refused = get(&running, "/v1/projects", &token);
    assert_eq!((refused.status, &*refused.code()), (503, "tokens-unusable"));
    let ready = running.get("/readyz");
    assert_eq!(ready.status, 503);
    assert!(
        ready.text().contains("the file of tokens can't be used"),
        "{}",
        ready.text()
    );
    let said = check(&sandbox);
    assert!(said.contains("serve.tokens:2: this is no token"), "{said}");
    std::fs::write(&file, &good).unwrap();
    assert_eq!(get(&running, "/v1/projects", &token).status, 200);
    let readable = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&file, readable).unwrap();
    // Nothing else of the file has changed.
    assert_eq!(get(&running, "/v1/projects", &token).status, 503);
    let said = check(&sandbox);
    assert!(said.contains("chmod 600 serve.tokens"), "{said}");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&file, private).unwrap();
    assert_eq!(get(&running, "/v1/projects", &token).status, 200);
    assert_eq!(running.get("/readyz").text(), "ok\n");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(get(&running, "/v1/projects", &token).status, 401);
    assert_eq!(
        running.get("/readyz").text(),
        "ok\nthere are no tokens, so that nobody can ask\n"
    );
    // A pipe into which nobody writes holds nobody up.
    sandbox.shell("mkfifo -m 600 serve.tokens");
    assert_eq!(get(&running, "/v1/projects", &token).status, 503);
    let said = check(&sandbox);
    assert!(
        said.contains("the file of tokens serve.tokens is no plain file"),
        "{said}"
    );
}

#[test]
fn other_addresses_are_served_to_who_has_a_token() {
    let sandbox = of_two_tenants("listen = \"0.0.0.0:0\"\n");
    let token = new(&sandbox, "ci", "acme", &["read"]);
    let said = check(&sandbox);
    assert!(
        said.contains("say by which the service is called"),
        "{said}"
    );
    let file = sandbox.path().join("serve.hcl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("host = \"config.example\"\n{text}")).unwrap();
    let said = check(&sandbox);
    assert!(said.ends_with("exit 0"), "{said}");
    let running = Running::start_at(sandbox.path(), "0.0.0.0:0", &[], &["--config", "serve.hcl"]);
    let bearer = format!("Bearer {token}");
    let headers = [("Host", "config.example"), ("Authorization", &*bearer)];
    assert_eq!(running.ask("GET", "/v1/projects", &headers, "").status, 200);
    assert_eq!(
        running.ask("GET", "/v1/projects", &headers[..1], "").status,
        401
    );
}

#[test]
fn a_slip_in_a_tenants_name_is_told() {
    let sandbox = of_two_tenants("");
    let said = sandbox.run_plain(&[
        "token",
        "--config",
        "serve.hcl",
        "new",
        "x",
        "--scope",
        "read",
        "--tenant",
        "acmee",
    ]);
    assert!(said.contains("did you mean --tenant acme?"), "{said}");
    let said = sandbox.run_plain(&[
        "token",
        "--config",
        "serve.hcl",
        "new",
        "x",
        "--scope",
        "read",
    ]);
    assert!(said.contains("no project without a tenant"), "{said}");
    std::fs::write(
        sandbox.path().join("serve.hcl"),
        "project \"a\" {\n  repository = \".\"\n}\n",
    )
    .unwrap();
    let said = sandbox.run_plain(&["token", "--config", "serve.hcl", "list"]);
    assert!(said.contains("names no file of tokens"), "{said}");
}
