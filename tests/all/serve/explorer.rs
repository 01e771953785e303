//! The pages for people: refs by version, values as a tree, the search, and the form for a change.

use super::client::{Response, Running};
use super::{configure, configured, path, serve, token, writable};
use crate::support::{Sandbox, everything_in};

const BROWSER: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");

/// Ends what it stands in, and runs where it isn't escaped.
const ATTACK: &str = "</code></textarea></title><script>ran()</script>\u{202e}'\"&";

fn page(running: &Running, question: &str) -> String {
    let page = running.ask("GET", &path(question), &[BROWSER], "");
    assert_eq!(page.status, 200, "{question}: {}", page.text());
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self'"), "{policy}");
    page.text().to_owned()
}

/// Sends a form as a browser does from a page of the service.
fn send(running: &Running, fields: &[(&str, &str)]) -> Response {
    let origin = format!("http://{}", running.address);
    let headers = [("Origin", &*origin), ("Sec-Fetch-Site", "same-origin")];
    send_with(running, &headers, fields)
}

fn send_with(running: &Running, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Response {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let headers = [&[form, BROWSER], headers].concat();
    running.ask("POST", &path("edit"), &headers, &body.join("&"))
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn head(sandbox: &Sandbox, branch: &str) -> String {
    sandbox
        .shell(&format!("git rev-parse {branch}"))
        .trim()
        .to_owned()
}

/// The fields of the form for the width, at a commit.
fn width<'a>(commit: &'a str, value: &'a str, step: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("ref", "refs/heads/main"),
        ("document", "fizz"),
        ("selector", "size.width"),
        ("commit", commit),
        ("form", "text"),
        ("value", value),
        ("message", "Wider"),
        ("step", step),
    ]
}

/// The part of a page between two texts.
fn between<'p>(page: &'p str, open: &str, close: &str) -> &'p str {
    let (_, rest) = page
        .split_once(open)
        .unwrap_or_else(|| panic!("{open}: {page}"));
    rest.split_once(close).unwrap().0
}

#[test]
fn refs_are_listed_by_version_with_what_they_would_do() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let index = page(&running, "");
    for said in [
        "behind, 4 steps pending",
        "ahead: this server is older",
        "uninitialised, 5 steps pending",
        "Choose refs/heads/main",
    ] {
        assert!(index.contains(said), "{said}: {index}");
    }
    let names = |question: &str| -> Vec<String> {
        let page = page(&running, question);
        let rows = page.split("name=\"ref\" value=\"").skip(1);
        rows.filter(|row| row.starts_with("refs/"))
            .map(|row| row.split('"').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names("?version=6"),
        ["refs/heads/main", "refs/heads/several", "refs/tags/v2"]
    );
    assert_eq!(names("?filter=TEAMS"), ["refs/heads/feature/teams"]);
    assert_eq!(names("?filter=heads+ol&state=behind"), ["refs/heads/old"]);
    assert_eq!(names("?filter=nothing+of+this"), [""; 0]);
    let by_name = names("?sort=name&filter=&version=&state=");
    assert!(by_name.is_sorted() && by_name.len() > 8, "{by_name:?}");
    // What isn't there is said on a page, with its status.
    for (question, status) in [
        ("?nothing=1", 400),
        ("?ref=nowhere", 404),
        ("diff?old=nowhere", 404),
    ] {
        let page = running.ask("GET", &path(question), &[BROWSER], "");
        assert_eq!(page.status, status, "{question}");
        assert!(page.text().starts_with("<!doctype html>"), "{question}");
        assert_eq!(
            running.get(&path(question)).header("content-type"),
            Some("application/problem+json")
        );
    }
}

#[test]
fn thousands_of_refs_come_in_pages() {
    let sandbox = Sandbox::new("versions");
    sandbox.shell(
        "commit=$(git rev-parse main); for i in $(seq 1000 5999); do echo \"create refs/heads/team/$i $commit\"; done \
         | git update-ref --stdin",
    );
    let running = serve(&sandbox);
    let first = page(&running, "?filter=team/");
    assert!(first.contains("1 to 200 of 5,000 refs"), "{first}");
    assert!(first.len() < 200_000, "{} bytes", first.len());
    let last = page(&running, "?filter=team/&page=25");
    assert!(last.contains("4,801 to 5,000 of 5,000 refs") && last.contains("team/5999"));
    // Beyond the last there is the last.
    assert!(page(&running, "?filter=team/&page=99").contains("4,801 to 5,000"));
}

