//! Defaults of kinds and of everybody: filled in, and what overrides them.

use std::fs;

use crate::support::Sandbox;

/// A catalog in which services have defaults.
const CATALOG: &str = r#"
catalog "shop" {
  base_path        = "config"
  unknown_versions = [1]
}

document "service" {
  path     = "services/*.ocl"
  defaults = "service_defaults"

  key "port" { by = label }
  set "zones" {}
}

document "service_defaults" { path = "service_defaults.ocl" }
"#;

/// `main` is everybody's defaults, `production` and `staging` state some values of their own.
pub(crate) fn shop() -> Sandbox {
    let repo = Sandbox::empty();
    let write = |path: &str, text: &str| write(&repo, path, text);
    write("catalog/catalog.hcl", CATALOG);
    write("config/schema_version.ocl", "version = 1\n");
    write(
        "config/service_defaults.ocl",
        "retries = 3\nlog = {\n    level = \"info\"\n    to = \"stdout\"\n}\nport \"http\" {\n    number = 80\n}\n",
    );
    write(
        "config/services/web.ocl",
        "name = \"Web\"\nlog = {\n    level = \"debug\"\n}\n",
    );
    repo.shell("git init -q --initial-branch=main && git add config && git commit -qm Begin && git branch staging && git checkout -qb production");
    write(
        "config/services/web.ocl",
        "name = \"Web\"\nretries = 5\nport \"http\" {\n    number = 8080\n    tls = true\n}\n",
    );
    write("config/services/api.ocl", "name = \"API\"\n");
    repo.shell("git commit -qam Production && git add config && git commit -qm API && git checkout -q main");
    repo
}

