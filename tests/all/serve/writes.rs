//! Writing through the service.

use std::thread;

use serde_json::{Value, json};

use super::client::{Response, Running};
use super::{check, configure, configured, fizz, path, serve, token, writable};
use crate::support::{Sandbox, everything_in, project};

/// Sends something to be written.
fn post(running: &Running, endpoint: &str, headers: &[(&str, &str)], body: &Value) -> Response {
    let headers = [&[("Content-Type", "application/json")], headers].concat();
    running.ask("POST", &path(endpoint), &headers, &body.to_string())
}

/// The commit of a branch, as a client reads it, ready for `If-Match`.
fn tag_of(running: &Running, branch: &str) -> String {
    let status = running.get(&path(&format!("status?ref={branch}"))).json();
    format!("\"{}\"", status["commit"].as_str().unwrap())
}

fn width(value: Value) -> Value {
    json!({
        "ref": "main", "message": "Wider", "set": [{"address": "fizz size.width", "value": value}],
    })
}

/// What the log says of requests that write.
fn audits(log: &str) -> Vec<Value> {
    let lines = log.lines();
    let audits = lines.map(|line| serde_json::from_str::<Value>(line).unwrap()["audit"].clone());
    audits.filter(|audit| !audit.is_null()).collect()
}

#[test]
fn each_attempt_to_write_is_in_the_log_with_what_it_asks_for() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let tag = tag_of(&running, "main");
    let merge = json!({
        "ref": "main", "from": "nowhere", "ours": ["fizz size"], "theirs": ["fizz"], "message": "M",
    });
    let many: Vec<String> = (0..250).map(|number| format!("team/{number}")).collect();
    let many = json!({"ref": "main", "message": "M", "remove": many});
    let if_match = [("If-Match", &*tag)];
    assert_eq!(post(&running, "merge", &if_match, &merge).status, 404);
    assert_eq!(
        post(&running, "commit", &[], &width(json!("7"))).status,
        428
    );
    assert_eq!(post(&running, "commit", &if_match, &many).status, 404);
    let plain = [("Content-Type", "text/plain"), if_match[0]];
    let body = width(json!("7")).to_string();
    assert_eq!(
        running.ask("POST", &path("commit"), &plain, &body).status,
        415
    );
    let again = [if_match[0], ("Idempotency-Key", "mine")];
    for _ in 0..2 {
        assert_eq!(
            post(&running, "commit", &again, &width(json!("7"))).status,
            200
        );
    }
    let (_, log) = running.stop();
    let audits = audits(&log);
    let statuses: Vec<u64> = audits
        .iter()
        .map(|it| it["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [404, 428, 404, 415, 200, 200], "{log}");
    assert_eq!(
        audits[0]["asked"],
        json!({"from": "nowhere", "ours": ["fizz size"], "theirs": ["fizz"]})
    );
    assert_eq!(audits[1]["code"], "precondition-missing");
    assert_eq!(audits[1]["ref"], "main");
    let asked = &audits[2]["asked"];
    assert_eq!(asked["remove"].as_array().unwrap().len(), 100);
    assert_eq!(asked["left_out"], json!({"remove": 150}));
    assert_eq!(audits[3]["code"], "media-type-unsupported");
    assert_eq!(
        (&audits[4]["replayed"], &audits[5]["replayed"]),
        (&Value::Null, &json!(true))
    );
}

#[test]
fn what_is_wrong_with_a_text_that_is_put_names_its_document() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let tag = tag_of(&running, "main");
    let put = |texts: Value| {
        let body = json!({"ref": "main", "message": "M", "put": texts});
        let refused = post(&running, "commit", &[("If-Match", &*tag)], &body);
        assert!(refused.status == 400 || refused.status == 409 || refused.status == 422);
        refused.json()
    };
    let wrong = put(json!({"team/red": "name = \"R\"\n", "team/a b": "name = \n"}));
    let said = wrong["detail"].as_str().unwrap();
    assert!(said.contains("team/a b:1:"), "{said}");
    let hint = wrong["hint"].as_str().unwrap();
    assert!(hint.contains("'--put=team/a b=FILE'"), "{hint}");
    assert!(hint.contains("--put=team/red=FILE"), "{hint}");
    let empty = put(json!({"team/blue": " "}));
    assert_eq!(
        empty["detail"],
        "the text for team/blue is empty; to remove it: in `remove`, name team/blue"
    );
    let doubled = put(json!({"fizz": "color = \"red\"\ncolor = \"blue\"\n"}));
    assert!(
        doubled["detail"]
            .as_str()
            .unwrap()
            .contains("fizz: the attribute `color`"),
        "{doubled}"
    );
    // What no name can be is told as what it is.
    let nameless = put(json!({"\"a": "name = \"A\"\n"}));
    assert!(
        nameless["detail"].as_str().unwrap().contains("\"a"),
        "{nameless}"
    );
}