#[test]
fn values_are_a_tree_with_their_history_and_who_gave_them() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let all = page(&running, "values?ref=feature/teams");
    for said in [
        // Migrated, and by folder.
        "<bdi class=\"key\">width</bdi> <code>100px</code>",
        "<bdi class=\"key\">team</bdi>",
        "href=\"log?ref=feature/teams&amp;document=fizz&amp;selector=size.width\"",
        "href=\"blame?ref=feature/teams&amp;document=fizz#value/size.width\"",
    ] {
        assert!(all.contains(said), "{said}: {all}");
    }
    assert!(!all.contains("href=\"edit?"), "nothing may be written");
    let part = page(&running, "values?ref=main&document=fizz&selector=size");
    assert!(
        part.contains("id=\"value/size.width\"") && !part.contains("selector=color"),
        "{part}"
    );
    let blame = page(&running, "blame?ref=main&document=fizz");
    assert!(blame.contains("id=\"value/size.width\""), "{blame}");
    let nothing = running.ask(
        "GET",
        &path("values?ref=main&document=fizz&selector=size.widht"),
        &[BROWSER],
        "",
    );
    assert_eq!(nothing.status, 404);
    assert!(
        nothing.text().contains("did you mean"),
        "{}",
        nothing.text()
    );
    assert_eq!(
        running.get(&path("values?ref=main&document=fuzz")).code(),
        "document-not-found"
    );
    let broken = page(&running, "values?ref=broken&document=fizz");
    assert!(broken.contains("class=\"error\""), "{broken}");
}

#[test]
fn what_documents_say_is_never_markup() {
    let sandbox = Sandbox::new("versions");
    let text = serde_json::Value::from(ATTACK).to_string();
    std::fs::write(
        sandbox.path().join("a.ocl"),
        format!("name = {text}\nmany = [{}]\n", "1, ".repeat(9_000) + "1"),
    )
    .unwrap();
    sandbox.run(&[
        "commit",
        "main",
        "-m",
        "Attack",
        "--put",
        "team/attack=a.ocl",
    ]);
    let running = writable(&sandbox);
    for question in [
        "values?ref=main",
        "values?ref=main&document=team/attack",
        "search?q=ran()",
        "edit?ref=main&document=team/attack&selector=name",
        &format!("search?q={}", encoded(ATTACK)),
        &format!("?filter={}", encoded(ATTACK)),
    ] {
        let page = page(&running, question);
        assert!(!page.contains("<script>ran"), "{question}: {page}");
        assert!(page.len() < 3_000_000, "{question}: {} bytes", page.len());
    }
    let long = page(&running, "values?ref=main&document=team/attack");
    assert!(
        long.contains("on a page of its own")
            && long.contains("more, which this page has no room for")
    );
    // What nobody would see isn't edited unseen.
    let edit = page(&running, "edit?ref=main&document=team/attack&selector=name");
    assert!(
        edit.contains("\\u202e") && !edit.contains('\u{202e}'),
        "{edit}"
    );
}

#[test]
fn values_are_searched_in_all_refs_or_in_one() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let all = page(&running, "search?q=WIDTH+100&ref=");
    assert!(all.contains("<p role=\"status\">2 places.</p>"), "{all}");
    assert!(
        all.contains("values?ref=feature/teams&amp;document=fizz&amp;selector=size.width"),
        "{all}"
    );
    // The same value in many refs is one place, and the page says in how many.
    sandbox.shell("for n in 1 2 3 4 5; do git branch same/$n main; done");
    let same = page(&running, "search?q=blue&ref=same/*");
    assert!(same.contains("5 refs: <a"), "{same}");
    let one = page(&running, "search?q=blue&ref=main");
    assert!(one.contains("team/blue") && one.contains("Blue"), "{one}");
    let none = page(&running, "search?q=100%25&ref=main");
    assert!(none.contains("No value has it."), "{none}");
    assert!(page(&running, "search?q=").contains("name=\"q\""));
    for wrong in [
        "search?q=a&ref=nowhere",
        "search?q=a+b+c+d+e+f+g+h+i",
        "search?q=%00",
    ] {
        let answer = running.ask("GET", &path(wrong), &[BROWSER], "");
        assert!(
            (400..500).contains(&answer.status),
            "{wrong}: {}",
            answer.status
        );
    }
}