fn write(repo: &Sandbox, path: &str, text: &str) {
    let path = repo.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// `feature` with defaults of its own, and `main`, everybody's defaults, with some for the kind too. What an attribute is called
/// says who has it: the document, its kind's defaults, the document in `main`, the kind's defaults there.
pub(crate) fn ordered() -> Sandbox {
    let repo = Sandbox::empty();
    let holding = |who: char| {
        let names = ["abcd", "bcd", "cd", "d", "ac", "bd"].into_iter();
        let names = names.filter(|name| name.contains(who));
        let lines = names.map(|name| format!("{name} = \"{who}\"\n"));
        lines.collect::<String>()
    };
    write(&repo, "catalog/catalog.hcl", CATALOG);
    write(&repo, "config/schema_version.ocl", "version = 1\n");
    write(&repo, "config/services/web.ocl", &holding('c'));
    write(&repo, "config/service_defaults.ocl", &holding('d'));
    repo.shell("git init -q --initial-branch=main && git add config && git commit -qm Begin && git checkout -qb feature");
    write(&repo, "config/services/web.ocl", &holding('a'));
    write(&repo, "config/service_defaults.ocl", &holding('b'));
    repo.shell("git commit -qam Own && git checkout -q main");
    repo
}

fn run(repo: &Sandbox, arguments: &[&str]) -> String {
    repo.run_plain(&[&["--catalog", "catalog"], arguments].concat())
}

#[test]
fn values_are_filled_in_and_say_where_they_come_from() {
    let repo = shop();
    insta::assert_snapshot!(run(
        &repo,
        &[
            "export",
            "production",
            "--as",
            "csv",
            "service/web",
            "--effective"
        ]
    ));
    insta::assert_snapshot!(run(
        &repo,
        &[
            "export",
            "production",
            "--as",
            "csv",
            "service/web",
            "--effective",
            "--defaults",
            "main"
        ]
    ));
    // A document that only the defaults have is everybody's.
    insta::assert_snapshot!(run(
        &repo,
        &[
            "export",
            "staging",
            "--as",
            "yaml",
            "--effective",
            "--defaults",
            "production"
        ]
    ));
    insta::assert_snapshot!(run(
        &repo,
        &["export", "production", "--as", "yaml", "service/web"]
    ));
}

#[test]
fn what_overrides_a_default_is_told() {
    let repo = shop();
    insta::assert_snapshot!(run(&repo, &["compare"]));
    insta::assert_snapshot!(run(&repo, &["compare", "--overrides"]));
    insta::assert_snapshot!(run(
        &repo,
        &["compare", "service/web", "--overrides", "--refs", "staging"]
    ));
    fs::write(
        repo.path().join(".ocl-migrate.hcl"),
        "defaults = \"main\"\n",
    )
    .unwrap();
    insta::assert_snapshot!(run(
        &repo,
        &["compare", "--overrides", "--refs", "production", "staging"]
    ));
    insta::assert_snapshot!(repo.pretty_plain(&[
        "--catalog",
        "catalog",
        "compare",
        "service/web",
        "port.number",
        "--overrides",
        "--refs",
        "production"
    ]));
}

#[test]
fn a_list_overrides_its_default_as_a_whole() {
    let cases = [
        // The default, and what the service says.
        ("hosts = [\"a\", \"b\"]", "hosts = [\"a\"]"),
        ("hosts = [\"a\"]", "hosts = [\"a\", \"b\"]"),
        ("hosts = [\"a\"]", "hosts = []"),
        ("hosts = []", "hosts = [\"a\", \"b\"]"),
        ("zones = [\"a\", \"b\"]", "zones = [\"b\"]"),
        ("zones = [\"b\"]", "zones = [\"a\", \"b\"]"),
        ("zones = [\"a\", \"b\"]", "zones = [\"b\", \"a\"]"),
        (
            "log {\n    to = \"a\"\n}\nlog {\n    to = \"b\"\n}",
            "log {\n    to = \"a\"\n}",
        ),
        ("log = 1", "log = {\n    level = 2\n}"),
        ("limits = {\n    cpu = 1\n}", "limits = {}"),
    ];
    let mut told = String::new();
    for (default, own) in cases {
        let repo = shop();
        let write = |path: &str, text: &str| {
            fs::write(repo.path().join(path), format!("{text}\n")).unwrap();
        };
        write("config/service_defaults.ocl", default);
        write("config/services/web.ocl", own);
        repo.shell("git commit -qam Lists");
        let refs = ["--refs", "main"];
        let text = run(
            &repo,
            &[&["compare", "service/web", "--overrides"], &refs[..]].concat(),
        );
        let json = run(
            &repo,
            &[
                &["--format", "json", "compare", "service/web", "--overrides"],
                &refs[..],
            ]
            .concat(),
        );
        let export = run(
            &repo,
            &[
                "export",
                "main",
                "--as",
                "csv",
                "service/web",
                "--effective",
            ],
        );
        told.push_str(&format!(
            "# {own}, by default {default}\n{text}\n{json}\n{export}\n"
        ));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn columns_of_one_value_are_told_apart_by_their_defaults() {
    let repo = shop();
    let write = |path: &str, text: &str| fs::write(repo.path().join(path), text).unwrap();
    write("config/service_defaults.ocl", "hosts = [\"a\", \"b\"]\n");
    write("config/services/web.ocl", "hosts = [\"a\"]\n");
    repo.shell("git commit -qam Shorter && git checkout -qb none");
    write("config/services/web.ocl", "");
    repo.shell("git commit -qam None && git checkout -qb longer");
    write("config/services/web.ocl", "hosts = [\"a\", \"b\", \"c\"]\n");
    repo.shell("git commit -qam Longer");
    insta::assert_snapshot!(run(
        &repo,
        &["compare", "service/web", "--refs", "main", "none", "longer"]
    ));
}

#[test]
fn a_slip_in_the_defaults_is_told_with_its_place() {
    let repo = shop();
    let settings = |text: &str| fs::write(repo.path().join(".ocl-migrate.hcl"), text).unwrap();
    settings("format   = \"text\"\ndefaults = \"mian\"\n");
    insta::assert_snapshot!(run(&repo, &["compare", "--overrides"]));
    settings("defaults = \"\"\n");
    assert!(run(&repo, &["compare"]).contains(".ocl-migrate.hcl:1:12"));
    for (from, to, expected) in [
        (
            "service_defaults\"\n",
            "service_default\"\n",
            "did you mean `service_defaults`?",
        ),
        (
            "defaults = \"service_defaults\"",
            "defaults = \"service\"",
            "can't be its own defaults",
        ),
        (
            "service_defaults.ocl",
            "service_defaults/*.ocl",
            "has many documents, and defaults are one",
        ),
    ] {
        fs::remove_file(repo.path().join(".ocl-migrate.hcl")).ok();
        fs::write(
            repo.path().join("catalog/catalog.hcl"),
            CATALOG.replacen(from, to, 1),
        )
        .unwrap();
        let said = run(&repo, &["compare"]);
        assert!(
            said.contains(expected) && said.contains("catalog.hcl:9:14"),
            "{said}"
        );
    }
    // Without any, what asks for them says how to name them.
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["compare", "--overrides"]));
    insta::assert_snapshot!(repo.run(&["export", "main", "--as", "json", "--effective"]));
}

/// The document, its kind's defaults, the document on the ref of everybody's defaults, its kind's defaults there.
#[test]
fn defaults_apply_in_the_order_that_is_documented() {
    let repo = ordered();
    let export = |reference: &str, options: &[&str]| {
        let export = ["export", reference, "--as", "csv", "service/web"];
        run(&repo, &[&export, options].concat())
    };
    insta::assert_snapshot!(export("feature", &["--effective", "--defaults", "main"]));
    insta::assert_snapshot!(export("feature", &["--effective"]));
    // `compare` knows the same default of each.
    let compare = run(
        &repo,
        &[
            "compare",
            "service/web",
            "--overrides",
            "--defaults",
            "main",
            "--refs",
            "feature",
        ],
    );
    insta::assert_snapshot!(compare);
}

#[test]
fn the_page_marks_what_overrides_a_default() {
    let repo = shop();
    let page = |options: &[&str]| {
        let compare = ["--catalog", "catalog", "compare", "--html", "page.html"];
        repo.command(&[&compare, options].concat());
        let page = fs::read_to_string(repo.path().join("page.html")).unwrap();
        fs::remove_file(repo.path().join("page.html")).unwrap();
        page
    };
    let refs = ["--refs", "production", "staging"];
    let differing = page(&refs);
    for part in [
        "<th scope=\"col\">Value</th><th scope=\"col\">Default</th>",
        // The kind's defaults apply in staging.
        "<th scope=\"row\">retries</th><td><div><code>3</code> <small class=\"dim\">number</small></div></td>\
         <td><code>5</code> <small class=\"dim\">number</small> <span class=\"pill changed\">overrides</span></td>\
         <td><span class=\"dim\">not there</span> <span class=\"pill\">default applies</span></td>",
        // Nothing says what this is by default.
        "<th scope=\"row\">port[&quot;http&quot;].tls</th><td></td><td><code>true</code>",
    ] {
        assert!(differing.contains(part), "{part}");
    }
    let overrides = page(&["--overrides", "--refs", "staging"]);
    for part in [
        "1 default is overridden in 1 ref",
        "Values that override a default",
        "<code>debug</code> <span class=\"pill changed\">overrides</span>",
    ] {
        assert!(overrides.contains(part), "{part}");
    }
    // Without defaults there is no column for them.
    let repo = Sandbox::new("history");
    repo.command(&[
        "compare",
        "--html",
        "page.html",
        "--refs",
        "main",
        "feature/timeout",
    ]);
    let page = fs::read_to_string(repo.path().join("page.html")).unwrap();
    assert!(page.contains("1 value differs between 2 refs"));
    assert!(!page.contains(">Default</th>"));
}
