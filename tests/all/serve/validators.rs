//! Validators: what a client has isn't sent again, and what has changed is.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::client::Response;
use super::{fizz, path, serve};
use crate::support::Sandbox;

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let known = |question: &str, tag: &str| {
        running.ask("GET", &path(question), &[("If-None-Match", tag)], "")
    };
    for question in [
        "show?ref=main",
        "status",
        "preview?ref=old",
        "plan?ref=main",
    ] {
        let first = running.get(&path(question));
        let tag = first.header("etag").unwrap().to_owned();
        let again = known(question, &format!("\"other\", {tag}"));
        assert_eq!((again.status, again.body.len()), (304, 0), "{question}");
        assert_eq!(again.header("etag"), Some(&*tag));
        assert_eq!(known(question, "\"other\"").body, first.body);
        let head = running.ask("HEAD", &path(question), &[], "");
        assert_eq!((head.status, head.body.len()), (200, 0), "{question}");
        assert_eq!(head.header("etag"), Some(&*tag));
        assert_eq!(
            head.header("content-length"),
            Some(&*first.body.len().to_string())
        );
    }
    let tag_of = |question: &str| {
        running
            .get(&path(question))
            .header("etag")
            .unwrap()
            .to_owned()
    };
    let questions = [
        "show?ref=main",
        "show?ref=main&to=5",
        "show?ref=main&raw",
        "show?ref=v2",
        "status",
    ];
    let before = questions.map(tag_of);
    for (place, tag) in before.iter().enumerate() {
        assert!(!before[..place].contains(tag), "{}", questions[place]);
    }
    // The branch moves: what is about it changes, and nothing else.
    sandbox.shell("git switch -q main; git commit -q --allow-empty -m x");
    let after = questions.map(tag_of);
    assert_ne!(before[0], after[0]);
    assert_eq!(before[3], after[3]);
    assert_eq!(known(questions[0], &before[0]).status, 200);
}

#[test]
fn an_answer_with_another_warning_is_sent_again() {
    let sandbox = Sandbox::new("versions");
    std::fs::write(
        sandbox.path().join(".ocl-migrate.hcl"),
        "environment \"main\" {\n  ref = \"released\"\n}\n",
    )
    .unwrap();
    sandbox.shell("git branch released main");
    let running = serve(&sandbox);
    // The last one's state is told without making it.
    let questions = ["check?ref=v2", "compare?ref=main", "show?ref=main"];
    let before = questions.map(|question| running.get(&path(question)));
    let again = |place: usize| {
        let tag = before[place].header("etag").unwrap();
        let headers = [("If-None-Match", tag)];
        running.ask("GET", &path(questions[place]), &headers, "")
    };
    // A ref and an environment of one name are at different commits now.
    sandbox.shell("git branch -f released old");
    assert_eq!(again(0).status, 304);
    for place in 1..questions.len() {
        let question = questions[place];
        assert_eq!(before[place].status, 200, "{}", before[place].text());
        assert!(before[place].header("ocl-migrate-told").is_none());
        let changed = again(place);
        assert_eq!(changed.status, 200, "{question}");
        assert_eq!(changed.body, before[place].body, "{question}");
        let told = changed.header("ocl-migrate-told").unwrap_or_default();
        assert!(
            told.contains("`main` is an environment"),
            "{question}: {told}"
        );
        assert_ne!(changed.header("etag"), before[place].header("etag"));
    }
}

#[test]
fn a_change_in_the_store_changes_what_is_imported_from_it() {
    let sandbox = Sandbox::new("versions");
    sandbox.shell(
        "printf 'name = \"Gold\"\\n' > gold.ocl; printf 'name = \"Silver\"\\n' > silver.ocl",
    );
    let [option, catalog] = fizz();
    let store = |words: &[&str]| {
        let done = sandbox.command(&[&[&*option, &*catalog, "store"], words].concat());
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    };
    store(&["init"]);
    store(&["put", "team/gold", "gold.ocl", "--shape", "5"]);
    let running = serve(&sandbox);
    let question = path("show?ref=old");
    let first = running.get(&question);
    assert!(first.text().contains("Gold"), "{}", first.text());
    let tag = first.header("etag").unwrap();
    let known = || running.ask("GET", &question, &[("If-None-Match", tag)], "");
    assert_eq!(known().status, 304);
    store(&["put", "team/gold", "silver.ocl", "--shape", "5"]);
    let changed = known();
    assert_eq!(changed.status, 200);
    assert!(changed.text().contains("Silver"));
}