#[test]
fn forms_ask_for_what_is_filled_in() {
    let sandbox = Sandbox::empty();
    let running = Running::start(sandbox.path(), &[], &["--demo"]);
    let index = page(&running, "");
    for form in ["action=\"search\"", "action=\"uses\"", "action=\"compare\""] {
        assert!(index.contains(form), "{form}: {index}");
    }
    let used = page(&running, "uses?thing=&kind=feed&ref=");
    assert!(used.contains("Things and documents"), "{used}");
    let compared = page(&running, "compare?ref=main&document=&selector=");
    assert!(compared.contains("<nav class=\"ways\""), "{compared}");
    // A program says what it means.
    assert_eq!(running.get(&path("compare?ref=main&document=")).status, 404);
}

#[test]
fn a_value_is_changed_once_its_diff_was_shown() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let tree = page(&running, "values?ref=main");
    assert!(
        tree.contains("href=\"edit?ref=main&amp;document=fizz&amp;selector=size.width\""),
        "{tree}"
    );
    let form = page(&running, "edit?ref=main&document=fizz&selector=size.width");
    let commit = head(&sandbox, "main");
    assert!(
        form.contains(&format!("name=\"commit\" value=\"{commit}\"")),
        "{form}"
    );
    assert_eq!(
        between(&form, "<textarea", "</textarea>").split('>').nth(1),
        Some("\n100")
    );
    let before = everything_in(sandbox.path());
    let shown = send(&running, &width(&commit, "1<2\r\n3", "show"));
    assert_eq!(shown.status, 200, "{}", shown.text());
    assert!(
        shown.text().contains("What would be committed") && shown.text().contains("1&lt;2"),
        "{}",
        shown.text()
    );
    assert!(before == everything_in(sandbox.path()), "only shown");
    let done = send(&running, &width(&commit, "1<2\r\n3", "write"));
    assert_eq!(done.status, 303, "{}", done.text());
    let written = head(&sandbox, "main");
    let link = done.header("location").unwrap();
    assert_eq!(
        link,
        format!("./?ref=refs%2Fheads%2Fmain&written={written}")
    );
    assert!(
        sandbox
            .shell("git log -1 --format=%s main")
            .contains("Wider")
    );
    let export = sandbox.run(&["export", "main", "fizz", "size.width", "--as", "json"]);
    assert!(export.contains("1<2\\n3"), "{export}");
    let after = page(&running, &link[2..]);
    assert!(after.contains("Committed: the branch is at"), "{after}");
    let forged = page(&running, &format!("?ref=main&written={commit}"));
    assert!(!forged.contains("Committed"), "{forged}");
    // The same once more isn't where its reader saw it: what they wrote stays, beside what is there.
    let late = send(&running, &width(&commit, "250", "write"));
    assert_eq!(late.status, 412, "{}", late.text());
    assert!(
        late.text()
            .contains("Somebody has committed to the branch meanwhile"),
        "{}",
        late.text()
    );
    assert!(
        late.text().contains(">\n250</textarea>")
            && late.text().contains(&format!("value=\"{written}\""))
    );
    assert_eq!(head(&sandbox, "main"), written);
    let (_, log) = running.stop();
    assert!(
        log.contains("\"page\":\"edit\"") && log.contains(&format!("\"commit\":\"{written}\"")),
        "{log}"
    );
}

#[test]
fn what_a_form_cannot_do_is_said_on_its_page() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let commit = head(&sandbox, "main");
    let with = |name: &str, value: &str| {
        let mut fields = width(&commit, "7", "write");
        let place = fields.iter().position(|(known, _)| *known == name);
        let value: &'static str = Box::leak(value.to_owned().into_boxed_str());
        fields[place.unwrap()].1 = value;
        send(&running, &fields)
    };
    let before = everything_in(sandbox.path());
    for (name, value, status) in [
        ("message", " ", 400),
        ("commit", "main", 400),
        ("selector", "size..", 400),
        ("selector", "size.height.depth", 404),
        ("document", "nothing", 404),
        ("ref", "refs/heads/nowhere", 404),
        ("ref", "refs/tags/v2", 422),
        ("step", "go", 400),
        ("step", "", 400),
    ] {
        let answer = with(name, value);
        assert_eq!(answer.status, status, "{name}={value}: {}", answer.text());
        assert!(
            answer.text().starts_with("<!doctype html>"),
            "{name}={value}"
        );
    }
    let mut wrong = width(&commit, "{", "write");
    wrong[4].1 = "json";
    let wrong = send(&running, &wrong);
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.text().contains("isn&#39;t JSON") && wrong.text().contains(">\n{</textarea>"),
        "{}",
        wrong.text()
    );
    assert!(before == everything_in(sandbox.path()));
    let tag = running.ask(
        "GET",
        &path("edit?ref=v2&document=fizz&selector=color"),
        &[BROWSER],
        "",
    );
    assert_eq!(tag.status, 400);
    assert!(tag.text().contains("is no branch"), "{}", tag.text());
}

