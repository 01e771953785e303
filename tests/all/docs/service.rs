//! What `curl` prints on the page about the service is what it prints.

use std::process::Command;

use super::pages::{pin, rewrite, shell};
use crate::serve::client::Running;
use crate::support::{project, scratch, skipped};

#[test]
fn curl_prints_what_the_page_shows() {
    if Command::new("curl").arg("--version").output().is_err() {
        return skipped("there is no curl");
    }
    let path = project().join("docs/how-to/serve.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let top = scratch::folder();
    let running = Running::start(top.path(), &[], &["--demo", "--writable"]);
    let address = running.address.to_string();
    let folder = regex::Regex::new(r"[^ ]*/ocl-migrate-demo-\w+").unwrap();
    let written = rewrite(&text, "curl", "console", |_, old| {
        let commands = old.lines().filter_map(|line| line.strip_prefix("$ "));
        let blocks = commands.map(|command| {
            let asked = command.replace("127.0.0.1:7878", &address);
            let printed = shell(top.path(), top.path(), &asked);
            let printed = printed.replace(&address, "127.0.0.1:7878");
            let printed = folder.replace_all(&printed, "~/demo");
            format!("$ {command}\n{printed}")
        });
        blocks.collect()
    });
    assert!(written.contains("\n{\"format_version\":1,"), "{written}");
    pin(&path, &written);
    // Its repository goes with it.
    assert_eq!(running.stop().0, Some(0));
}