fn show(sandbox: &Sandbox, branch: &str) -> String {
    sandbox.run(&["show", branch])
}

#[test]
fn a_change_is_one_commit_by_its_author() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let tag = tag_of(&running, "main");
    let body = json!({
        "ref": "main",
        "message": "All at once",
        "author": {"name": "Zoe", "email": "zoe@example.com"},
        "set": [{"address": "fizz size.width", "value": "7"}],
        "unset": ["fizz color"],
        "put": {"team/a=b": "name = \"New\"\nlead = \"\"\n"},
        "remove": ["team/blue"],
    });
    let done = post(&running, "commit", &[("If-Match", &tag)], &body);
    assert_eq!(done.status, 200, "{}", done.text());
    let commit = done.json()["commit"].as_str().unwrap().to_owned();
    let log = sandbox.shell("git log -1 --format='%H %an <%ae> %cn %s' main");
    assert!(
        log.contains(&format!("{commit} Zoe <zoe@example.com> Ann All at once")),
        "{log}"
    );
    assert_eq!(tag_of(&running, "main"), format!("\"{commit}\""));
    let shown = show(&sandbox, "main");
    assert!(shown.contains("width = \"7\""), "{shown}");
    assert!(
        shown.contains("\"New\"") && !shown.contains("Blue"),
        "{shown}"
    );
    assert!(!shown.contains("color"), "{shown}");
    // The same once more isn't where the client has seen it.
    let again = post(
        &running,
        "commit",
        &[("If-Match", &tag)],
        &width(json!("8")),
    );
    assert_eq!((again.status, &*again.code()), (412, "branch-moved"));
    assert_eq!(again.json()["remedy"], "load_again");
    let (exit, log) = running.stop();
    assert_eq!(exit, Some(0));
    let audits = audits(&log);
    assert_eq!(audits.len(), 2, "{log}");
    for (audit, status) in audits.iter().zip([200, 412]) {
        assert_eq!(audit["status"], status);
        assert_eq!(audit["endpoint"], "commit");
        assert_eq!(audit["ref"], "main");
        assert_eq!(audit["if_match"], tag.trim_matches('"'));
    }
    assert_eq!(audits[0]["commit"], *commit);
    // What was changed and by whom, and no contents.
    assert_eq!(
        audits[0]["asked"],
        json!({
            "author": {"name": "Zoe", "email": "zoe@example.com"},
            "set": ["fizz size.width"], "unset": ["fizz color"], "put": ["team/a=b"], "remove": ["team/blue"],
        })
    );
    assert!(!log.contains("\"New\""), "{log}");
    assert_eq!(audits[1]["code"], "branch-moved");
}

#[test]
fn a_migration_goes_with_the_change_or_alone() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let tag = tag_of(&running, "feature/teams");
    let body = json!({"ref": "feature/teams", "message": "Migrate"});
    let dry = json!({"ref": "feature/teams", "message": "Migrate", "dry_run": true});
    let refused = post(&running, "upgrade", &[("If-Match", &tag)], &body);
    assert_eq!((refused.status, &*refused.code()), (409, "store-needed"));
    let [option, catalog] = fizz();
    let done = sandbox.command(&[&option, &catalog, "store", "init"]);
    assert!(done.status.success());
    // SQLite's own files beside the store come and go with its readers.
    let all = || {
        let git = sandbox.shell("git for-each-ref; git count-objects; git status --short");
        let store = sandbox.command(&[&option, &catalog, "store", "list", "--format", "json"]);
        assert!(store.status.success());
        git + &String::from_utf8_lossy(&store.stdout)
    };
    let before = all();
    let shown = post(&running, "upgrade", &[], &dry);
    assert_eq!(shown.status, 200, "{}", shown.text());
    assert_eq!(before, all());
    let done = post(&running, "upgrade", &[("If-Match", &tag)], &body);
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.json()["version"], 6);
    let tag = tag_of(&running, "feature/teams");
    let nothing = post(&running, "upgrade", &[("If-Match", &tag)], &body);
    assert_eq!(
        (nothing.status, &*nothing.code()),
        (409, "nothing-to-upgrade")
    );
    let restored = json!({
        "ref": "feature/teams", "message": "As it was", "from": "feature/teams~1", "document": ["fizz"],
    });
    let restored = post(&running, "restore", &[("If-Match", &tag)], &restored);
    assert_eq!(
        (restored.status, &*restored.code()),
        (409, "nothing-to-restore")
    );
}

