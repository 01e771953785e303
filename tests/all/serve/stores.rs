//! Stores that are there when the service begins, and what becomes of them.

use super::{check, configure, configured, fizz, path};
use crate::support::Sandbox;

/// A repository beside a store of its own, and a file that names both.
fn with_store(settings: &str) -> Sandbox {
    let sandbox = Sandbox::new("versions");
    let [option, catalog] = fizz();
    sandbox.shell("printf 'name = \"Gold\"\\n' > gold.ocl; mkdir away");
    for words in [
        &["init"][..],
        &["put", "team/gold", "gold.ocl", "--shape", "5"],
    ] {
        let tenant = ["--tenant", "acme", "--store", "away/shop.db", "store"];
        let words = [&[&*option, &*catalog][..], &tenant, words].concat();
        let done = sandbox.command(&words);
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }
    let of_project = format!("  store = \"away/shop.db\"\n{settings}");
    configure(&sandbox, "", &of_project);
    sandbox
}

const TENANT: &str = "  tenant = \"acme\"\n";

#[test]
fn a_project_is_its_tenants() {
    for (settings, is_theirs) in [(TENANT, true), ("", false)] {
        let sandbox = with_store(settings);
        let running = configured(&sandbox);
        let shown = running.get(&path("show?ref=old"));
        assert_eq!(shown.status, 200, "{}", shown.text());
        assert_eq!(shown.text().contains("Gold"), is_theirs, "{}", shown.text());
    }
    let sandbox = with_store(TENANT);
    let said = sandbox.run_plain(&["--tenant", "acme", "serve", "--config", "serve.hcl"]);
    assert!(said.contains("--tenant is about one project"), "{said}");
    assert!(said.ends_with("exit 2"), "{said}");
}

#[test]
fn a_store_that_is_gone_is_not_answered_without() {
    let sandbox = with_store(TENANT);
    let running = configured(&sandbox);
    let question = path("show?ref=old");
    let first = running.get(&question);
    assert!(first.text().contains("Gold"), "{}", first.text());
    let tag = first.header("etag").unwrap();
    let (there, gone) = (
        sandbox.path().join("away"),
        sandbox.path().join("away.gone"),
    );
    std::fs::rename(&there, &gone).unwrap();
    for asked in ["show?ref=old", "status?ref=old", "preview?ref=old"] {
        let response = running.ask("GET", &path(asked), &[("If-None-Match", tag)], "");
        assert_eq!(
            (response.status, &*response.code()),
            (503, "store-unreachable"),
            "{asked}"
        );
        assert!(
            response.text().contains("was when the service began"),
            "{}",
            response.text()
        );
    }
    let ready = running.get("/readyz");
    assert_eq!(
        (ready.status, ready.text()),
        (503, "the store of default can't be read\n")
    );
    std::fs::rename(&gone, &there).unwrap();
    assert_eq!(running.get(&question).header("etag"), Some(tag));
    assert_eq!(running.get("/readyz").status, 200);
}

#[test]
fn check_finds_a_damaged_store() {
    let sandbox = with_store(TENANT);
    let said = check(&sandbox);
    assert!(said.ends_with("exit 0"), "{said}");
    let file = sandbox.path().join("away/shop.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let page = 4_096;
    assert!(bytes.len() > 3 * page, "{} bytes", bytes.len());
    bytes[2 * page..].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let said = check(&sandbox);
    assert!(
        said.contains("shop.db") && said.contains("damaged"),
        "{said}"
    );
    assert!(said.ends_with("exit 1"), "{said}");
}