#[test]
fn an_answer_that_is_kept_is_the_one_of_where_the_ref_stands() {
    let sandbox = Sandbox::new("versions");
    sandbox.shell("git branch other old; git branch moves main");
    let running = serve(&sandbox);
    let question = path("show?ref=moves");
    let at_main = running.get(&question);
    assert_eq!(at_main.status, 200);
    let same = |one: &Response, other: &Response| {
        assert_eq!(one.text(), other.text());
        for header in ["etag", "ocl-migrate-exit-code", "ocl-migrate-told", "vary"] {
            assert_eq!(one.header(header), other.header(header), "{header}");
        }
    };
    same(&running.get(&question), &at_main);
    sandbox.shell("git branch -qf moves other");
    let at_other = running.get(&question);
    assert_ne!(at_other.text(), at_main.text());
    same(&running.get(&question), &at_other);
    sandbox.shell("git branch -qD moves");
    assert_eq!(running.get(&question).status, 404);
    // A tag of the name goes before the branch, and the answer names it.
    sandbox.shell("git branch -q moves main");
    same(&running.get(&question), &at_main);
    sandbox.shell("git tag moves main");
    let tagged = running.get(&question);
    assert!(tagged.text().contains("refs/tags/moves"));
    assert_ne!(tagged.header("etag"), at_main.header("etag"));
    sandbox.shell("git tag -d moves");
    same(&running.get(&question), &at_main);
}

#[test]
fn each_validator_stands_for_one_answer_while_the_ref_and_the_store_move() {
    let sandbox = Sandbox::new("versions");
    sandbox.shell(
        "printf 'name = \"Gold\"\\n' > gold.ocl; printf 'name = \"Silver\"\\n' > silver.ocl; git branch moves old; \
         git branch other $(git commit-tree -p old -m other old^{tree})",
    );
    let [option, catalog] = fizz();
    let store = |words: &[&str]| {
        let done = sandbox.command(&[&[&*option, &*catalog, "store"], words].concat());
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{told}");
    };
    store(&["init"]);
    store(&["put", "team/gold", "gold.ocl", "--shape", "5"]);
    let running = serve(&sandbox);
    let questions = [
        "show?ref=moves",
        "plan?ref=moves",
        "show?ref=moves&raw=true",
    ]
    .map(path);
    let is_over = AtomicBool::new(false);
    let read = |question: &str| {
        let mut answers: BTreeMap<String, String> = BTreeMap::new();
        let mut known = String::new();
        while !is_over.load(Ordering::Relaxed) {
            let response = running.ask("GET", question, &[("If-None-Match", &known)], "");
            let tag = response.header("etag").unwrap().to_owned();
            if response.status == 304 {
                assert_eq!(tag, known, "{question}");
                continue;
            }
            assert_eq!(response.status, 200, "{question}: {}", response.text());
            let text = response.text().to_owned();
            if let Some(before) = answers.insert(tag.clone(), text.clone()) {
                assert_eq!(before, text, "{question}: {tag}");
            }
            known = if answers.len().is_multiple_of(2) {
                tag
            } else {
                "\"none\"".to_owned()
            };
        }
        answers
    };
    let answers = thread::scope(|scope| {
        let readers = questions
            .each_ref()
            .map(|question| scope.spawn(|| read(question)));
        for round in 0..12 {
            let row = ["silver.ocl", "gold.ocl"][round % 2];
            store(&["put", "team/gold", row, "--shape", "5"]);
            sandbox.shell(
                "for at in other old other old other old; do git update-ref refs/heads/moves $at; done",
            );
        }
        is_over.store(true, Ordering::Relaxed);
        readers.map(|reader| reader.join().unwrap())
    });
    // What was said of where it stands now is what is said to whoever asks anew.
    let fresh = serve(&sandbox);
    for (question, answers) in questions.iter().zip(answers) {
        let now = fresh.get(question);
        let said = running.get(question);
        assert_eq!(said.text(), now.text(), "{question}");
        assert_eq!(said.header("etag"), now.header("etag"), "{question}");
        if let Some(before) = answers.get(now.header("etag").unwrap()) {
            assert_eq!(before, now.text(), "{question}");
        }
    }
}