#[test]
fn a_new_branch_must_not_be_there_yet() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let body = json!({
        "ref": "topic", "message": "Begin", "new": true, "from": "main",
        "set": [{"address": "fizz size.width", "value": "7"}],
    });
    let tag = tag_of(&running, "main");
    let refused = post(&running, "commit", &[("If-Match", &tag)], &body);
    assert_eq!((refused.status, &*refused.code()), (412, "branch-moved"));
    let new = [("If-None-Match", "*")];
    assert_eq!(post(&running, "commit", &new, &body).status, 200);
    let again = post(&running, "commit", &new, &body);
    assert_eq!((again.status, &*again.code()), (412, "branch-exists"));
    let existing = post(&running, "commit", &new, &width(json!("7")));
    assert_eq!((existing.status, &*existing.code()), (412, "branch-moved"));
}

#[test]
fn what_is_no_branch_is_not_taken_for_one_that_has_moved() {
    let sandbox = Sandbox::new("versions");
    sandbox.shell("git tag marked main");
    let running = writable(&sandbox);
    let (now, other) = (tag_of(&running, "main"), format!("\"{:040}\"", 1));
    for named in ["marked", now.trim_matches('"')] {
        for tag in [&now, &other] {
            let mut body = width(json!("7"));
            body["ref"] = named.into();
            let refused = post(&running, "commit", &[("If-Match", tag)], &body);
            let told = (refused.status, refused.code());
            assert_eq!(told, (422, "not-a-branch".to_owned()), "{named} {tag}");
        }
    }
}

#[test]
fn what_a_merge_leaves_open_is_listed() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let set = |branch: &str, value: &str| {
        let body = json!({
            "ref": branch, "message": "Change", "set": [{"address": "fizz size.width", "value": value}],
        });
        let tag = tag_of(&running, branch);
        let done = post(&running, "commit", &[("If-Match", &tag)], &body);
        assert_eq!(done.status, 200, "{}", done.text());
    };
    sandbox.shell("git branch side main");
    set("side", "1");
    set("main", "2");
    let tag = tag_of(&running, "main");
    // The message may be left out, and what the client has seen may not.
    let unseen = post(
        &running,
        "merge",
        &[],
        &json!({"ref": "main", "from": "side"}),
    );
    assert_eq!(
        (unseen.status, &*unseen.code()),
        (428, "precondition-missing")
    );
    let dry = post(
        &running,
        "merge?dry_run=true",
        &[("If-Match", &tag)],
        &json!({"ref": "main", "from": "side"}),
    );
    assert_eq!((dry.status, &*dry.code()), (400, "usage"));
    assert_eq!(tag_of(&running, "main"), tag);
    let mut body = json!({"ref": "main", "from": "side", "message": "Merge side"});
    let open = post(&running, "merge", &[("If-Match", &tag)], &body);
    assert_eq!((open.status, &*open.code()), (409, "conflicts"));
    let conflicts = &open.json()["conflicts"];
    assert_eq!(conflicts.as_array().unwrap().len(), 1, "{conflicts}");
    assert_eq!(tag_of(&running, "main"), tag);
    body["theirs"] = json!(["fizz size.width"]);
    let merged = post(&running, "merge", &[("If-Match", &tag)], &body);
    assert_eq!(merged.status, 200, "{}", merged.text());
    assert!(show(&sandbox, "main").contains("width = \"1\""));
}

