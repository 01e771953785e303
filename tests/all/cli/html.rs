//! `--html FILE`: a page beside the ordinary output.

use std::fs;

use serde_json::json;

use crate::support::Sandbox;

/// What a page can't be without.
fn assert_page(repo: &Sandbox, file: &str, says: &[&str]) {
    let page = fs::read_to_string(repo.path().join(file)).unwrap();
    assert!(page.starts_with("<!doctype html>\n") && page.ends_with("</html>\n"));
    assert!(page.contains("Content-Security-Policy"));
    for text in says {
        assert!(page.contains(text), "{file} doesn't say {text}");
    }
}

/// The output with a page and without is the same, but for the line that says where the page is.
fn assert_beside(arguments: &[&str], file: &str, says: &[&str]) {
    let repo = Sandbox::new("versions");
    let without = repo.run(arguments);
    let with = repo.run(&[arguments, &["--html", file]].concat());
    let mut note = format!("the page is in {file}");
    if arguments.contains(&"json") {
        note = json!({ "format_version": 1, "note": { "message": note } }).to_string();
    }
    note.push('\n');
    let expected = match without.split_once("--- exit") {
        Some((text, exit)) if text.contains("--- stderr") => format!("{text}{note}--- exit{exit}"),
        Some((text, exit)) => format!("{text}--- stderr\n{note}--- exit{exit}"),
        None => unreachable!("every run ends"),
    };
    assert_eq!(with, expected);
    assert_page(&repo, file, says);
}

#[test]
fn a_preview_draws_the_plan_and_the_diffs() {
    let says = [
        "refs/heads/old",
        "The plan by version",
        "Fizz has a color, no longer a colour",
        "<mark>colour</mark> = &quot;red&quot;",
        "there is no store to import team from",
    ];
    assert_beside(&["preview", "old"], "page.html", &says);
    assert_beside(&["preview", "--stat", "old"], "page.html", &says);
    assert_beside(&["--format", "json", "preview", "old"], "page.html", &says);
}

/// The same with the catalog that is built in.
fn assert_beside_plain(arguments: &[&str], file: &str, says: &[&str]) {
    let repo = Sandbox::new("history");
    let without = repo.run_plain(arguments);
    let with = repo.run_plain(&[arguments, &["--html", file]].concat());
    let note = format!("the page is in {file}\n");
    assert_eq!(
        with.replace(&note, "")
            .replace("--- stderr\n--- exit", "--- exit"),
        without
    );
    assert!(with.contains(&note), "{with}");
    assert_page(&repo, file, says);
}

#[test]
fn refs_are_a_table_of_values() {
    let says = [
        "differ between 4 refs",
        "<th scope=\"col\" title=\"main\"><bdi>main</bdi></th>",
        "<th scope=\"row\">size.width</th>",
        "<td class=\"other\"><code>Blue</code></td>",
        "<span class=\"dim\">not there</span>",
        "broken: ",
    ];
    let refs = ["main", "old", "broken", "feature/teams"].map(|name| format!("--refs={name}"));
    let refs: Vec<&str> = refs.iter().map(String::as_str).collect();
    let compare = [&["compare"], &refs[..]].concat();
    assert_beside(&compare, "page.html", &says);
    let json = [&["--format", "json"], &compare[..]].concat();
    assert_beside(&json, "page.html", &says);
    let says = ["differ between 2 refs", "<code>100px</code>"];
    assert_beside(&compare[..3], "page.html", &says);
    // Several projects, and refs that can't be compared.
    let says = [
        "<bdi>main .config</bdi>",
        "future: the branch is at version 99",
    ];
    assert_beside(&["compare"], "page.html", &says);
}

#[test]
fn what_differs_is_a_table_of_before_and_after() {
    let says = [
        "old \u{2192} main",
        "compared in version",
        "<th scope=\"row\">size.width</th><td><span class=\"pill changed\">changed</span></td>\
         <td><code>100px</code></td><td><code>100</code></td>",
        "<span class=\"pill imported\">added</span>",
    ];
    for way in [
        &["diff", "old", "main"][..],
        &["diff", "old", "main", "--stat"],
    ] {
        assert_beside(way, "page.html", &says);
    }
    assert_beside(&["diff", "old", "main", "--text"], "page.html", &says);
    assert_beside(
        &["diff", "main", "main"],
        "page.html",
        &["No value differs."],
    );
}

#[test]
fn a_history_is_a_line_through_the_versions() {
    let edit = "<th scope=\"row\">variable[&quot;Retries&quot;].value{}</th>\
                <td><span class=\"pill changed\">changed</span></td><td><code>5</code></td><td><code>7</code></td>";
    let says = [
        "<h1 class=\"name\"><bdi>variables</bdi></h1>",
        "The commits by version",
        "<bdi class=\"key\">Try more often</bdi>",
        "<bdi>Bob</bdi>, 2023-11-16",
        edit,
    ];
    assert_beside_plain(&["log", "main", "variables"], "page.html", &says);
    let says = [
        "migration 8 \u{2192} 10",
        "edit and migration 10 \u{2192} 14",
        ">version 14</text>",
        "No value changed.",
    ];
    let runbook = ["log", "main", "runbook/backup", "--migrations"];
    assert_beside_plain(&runbook, "page.html", &says);
    let one = [
        "log",
        "main",
        "variables",
        "variable[\"Retries\"]",
        "-n",
        "1",
    ];
    let says = ["variables variable[&quot;Retries&quot;]", edit];
    assert_beside_plain(&one, "page.html", &says);
}

