//! A service whose projects live elsewhere.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use super::ending::wait_until_it_ends;
use crate::serve::client::{Response, Running};
use crate::support::host::{Host, Protocol};
use crate::support::{Repo, Sandbox, isolated, project, until};

const SECRET: &str = "a secret of the host and of the service";

/// A folder with a remote, and the file of a service for it.
pub(super) struct Served {
    pub(super) sandbox: Sandbox,
    remote: Repo,
}

impl Served {
    pub(super) fn new() -> Served {
        let sandbox = Sandbox::new("versions");
        sandbox.shell(
            "git clone -q --bare . remote.git; git -C remote.git config http.receivepack true",
        );
        let remote = Repo::at(&sandbox.path().join("remote.git"));
        let served = Served { sandbox, remote };
        served.write("secret", SECRET);
        served
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.sandbox.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Writes the service's file: `own` is what its one project says, beside its catalog.
    fn config(&self, own: &str) {
        let catalog = project().join("fixtures/catalogs/fizz");
        let catalog = catalog.display();
        let text = format!("project \"shop\" {{\n  catalog = \"{catalog}\"\n{own}\n}}\n");
        self.write("serve.hcl", &text);
    }

    pub(super) fn start(&self) -> Running {
        Running::start(self.sandbox.path(), &[], &["--config", "serve.hcl"])
    }

    /// The same with a project that is written to, and fetched when somebody asks.
    fn start_at(&self, url: &str, mirror: &str) -> Running {
        self.config(&format!(
            "remote = \"{url}\"\nmirror = \"{mirror}\"\nfetch_every = \"24h\"\nwritable = true\n\
             webhook {{\n host = \"github\"\n secret_file = \"secret\"\n}}"
        ));
        self.start()
    }

    fn check(&self, own: &str) -> String {
        self.config(own);
        self.sandbox
            .run_plain(&["serve", "--config", "serve.hcl", "--check"])
    }

    /// The signature of a notice, by `openssl dgst -sha256 -hmac` with the secret.
    fn signature(&self, body: &str) -> String {
        let signature = self.sandbox.shell(&format!(
            "printf '%s' '{body}' | openssl dgst -sha256 -hmac '{SECRET}' | sed 's/.*= //'"
        ));
        format!("sha256={}", signature.trim())
    }

    /// Somebody else's commit at the remote; in the form of `If-Match`.
    fn rival(&self, width: u32) -> String {
        let text = format!("color = \"red\"\n\nsize {{\n    width = \"{width}\"\n}}\n");
        let commit = self
            .remote
            .commit("main", None, &[(".config/fizz.ocl", Some(&text))]);
        format!("\"{commit}\"")
    }
}

fn path(question: &str) -> String {
    format!("/v1/projects/shop/{question}")
}

fn tag(response: &Response) -> String {
    assert_eq!(response.status, 200, "{}", response.text());
    format!("\"{}\"", response.json()["commit"].as_str().unwrap())
}

fn seen(running: &Running, more: &str) -> String {
    tag(&running.get(&path(&format!("status?ref=main{more}"))))
}

fn widen(running: &Running, if_match: &str, width: &str) -> Response {
    let body = json!({
        "ref": "main", "message": "Wider", "set": [{"address": "fizz size.width", "value": width}],
    });
    let headers = [("Content-Type", "application/json"), ("If-Match", if_match)];
    running.ask("POST", &path("commit"), &headers, &body.to_string())
}

/// Waits for what the service fetches when it starts, though that was just done.
fn settle(running: &Running) {
    until("the first fetch", || {
        let metrics = running.get("/metrics");
        metrics.text().contains("ocl_migrate_remote_fetches 2\n")
    });
}

fn told(response: &Response) -> String {
    let told = response.header("ocl-migrate-told").unwrap_or("[]");
    let told: Vec<Value> = serde_json::from_str(told).unwrap();
    let warnings = told
        .iter()
        .filter_map(|it| it["warning"]["message"].as_str());
    warnings.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_remote_is_read_from_its_mirror_and_written_to_by_a_push() {
    for protocol in [Protocol::Git, Protocol::Http(None)] {
        let served = Served::new();
        let host = Host::new(served.sandbox.path(), protocol);
        let running = served.start_at(&host.url("remote.git"), "mirror.git");
        let first = seen(&running, "");
        let answer = running.get(&path("status?ref=main"));
        let age: u64 = answer
            .header("ocl-migrate-fetched")
            .unwrap()
            .parse()
            .unwrap();
        assert!(age < 600 && told(&answer).is_empty());

        // What is there now is seen by whoever asks for it.
        let second = served.rival(1);
        assert_eq!(seen(&running, ""), first);
        assert_eq!(seen(&running, "&fresh=false"), first);
        assert_eq!(seen(&running, "&fresh=true"), second);
        let third = served.rival(2);
        let status = path("status?ref=main");
        let fresh = running.ask(
            "GET",
            &status,
            &[("Cache-Control", "max-age=0, no-cache")],
            "",
        );
        assert_eq!(tag(&fresh), third);
        // It is the same answer either way.
        let known = [("If-None-Match", fresh.header("etag").unwrap())];
        assert_eq!(running.ask("GET", &status, &known, "").status, 304);
        let again = running.ask("GET", &path("status?ref=main&fresh"), &known, "");
        assert_eq!(again.status, 304);
        assert!(again.header("ocl-migrate-fetched").is_some());
        assert_eq!(running.get(&path("?fresh&ref=main")).status, 200);

        let done = widen(&running, &third, "7");
        assert_eq!(done.status, 200, "{}", done.text());
        let commit = done.json()["commit"].as_str().unwrap().to_owned();
        assert_eq!(served.remote.tip("main"), Some(commit.clone()));
        assert_eq!(seen(&running, ""), format!("\"{commit}\""));

        // Who was faster there wins, and is seen at once.
        let rival = served.rival(8);
        let late = widen(&running, &format!("\"{commit}\""), "9");
        assert_eq!((late.status, &*late.code()), (412, "branch-moved"));
        assert_eq!(seen(&running, ""), rival);

        served
            .remote
            .hook("pre-receive", "echo no work on Sundays; exit 1");
        let refused = widen(&running, &rival, "9");
        assert_eq!(
            (refused.status, &*refused.code()),
            (409, "git-remote-refused")
        );
        assert!(
            refused.text().contains("no work on Sundays"),
            "{}",
            refused.text()
        );
        assert_eq!(seen(&running, "&fresh"), rival);
        let (exit, log) = running.stop();
        assert_eq!(exit, Some(0));
        assert!(!log.contains(SECRET), "{log}");
    }
}

#[test]
fn a_remote_that_is_gone_is_read_as_it_was() {
    let served = Served::new();
    let running = served.start_at("remote.git", "mirror.git");
    settle(&running);
    let before = seen(&running, "");
    let (there, gone) = (
        served.sandbox.path().join("remote.git"),
        served.sandbox.path().join("gone"),
    );
    fs::rename(&there, &gone).unwrap();
    let fresh = running.get(&path("status?ref=main&fresh"));
    assert_eq!((fresh.status, &*fresh.code()), (503, "git-remote-failed"));
    let answer = running.get(&path("status?ref=main"));
    assert_eq!(tag(&answer), before);
    let warning = told(&answer);
    assert!(
        warning.contains("so this is as it was")
            && warning.contains("does not appear to be a git repository"),
        "{warning}"
    );
    let ready = running.get("/readyz");
    assert_eq!(ready.status, 200);
    assert!(
        ready
            .text()
            .starts_with("ok\nshop: the remote can't be fetched"),
        "{}",
        ready.text()
    );
    let metrics = running.get("/metrics");
    for line in [
        "ocl_migrate_remotes_failing 1",
        "ocl_migrate_remote_fetches_failed 1",
    ] {
        assert!(
            metrics.text().lines().any(|known| known == line),
            "{}",
            metrics.text()
        );
    }
    // Nothing was sent: the client needn't look whether it was written.
    let refused = widen(&running, &before, "7");
    assert_eq!(
        (refused.status, &*refused.code()),
        (503, "git-remote-failed")
    );
    running.stop();

    // It starts with what it has, and with nothing it doesn't.
    let running = served.start();
    assert_eq!(seen(&running, ""), before);
    until("the warning", || {
        !told(&running.get(&path("status?ref=main"))).is_empty()
    });
    fs::rename(&gone, &there).unwrap();
    assert_eq!(seen(&running, "&fresh"), before);
    assert!(told(&running.get(&path("status?ref=main"))).is_empty());
    assert_eq!(running.get("/readyz").text(), "ok\n");
    assert_eq!(widen(&running, &before, "7").status, 200);
    running.stop();
    fs::rename(&there, &gone).unwrap();
    fs::remove_dir_all(served.sandbox.path().join("mirror.git")).unwrap();
    let said =
        served
            .sandbox
            .run_plain(&["serve", "--config", "serve.hcl", "--listen", "127.0.0.1:0"]);
    assert!(
        said.contains("does not appear to be a git repository"),
        "{said}"
    );
    assert!(said.ends_with("exit 1"), "{said}");
}

#[test]
fn a_mirror_is_fetched_on_its_interval() {
    let served = Served::new();
    served.config("remote = \"remote.git\"\nmirror = \"mirror.git\"\nfetch_every = \"1s\"");
    let running = served.start();
    for width in 1..3 {
        let rival = served.rival(width);
        until("the interval", || seen(&running, "") == rival);
    }
}

#[test]
fn a_notice_of_the_host_counts_where_it_is_signed() {
    let served = Served::new();
    let running = served.start_at("remote.git", "mirror.git");
    settle(&running);
    let before = seen(&running, "");
    let rival = served.rival(1);
    let notice = |headers: &[(&str, &str)], body: &str| {
        running.ask("POST", "/v1/webhooks/shop", headers, body)
    };
    let body = "{\"ref\":\"refs/heads/main\"}";
    let signature = served.signature(body);
    for headers in [
        &[][..],
        &[("X-Hub-Signature-256", "sha256=00")],
        &[
            ("X-Hub-Signature-256", &*signature),
            ("X-Hub-Signature-256", &*signature),
        ],
        &[("X-Gitlab-Token", SECRET)],
        &[("Authorization", "Bearer x")],
    ] {
        let refused = notice(headers, body);
        assert_eq!(
            (refused.status, &*refused.code()),
            (403, "signature-wrong"),
            "{headers:?}"
        );
    }
    let signed = [("X-Hub-Signature-256", &*signature)];
    assert_eq!(notice(&signed, "{}").status, 403);
    assert_eq!(running.get("/v1/webhooks/shop").status, 405);
    assert_eq!(
        running
            .ask("POST", "/v1/webhooks/other", &signed, body)
            .status,
        404
    );
    assert_eq!(seen(&running, ""), before);
    assert_eq!(notice(&signed, body).status, 202);
    until("the notice", || seen(&running, "") == rival);
}

#[test]
fn notices_that_never_end_hold_none_up() {
    let served = Served::new();
    let running = served.start_at("remote.git", "mirror.git");
    settle(&running);
    let begun: Vec<_> = (0..32)
        .map(|_| {
            let mut stream = running.connect();
            let head = format!(
                "POST /v1/webhooks/shop HTTP/1.1\r\nHost: {}\r\nContent-Length: 10000000\r\n\r\n{{",
                running.address
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    let rival = served.rival(1);
    let signature = served.signature("{}");
    let signed = [("X-Hub-Signature-256", &*signature)];
    let taken = running.ask("POST", "/v1/webhooks/shop", &signed, "{}");
    assert_eq!(taken.status, 202, "{}", taken.text());
    until("the notice", || seen(&running, "") == rival);
    // They aren't waited for as long as other bodies.
    for mut stream in begun {
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("after 10 seconds"), "{answer}");
    }
}

#[test]
fn a_service_that_is_stopped_while_it_fetches_first_stops_with_its_git() {
    let served = Served::new();
    let host = Host::new(served.sandbox.path(), Protocol::Git);
    host.set_silent(true);
    served.config(&format!(
        "remote = \"{}\"\nmirror = \"mirror.git\"\nfirst_fetch_within = \"1h\"",
        host.url("remote.git")
    ));
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let connections = host.connections();
        let mut service = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), served.sandbox.path())
            .args(["serve", "--config", "serve.hcl", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("it fetches", || host.connections() > connections);
        let number = service.id().to_string();
        let children = Command::new("ps")
            .args(["-o", "pid=", "--ppid", &number])
            .output();
        let children = String::from_utf8(children.unwrap().stdout).unwrap();
        assert!(!children.trim().is_empty());
        kill(Pid::from_raw(number.parse().unwrap()), signal).unwrap();
        assert_eq!(service.wait().unwrap().code(), Some(0));
        for git in children.split_whitespace() {
            wait_until_it_ends(git);
        }
    }
    // Nothing is in the way of the next start.
    host.set_silent(false);
    let running = served.start();
    assert_eq!(running.get(&path("status?ref=main")).status, 200);
}

#[test]
fn the_hint_for_a_project_s_store_can_be_pasted() {
    let served = Served::new();
    served.config("remote = \"remote.git\"\nmirror = \"mirror.git\"\nstore = \"shop.db\"");
    let serve = ["serve", "--config", "serve.hcl", "--listen", "127.0.0.1:0"];
    let said = served.sandbox.run_plain(&serve);
    let hint = said
        .lines()
        .find_map(|line| line.strip_prefix("hint: make the project known: "));
    let hint = hint.unwrap_or_else(|| panic!("{said}"));
    assert!(hint.contains("--repo mirror.git"), "{hint}");
    let words = hint.strip_prefix("ocl-migrate ").unwrap();
    let words = words.replace("PROJECT", project().to_str().unwrap());
    let words: Vec<&str> = words.split(' ').collect();
    let done = served.sandbox.run_plain(&words);
    assert!(done.ends_with("exit 0"), "{done}");
    let running = served.start();
    let status = running.get(&path("status?ref=main"));
    // It is the project that was meant.
    assert_eq!(status.json()["project_version"], 0);
    assert!(running.stop().1.contains("status"));
}

#[test]
fn what_is_wrong_with_a_remote_is_said_before_anything_is_served() {
    let served = Served::new();
    served.write("short", "short");
    served.write("open", SECRET);
    let open = served.sandbox.path().join("open");
    fs::set_permissions(open, fs::Permissions::from_mode(0o644)).unwrap();
    let mirrored = "mirror = \"mirror.git\"";
    let hook = |rest: &str| format!("remote = \"remote.git\"\n{mirrored}\nwebhook {{\n{rest}\n}}");
    let at = |url: &str| format!("remote = \"{url}\"\n{mirrored}");
    for (own, why) in [
        (
            at("ext::sh -c touch% pwned"),
            "would let it choose a program to run",
        ),
        (at("--upload-pack=touch pwned"), "take it for an option"),
        (at("https://me:hunter2@example.com/x"), "credential helper"),
        (at(""), "it is empty"),
        (at("ftp://example.com/x"), "isn't spoken here"),
        (
            "remote = \"remote.git\"".into(),
            "needs a folder for its mirror",
        ),
        (mirrored.into(), "about a `remote`"),
        (
            format!("repository = \".\"\n{}", at("remote.git")),
            "and not both",
        ),
        (
            "repository = \".\"\nfetch_every = \"1s\"".into(),
            "about a `remote`",
        ),
        (
            "repository = \".\"\nwebhook {\n}".into(),
            "about a `remote`",
        ),
        (
            format!("{}\nfetch_every = \"0s\"", at("remote.git")),
            "expected a time",
        ),
        (
            format!("{}\nfetch_every = \"25h\"", at("remote.git")),
            "expected a time",
        ),
        (
            format!("{}\nfetch_every = \"soon\"", at("remote.git")),
            "expected a time",
        ),
        (
            format!("{}\ngit_within = \"0s\"", at("remote.git")),
            "expected a time",
        ),
        (
            format!("{}\nfirst_fetch_within = \"a day\"", at("remote.git")),
            "expected a time",
        ),
        (
            "repository = \".\"\nfirst_fetch_within = \"10m\"".into(),
            "about a `remote`",
        ),
        (
            at("one.git")
                + "\n}\nproject \"other\" {\n"
                + &at("other.git").replace("mirror.git", "./mirror.git"),
            "its mirror is that of shop, whose remote is another",
        ),
        (
            at("one.git") + "\n}\nproject \"other\" {\n" + &at("one.git") + "\ngit_within = \"5m\"",
            "which says another `git_within`",
        ),
        (
            at("one.git")
                + "\n}\nproject \"other\" {\nrepository = \"mirror.git\"\nwritable = true",
            "the repository of other is the mirror of shop",
        ),
        (
            "remote = \"remote.git\"\nmirror = \"remote.git\"".into(),
            "something else in it",
        ),
        (
            hook("host = \"bitbucket\"\nsecret_file = \"secret\""),
            "github or gitlab",
        ),
        (hook("host = \"gitlab\""), "names a file"),
        (hook("host = \"gitlab\"\nsecret = \"x\""), "secret_file"),
        (
            hook("host = \"gitlab\"\nsecret_file = \"short\""),
            "fewer than 16",
        ),
        (
            hook("host = \"gitlab\"\nsecret_file = \"open\""),
            "chmod 600",
        ),
        (
            hook("host = \"gitlab\"\nsecret_file = \"nowhere\""),
            "nowhere",
        ),
    ] {
        let said = served.check(&own);
        assert!(said.contains(why), "{own}\n{said}");
        assert!(
            !said.ends_with("exit 0") && !said.contains(SECRET) && !said.contains("hunter2"),
            "{said}"
        );
        if !own.contains("hunter2") {
            continue;
        }
        // The line of the file is shown, which is the reader's own.
        let message = said.lines().find(|line| line.starts_with("error:"));
        assert!(!message.unwrap().contains("hunter2"), "{said}");
    }
    // It neither asks the remote nor makes a mirror, and says what is right.
    let said = served.check(&at("https://nowhere.invalid/shop.git"));
    assert!(
        said.contains("1 project can be served") && said.ends_with("exit 0"),
        "{said}"
    );
    assert!(!served.sandbox.path().join("mirror.git").exists());
    let running = served.start_at("remote.git", "mirror.git");
    running.stop();
    let said = served.check(&at("https://nowhere.invalid/shop.git"));
    assert!(
        said.contains("it is the mirror of") && said.ends_with("exit 1"),
        "{said}"
    );
    assert!(!served.sandbox.path().join("pwned").exists());
}

#[test]
fn one_mirror_may_have_several_projects_of_its_remote() {
    let served = Served::new();
    let at = "remote = \"remote.git\"\nmirror = \"mirror.git\"\nfirst_fetch_within = \"10m\"";
    let said = served.check(&format!(
        "{at}\n}}\nproject \"other\" {{\n{at}\nbase_path = \"x\""
    ));
    assert!(said.contains("2 projects can be served"), "{said}");
}

#[test]
fn what_is_no_branch_at_the_remote_is_left_out_and_told() {
    let served = Served::new();
    let tree = served.remote.git(&["rev-parse", "main^{tree}"]);
    fs::write(served.remote.path().join("refs/heads/odd"), tree).unwrap();
    let running = served.start_at("remote.git", "mirror.git");
    settle(&running);
    let answer = running.get(&path("status?ref=main"));
    assert_eq!(answer.status, 200);
    let warning = told(&answer);
    assert!(
        warning.contains("lead to no commit") && warning.contains("refs/heads/odd"),
        "{warning}"
    );
    assert!(running.get("/readyz").text().contains("refs/heads/odd"));
    let done = widen(&running, &seen(&running, "&fresh"), "7");
    assert_eq!(done.status, 200, "{}", done.text());
}

#[test]
fn a_branch_that_the_remote_has_already_is_not_begun() {
    let served = Served::new();
    let running = served.start_at("remote.git", "mirror.git");
    settle(&running);
    served.remote.git(&["branch", "new", "main"]);
    let body = json!({
        "ref": "new", "new": true, "from": "main", "message": "Wider", "set": [{"address": "fizz size.width", "value": "7"}],
    });
    let headers = [("Content-Type", "application/json"), ("If-None-Match", "*")];
    for _ in 0..2 {
        let refused = running.ask("POST", &path("commit"), &headers, &body.to_string());
        assert_eq!(
            (refused.status, &*refused.code()),
            (412, "branch-exists"),
            "{}",
            refused.text()
        );
    }
}

/// Two nodes with a mirror each, and many clients who write to one branch: each wins once, and nobody's work is lost.
#[test]
fn clients_of_two_services_lose_nothing() {
    let served = Served::new();
    let host = Host::new(served.sandbox.path(), Protocol::Git);
    let services =
        ["a.git", "b.git"].map(|mirror| served.start_at(&host.url("remote.git"), mirror));
    let before: usize = served
        .remote
        .git(&["rev-list", "--count", "main"])
        .parse()
        .unwrap();
    thread::scope(|scope| {
        for number in 0..12 {
            let running = &services[number % 2];
            scope.spawn(move || {
                for _ in 0..200 {
                    let done = widen(running, &seen(running, ""), &number.to_string());
                    match done.status {
                        200 => return,
                        409 | 412 => {
                            assert_eq!(done.json()["remedy"], "load_again", "{}", done.text())
                        }
                        _ => panic!("{}", done.text()),
                    }
                }
                panic!("{number} never won");
            });
        }
    });
    let after: usize = served
        .remote
        .git(&["rev-list", "--count", "main"])
        .parse()
        .unwrap();
    assert_eq!(after - before, 12);
    let [one, other] = &services;
    assert_eq!(seen(one, "&fresh"), seen(other, "&fresh"));
}