#[test]
fn what_is_not_understood_or_allowed_writes_nothing() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let tag = tag_of(&running, "main");
    let own = format!("http://{}", running.address);
    let before = everything_in(sandbox.path());
    let body = width(json!("7")).to_string();
    let json_type = ("Content-Type", "application/json");
    let matching = ("If-Match", &*tag);
    for (headers, status, code) in [
        (&[json_type][..], 428, "precondition-missing"),
        (&[matching][..], 415, "media-type-unsupported"),
        (
            &[matching, ("Content-Type", "text/plain")],
            415,
            "media-type-unsupported",
        ),
        (
            &[
                matching,
                ("Content-Type", "application/x-www-form-urlencoded"),
            ],
            415,
            "media-type-unsupported",
        ),
        (
            &[matching, json_type, ("Origin", "http://evil.example")],
            403,
            "cross-site",
        ),
        (
            &[matching, json_type, ("Sec-Fetch-Site", "cross-site")],
            403,
            "cross-site",
        ),
        (&[json_type, ("If-Match", "\"main\"")], 400, "usage"),
        (&[json_type, ("If-Match", "*")], 400, "usage"),
        (&[matching, json_type, ("If-None-Match", "*")], 400, "usage"),
        (
            &[matching, json_type, ("Idempotency-Key", "")],
            400,
            "usage",
        ),
    ] {
        let response = running.ask("POST", &path("commit"), headers, &body);
        assert_eq!(
            (response.status, &*response.code()),
            (status, code),
            "{headers:?}"
        );
    }
    let get = running.get(&path("commit"));
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
    for body in [
        "",
        "[]",
        "{",
        "{}",
        r#"{"ref": "main", "message": "x"}"#,
        r#"{"ref": "main", "message": "x", "sett": []}"#,
        r#"{"ref": "main", "ref": "old", "message": "x", "remove": ["fizz"]}"#,
        r#"{"ref": ["main"], "message": "x", "remove": ["fizz"]}"#,
        r#"{"ref": "main", "message": "x", "remove": "fizz"}"#,
        r#"{"ref": "main", "message": 7, "remove": ["fizz"]}"#,
        r#"{"ref": "main", "message": "x", "put": {"fizz": 7}}"#,
        r#"{"ref": "main", "message": "x", "put": {"fizz": "a = 1", "fizz": "a = 2"}}"#,
        r#"{"ref": "main", "message": "x", "set": [{"address": "fizz", "value": 1}]}"#,
        r#"{"ref": "main", "message": "x", "set": [{"address": "fizz a=1 b", "value": 1}]}"#,
        r#"{"ref": "main", "message": "x", "set": [{"address": "fizz size.width"}]}"#,
        r#"{"ref": "main", "message": "x", "remove": ["fizz"], "dry_run": "true"}"#,
        r#"{"ref": "main", "message": "x", "remove": ["fizz"], "to": "six"}"#,
        r#"{"ref": "main", "message": "x", "remove": ["fizz"], "author": {"name": "x"}}"#,
        r#"{"ref": "main", "message": "x", "remove": ["fizz"], "author": {"name": "a\nb", "email": "x"}}"#,
    ] {
        let response = running.ask("POST", &path("commit"), &[matching, json_type], body);
        assert_eq!(
            (response.status, &*response.code()),
            (400, "usage"),
            "{body}: {}",
            response.text()
        );
    }
    // Nothing in a body is an option, or a file of the service's.
    for body in [
        json!({"ref": "--all", "message": "x", "remove": ["fizz"]}),
        json!({"ref": "main", "message": "x", "remove": ["--put=fizz=/etc/passwd"]}),
        json!({"ref": "main", "message": "x", "put": {"fizz=/etc/passwd": "name = \"x\""}}),
    ] {
        let response = post(&running, "commit", &[matching], &body);
        assert!(
            (400..500).contains(&response.status),
            "{body}: {}",
            response.text()
        );
    }
    assert!(before == everything_in(sandbox.path()));
    let answered = running.ask(
        "POST",
        &path("commit"),
        &[matching, json_type, ("Origin", &own)],
        &body,
    );
    assert_eq!(answered.status, 200, "{}", answered.text());
}