#[test]
fn who_gave_each_value_is_a_table() {
    let says = [
        "<th scope=\"row\">variable[&quot;Retries&quot;].value{}</th><td><code>7</code></td>\
         <td class=\"number\">2023-11-16</td><td><bdi>Bob</bdi></td>",
        "<bdi>Try more often</bdi>",
    ];
    assert_beside_plain(&["blame", "main", "variables"], "page.html", &says);
    let json = ["--format", "json", "blame", "main", "variables"];
    let repo = Sandbox::new("history");
    repo.run_plain(&[&json[..], &["--html", "page.html"]].concat());
    assert_page(&repo, "page.html", &says);
}

#[test]
fn a_page_replaces_a_page_and_another_file_only_when_forced() {
    let repo = Sandbox::new("versions");
    repo.shell("echo precious > notes.txt && touch empty.html");
    for command in [
        &["preview", "old"][..],
        &["plan", "old"],
        &["status"],
        &["rehearse"],
        &["compare"],
        &["diff", "old", "main"],
        &["log", "old", "fizz"],
        &["blame", "old", "fizz"],
    ] {
        let refused = repo.run(&[command, &["--html", "notes.txt"]].concat());
        assert_eq!(
            refused,
            "--- stderr\nerror: notes.txt exists and isn't a page of this program: --force overwrites it\n--- exit 1"
        );
        let notes = fs::read_to_string(repo.path().join("notes.txt")).unwrap();
        assert_eq!(notes, "precious\n");
    }
    for file in ["empty.html", "page.html", "page.html"] {
        repo.run(&["preview", "old", "--html", file]);
        assert_page(&repo, file, &["generator"]);
    }
    repo.run(&["preview", "old", "--html", "notes.txt", "--force"]);
    assert_page(&repo, "notes.txt", &[]);
    let json = repo.run(&[
        "--format",
        "json",
        "status",
        "--html",
        "empty.html",
        "--force",
    ]);
    assert!(json.ends_with("--- exit 0"), "{json}");
}

#[test]
fn a_failed_document_is_on_the_page_and_the_exit_code_stays() {
    let repo = Sandbox::new("versions");
    let output = repo.run(&["preview", "broken", "--html", "page.html"]);
    assert!(output.ends_with("--- exit 1"), "{output}");
    assert_page(
        &repo,
        "page.html",
        &["this string is not closed on its line", "pill failed"],
    );
}

#[test]
fn a_plan_is_drawn_with_a_ref_and_on_paper() {
    assert_beside(
        &["plan", "feature/teams"],
        "page.html",
        &["passes over team/red in Git"],
    );
    let paper = ["plan", "--branch-version", "0", "--project-version", "4"];
    let says = [
        "Plan on paper for an uninitialised branch",
        "import from the snapshot",
    ];
    assert_beside(&paper, "page.html", &says);
}

#[test]
fn refs_are_drawn_by_version() {
    let says = [
        "11 refs by version",
        "version 3, behind, 4 steps pending",
        "feature/teams",
    ];
    assert_beside(&["status"], "page.html", &says);
    assert_beside(&["--format", "json", "status"], "page.html", &says);
    let says = ["11 refs by version", "failed: ", "feature/teams"];
    assert_beside(&["rehearse"], "page.html", &says);
}

#[test]
fn the_same_ref_gives_the_same_bytes() {
    let repo = Sandbox::new("versions");
    let page = |file: &str| {
        repo.run(&["preview", "old", "--html", file]);
        fs::read(repo.path().join(file)).unwrap()
    };
    assert_eq!(page("one.html"), page("two.html"));
}

#[test]
fn a_file_that_is_there_is_replaced_and_nothing_is_left_beside_it() {
    let repo = Sandbox::new("versions");
    fs::create_dir(repo.path().join("pages")).unwrap();
    repo.run(&["status", "main", "--html", "pages/page.html"]);
    repo.run(&["status", "--html", "pages/page.html"]);
    assert_page(&repo, "pages/page.html", &["11 refs"]);
    assert_eq!(fs::read_dir(repo.path().join("pages")).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_not_followed() {
    let repo = Sandbox::new("versions");
    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::write(&outside, "old").unwrap();
    std::os::unix::fs::symlink(outside.path(), repo.path().join("link.html")).unwrap();
    let output = repo.run(&["status", "--html", "link.html"]);
    assert!(
        output.contains("error: link.html: it is a symbolic link"),
        "{output}"
    );
    assert!(output.ends_with("--- exit 1"), "{output}");
    assert_eq!(fs::read_to_string(&outside).unwrap(), "old");
    assert!(repo.path().join("link.html").is_symlink());
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_stays() {
    let repo = Sandbox::new("versions");
    let output = repo.run(&["status", "main", "--html", "/dev/null"]);
    assert!(output.ends_with("--- exit 0"), "{output}");
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_page_that_cannot_be_written_is_an_error_that_names_the_file() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["plan", "main", "--html", "nowhere/page.html"]), @"
    --- stdout
    refs/heads/main (2ad8a259b8), .config: version 6, up to date
      no step is pending
    --- stderr
    error: nowhere/page.html: No such file or directory (os error 2)
    hint: see what is there: ls -la .
    --- exit 1
    ");
    fs::create_dir(repo.path().join("folder")).unwrap();
    insta::assert_snapshot!(repo.run(&["plan", "main", "--html", "folder"]), @"
    --- stdout
    refs/heads/main (2ad8a259b8), .config: version 6, up to date
      no step is pending
    --- stderr
    error: folder: Is a directory (os error 21)
    hint: look at it: ls -ld folder
    --- exit 1
    ");
}