#[test]
fn only_a_page_of_its_own_sends_a_form() {
    let sandbox = Sandbox::new("versions");
    let running = writable(&sandbox);
    let commit = head(&sandbox, "main");
    let own = format!("http://{}", running.address);
    let fields = width(&commit, "7", "write");
    for headers in [
        &[][..],
        &[("Origin", "null")],
        &[("Origin", "http://evil.example")],
        &[
            ("Origin", &*own),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Mode", "navigate"),
        ],
        &[
            ("Origin", &*own),
            ("Sec-Fetch-Site", "same-site"),
            ("Sec-Fetch-Mode", "navigate"),
        ],
        &[("Sec-Fetch-Site", "same-origin")],
    ] {
        let answer = send_with(&running, headers, &fields);
        assert_eq!(
            (answer.status, &*answer.code()),
            (403, "cross-site"),
            "{headers:?}"
        );
    }
    let origin = [("Origin", &*own), ("Content-Type", "text/plain"), BROWSER];
    let plain = running.ask("POST", &path("edit"), &origin, "ref=main");
    assert_eq!(
        (plain.status, &*plain.code()),
        (415, "media-type-unsupported")
    );
    assert_eq!(head(&sandbox, "main"), commit);
    drop(running);
    // What isn't writable has neither the form nor takes one.
    let running = serve(&sandbox);
    assert_eq!(send(&running, &fields).code(), "not-writable");
    let form = running.get(&path("edit?ref=main&document=fizz&selector=color"));
    assert_eq!((form.status, &*form.code()), (403, "not-writable"));
    assert_eq!(running.ask("POST", &path("values"), &[], "").status, 405);
    assert_eq!(head(&sandbox, "main"), commit);
}

#[test]
fn a_browser_writes_with_a_token_of_that_scope() {
    let sandbox = Sandbox::new("versions");
    configure(&sandbox, "tokens = \"t\"\n", "  writable = true\n");
    let reader = token(&sandbox, "reader", &["--scope", "read"]);
    let writer = token(&sandbox, "writer", &["--scope", "read", "--scope", "write"]);
    let running = configured(&sandbox);
    let commit = head(&sandbox, "main");
    let own = format!("http://{}", running.address);
    let fields = width(&commit, "7", "write");
    let with = |token: &str| {
        // As a browser sends what its user was asked for.
        let bearer = format!("Bearer {token}");
        let tree = running.ask(
            "GET",
            &path("values?ref=main"),
            &[BROWSER, ("Authorization", &bearer)],
            "",
        );
        let headers = [
            ("Origin", &*own),
            ("Sec-Fetch-Site", "same-origin"),
            ("Authorization", &*bearer),
        ];
        (
            tree.text().contains("href=\"edit?"),
            send_with(&running, &headers, &fields),
        )
    };
    let (offered, refused) = with(&reader);
    assert!(!offered);
    assert_eq!((refused.status, &*refused.code()), (403, "token-scope"));
    let (offered, done) = with(&writer);
    assert!(offered);
    assert_eq!(done.status, 303, "{}", done.text());
    assert_ne!(head(&sandbox, "main"), commit);
    let (_, log) = running.stop();
    assert!(log.contains("\"token\":\"writer\",\"project\""), "{log}");
}

/// Without its last slash, the links of a project's page would lead elsewhere.
#[test]
fn a_project_without_its_slash_leads_to_its_page() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let asked = path("?filter=a%20b&sort=name");
    let moved = running.ask("GET", &asked.replacen("/?", "?", 1), &[BROWSER], "");
    assert_eq!(moved.status, 308);
    assert_eq!(
        moved.header("location"),
        asked.strip_prefix("/v1/projects/")
    );
}