#[test]
fn nothing_is_written_unless_the_configuration_says_so() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let tag = tag_of(&running, "main");
    let refused = post(
        &running,
        "commit",
        &[("If-Match", &tag)],
        &width(json!("7")),
    );
    assert_eq!((refused.status, &*refused.code()), (403, "not-writable"));
    drop(running);
    for (writable, status) in [("true", 200), ("false", 403)] {
        let of_project = format!("  writable = {writable}\n");
        configure(&sandbox, "tokens = \"t\"\n", &of_project);
        let new =
            |name: &str, scopes: &[&str]| token(&sandbox, &format!("{name}-{writable}"), scopes);
        let reader = new("reader", &["--scope", "read"]);
        let writer = new("writer", &["--scope", "read", "--scope", "write"]);
        let running = configured(&sandbox);
        let tag = format!("\"{}\"", sandbox.shell("git rev-parse main").trim());
        let with = |token: &str| {
            let bearer = format!("Bearer {token}");
            let headers = [("If-Match", &*tag), ("Authorization", &*bearer)];
            post(&running, "commit", &headers, &width(json!("9")))
        };
        let refused = with(&reader);
        assert_eq!((refused.status, &*refused.code()), (403, "token-scope"));
        assert_eq!(with(&writer).status, status);
        let (_, log) = running.stop();
        // Also what was refused is in the log.
        for (token, status) in [("reader", 403), ("writer", status)] {
            let token = format!("{token}-{writable}");
            let audits = audits(&log).into_iter();
            let audits = audits.filter(|audit| audit["token"] == *token);
            let statuses: Vec<Value> = audits.map(|audit| audit["status"].clone()).collect();
            assert_eq!(statuses, [status], "{log}");
        }
    }
    std::fs::write(
        sandbox.path().join("serve.hcl"),
        "project \"a\" {\n  repository = \".\"\n  writable = \"yes\"\n}\n",
    )
    .unwrap();
    let said = check(&sandbox);
    assert!(said.contains("must be `true` or `false`"), "{said}");
}

#[test]
fn the_same_request_sent_again_is_answered_as_before() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let tag = tag_of(&running, "main");
    let headers = [("If-Match", &*tag), ("Idempotency-Key", "k1")];
    let first = post(&running, "commit", &headers, &width(json!("7")));
    assert_eq!(first.status, 200, "{}", first.text());
    let again = post(&running, "commit", &headers, &width(json!("7")));
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.header("idempotency-replayed"), None);
    let other = post(&running, "commit", &headers, &width(json!("8")));
    assert_eq!(
        (other.status, &*other.code()),
        (422, "idempotency-key-reused")
    );
    let commits = sandbox.shell("git rev-list --count main");
    assert_eq!(commits.trim(), "2");
    // What was refused stays refused under its key.
    let headers = [("If-Match", &*tag), ("Idempotency-Key", "k2")];
    for replayed in [None, Some("true")] {
        let moved = post(&running, "commit", &headers, &width(json!("8")));
        assert_eq!((moved.status, &*moved.code()), (412, "branch-moved"));
        assert_eq!(moved.header("idempotency-replayed"), replayed);
    }
}

#[test]
fn of_many_who_write_at_once_one_wins() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let tag = tag_of(&running, "main");
    let statuses: Vec<u16> = thread::scope(|scope| {
        let posts = (0..12).map(|number| {
            let (running, tag) = (&running, &tag);
            scope.spawn(move || {
                let body = width(json!(number.to_string()));
                post(running, "commit", &[("If-Match", tag)], &body).status
            })
        });
        let posts: Vec<_> = posts.collect();
        posts.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let won = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(won, 1, "{statuses:?}");
    // Git's own lock may have been held: that can be asked again.
    assert!(
        statuses.iter().all(|it| [200, 409, 412, 503].contains(it)),
        "{statuses:?}"
    );
    assert_eq!(sandbox.shell("git rev-list --count main").trim(), "2");
}

#[test]
fn what_is_too_large_or_too_slow_is_refused() {
    use std::io::{Read as _, Write as _};
    let sandbox = Sandbox::new("versions");
    let catalog = project().join("fixtures/catalogs/fizz");
    let text = format!(
        "limits {{\n  body_mib = 1\n  stall_seconds = 1\n}}\nproject \"default\" {{\n  repository = \".\"\n  catalog = {catalog:?}\n  writable = true\n}}\n"
    );
    std::fs::write(sandbox.path().join("serve.hcl"), text).unwrap();
    let running = Running::start(sandbox.path(), &[], &["--config", "serve.hcl"]);
    let begin = |length: usize| {
        let mut stream = running.connect();
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{{",
            path("commit"),
            running.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    };
    let large = begin(2 << 20);
    assert!(large.starts_with("HTTP/1.1 413 "), "{large}");
    let slow = begin(1_000);
    assert!(slow.starts_with("HTTP/1.1 408 "), "{slow}");
}
