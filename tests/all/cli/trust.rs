//! A repository comes from somebody else. Nothing in it may choose what lies outside of it: a store, a project in a store
//! that others share, a catalog, a file.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::{Sandbox, isolated, project, scratch, skipped};

/// Somebody else's store, with a row that only they should see.
struct Victim {
    folder: TempDir,
}

const SECRET: &str = "name = \"Secret\"\nmembers = [\"eve\"]\n";

impl Victim {
    /// A store that knows one project, with one row.
    fn new(name: &str) -> Victim {
        let victim = Victim {
            folder: scratch::folder(),
        };
        std::fs::write(victim.folder.path().join("secret.ocl"), SECRET).unwrap();
        victim.run(&["--project", name, "store", "init"]);
        let put = ["--project", name, "store", "put", "team/secret"];
        victim.run(&[&put[..], &["secret.ocl", "--shape", "5"]].concat());
        victim
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("all.db")
    }

    fn run(&self, arguments: &[&str]) -> String {
        let done = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), self.folder.path())
            .args(["--catalog", &catalog(), "--store", "all.db"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// What the table and the snapshots hold.
    fn rows(&self, name: &str) -> String {
        self.run(&["--project", name, "store", "list"])
    }
}

fn catalog() -> String {
    let folder = project().join("fixtures/catalogs/fizz");
    folder.to_str().unwrap().to_owned()
}

/// The exit code and all that was printed.
fn run(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let done = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), folder)
        .envs(environment.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
    let mut text = String::from_utf8(done.stdout).unwrap();
    text.push_str(&String::from_utf8(done.stderr).unwrap());
    (done.status.code().unwrap(), text)
}

fn write(repo: &Sandbox, text: &str) {
    std::fs::write(repo.path().join(".ocl-migrate.hcl"), text).unwrap();
}

/// A branch whose project lies where the victim's store has one.
fn add_project(repo: &Sandbox, base_path: &str) {
    repo.shell(&format!(
        "git switch -q --orphan hostile; mkdir -p {base_path}; printf 'version = 4' > {base_path}/schema_version.ocl
        git add -A; git commit -q -m hostile; git switch -q main"
    ));
}

#[test]
fn a_repository_chooses_no_store() {
    let victim = Victim::new(".config");
    let before = victim.rows(".config");
    let absolute = victim.store().to_str().unwrap().to_owned();
    let repo = Sandbox::new("versions");
    let upward = format!("{}{absolute}", "../".repeat(12));
    let catalog = catalog();
    for store in [&*absolute, &*upward] {
        write(&repo, &format!("store = \"{store}\"\n"));
        for command in [
            &["upgrade", "old", "-m", "Mine now"][..],
            &["preview", "old"],
            &["store", "list"],
        ] {
            let arguments = [&["--catalog", &catalog], command].concat();
            let (code, text) = run(repo.path(), &[], &arguments);
            assert_eq!(code, 1, "{text}");
            assert!(!text.contains("secret"), "{text}");
            assert!(text.contains("--store FILE"), "{text}");
        }
    }
    assert_eq!(victim.rows(".config"), before);
}

#[test]
fn a_repository_chooses_neither_catalog_nor_project() {
    let repo = Sandbox::new("versions");
    let catalog = catalog();
    for (setting, option) in [
        (format!("catalog = \"{catalog}\"\n"), "--catalog DIR"),
        ("project = \"other\"\n".to_owned(), "--project NAME"),
    ] {
        write(&repo, &setting);
        let (code, text) = run(repo.path(), &[], &["status"]);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(option), "{text}");
        assert!(text.contains(".ocl-migrate.hcl:1:1"), "{text}");
    }
    // What its user says stands, and the line in the file has no effect.
    write(&repo, "catalog = \"/nowhere\"\n");
    let (code, text) = run(
        repo.path(),
        &[("OCL_MIGRATE_CATALOG", &catalog)],
        &["status", "old"],
    );
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("server 6"), "{text}");
}

/// The folder of a project is its name in the store, and the folders of a branch are the repository's.
#[test]
fn a_branch_chooses_no_project_in_a_store_that_its_user_names() {
    let victim = Victim::new(".config/victim");
    let before = victim.rows(".config/victim");
    let repo = Sandbox::new("versions");
    add_project(&repo, ".config/victim");
    let store = victim.store().to_str().unwrap().to_owned();
    let catalog = catalog();
    let environment = [
        ("OCL_MIGRATE_STORE", &*store),
        ("OCL_MIGRATE_CATALOG", &*catalog),
    ];
    for command in [
        &["preview", "hostile"][..],
        &["show", "hostile"],
        &["plan", "hostile"],
        &["rehearse", "hostile", "--format", "json"],
        &["upgrade", "hostile", "-m", "Mine now"],
        &["adopt", "hostile"],
    ] {
        let (_, text) = run(repo.path(), &environment, command);
        assert!(
            !text.contains("secret") && !text.contains("Secret"),
            "{text}"
        );
        assert!(text.contains("--base-path .config/victim"), "{text}");
    }
    // Nor does its file of settings.
    write(&repo, "base_path = \".config/victim\"\n");
    for command in [
        &["upgrade", "hostile", "-m", "Mine now"][..],
        &["store", "list"],
        &["store", "get", "team/secret"],
        &["store", "remove", "team/secret"],
    ] {
        let (code, text) = run(repo.path(), &environment, command);
        assert_ne!(code, 0, "{text}");
        assert!(!text.contains("Secret"), "{text}");
    }
    assert_eq!(victim.rows(".config/victim"), before);

    // Its user may.
    let named = ["--base-path", ".config/victim", "preview", "hostile"];
    let (_, text) = run(repo.path(), &environment, &named);
    assert!(text.contains("teams/secret.ocl"), "{text}");
}

/// In the repository's own store its projects go by their folders, as ever.
#[test]
fn a_repository_may_name_the_projects_of_its_own_store() {
    let repo = Sandbox::new("versions");
    write(&repo, "base_path = \".config/one\"\n");
    let catalog = ["--catalog", &catalog()];
    let command = |more: &[&str]| run(repo.path(), &[], &[&catalog[..], more].concat());
    assert_eq!(command(&["store", "init"]).0, 0);
    let (_, text) = command(&["store", "status"]);
    assert!(text.contains(".config/one: version 0"), "{text}");
}

#[cfg(unix)]
#[test]
fn the_file_of_settings_shows_no_file_from_elsewhere() {
    let outside = scratch::folder();
    let secret = outside.path().join("token");
    std::fs::write(&secret, "s3cr3t-t0k3n\n").unwrap();
    let repo = Sandbox::new("versions");
    std::os::unix::fs::symlink(&secret, repo.path().join(".ocl-migrate.hcl")).unwrap();
    let (code, text) = run(repo.path(), &[], &["status"]);
    assert_eq!(code, 1, "{text}");
    assert!(!text.contains("s3cr3t"), "{text}");
    assert!(text.contains("symbolic link"), "{text}");
}

#[test]
fn a_file_of_settings_costs_no_more_than_its_size() {
    let repo = Sandbox::new("versions");
    // The parser of HCL takes twice as long for each level.
    write(&repo, &format!("x = {}", "a!={b + ".repeat(60)));
    let (code, said) = run(repo.path(), &[], &["status"]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("brackets nest deeper than 8 levels here"),
        "{said}"
    );
    assert!(said.contains(".ocl-migrate.hcl:1:72"), "{said}");
}

/// Folders that look like a bare repository can be committed like any others, and then all of it is content: links that
/// lead to another's store, a file that names another's objects and branches.
#[cfg(unix)]
#[test]
fn a_repository_in_a_repository_is_used_only_when_named() {
    let victim = Victim::new(".config");
    let before = victim.rows(".config");
    let repo = Sandbox::new("versions");
    repo.shell("git clone -q --bare . inner");
    let inner = repo.path().join("inner");
    std::fs::create_dir(inner.join("ocl-migrate")).unwrap();
    std::os::unix::fs::symlink(victim.store(), inner.join("ocl-migrate/state.db")).unwrap();
    let catalog = ["--catalog", &catalog()];
    let upgrade = ["upgrade", "old", "-m", "Mine now"];
    let (code, text) = run(&inner, &[], &[&catalog[..], &upgrade].concat());
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("--repo"), "{text}");
    // Named, it is read; its store still lies within it or nowhere.
    let named = [&catalog[..], &["--repo", "."]].concat();
    let (code, text) = run(
        &inner,
        &[],
        &[&named[..], &["status", "old", "main"]].concat(),
    );
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("it leads out of the repository; it was left alone"),
        "{text}"
    );
    let (code, text) = run(&inner, &[], &[&named[..], &upgrade].concat());
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("--store FILE"), "{text}");
    assert_eq!(victim.rows(".config"), before);
    std::fs::remove_file(inner.join("ocl-migrate/state.db")).unwrap();
    let (code, text) = run(&inner, &[], &[&named[..], &["status", "old"]].concat());
    assert_eq!(code, 0, "{text}");
}

#[test]
fn what_a_repository_may_not_choose_its_user_can_write_down() {
    let victim = Victim::new("shop");
    let repo = Sandbox::new("versions");
    let other = Sandbox::new("versions");
    let home = scratch::folder();
    std::fs::create_dir(home.path().join("ocl-migrate")).unwrap();
    let configure = |text: &str| {
        std::fs::write(home.path().join("ocl-migrate/config.hcl"), text).unwrap();
    };
    configure(&format!(
        "format = \"json\"\ncatalog = \"{}\"\n\nrepository \"{}\" {{\n  store = \"{}\"\n  project = \"shop\"\n  base_path = \".config\"\n}}\n",
        catalog(),
        repo.path().display(),
        victim.store().display()
    ));
    let environment = [("XDG_CONFIG_HOME", home.path().to_str().unwrap())];
    write(&repo, "base_path = \".config/two\"\nformat = \"text\"\n");
    // Its own words count before the repository's.
    let (code, text) = run(repo.path(), &environment, &["preview", "feature/teams"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("{\"format_version\":1"), "{text}");
    assert!(text.contains("\"team/secret\""), "{text}");
    // The command line's before both.
    let (_, text) = run(
        repo.path(),
        &environment,
        &["--format", "text", "status", "old"],
    );
    assert!(text.starts_with("REF "), "{text}");
    // What is said of one repository is not said of another.
    let (code, text) = run(other.path(), &environment, &["preview", "feature/teams"]);
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("team/secret"), "{text}");
    // Another file can be named, or none.
    let named = [environment[0], ("OCL_MIGRATE_CONFIG", "")];
    let (_, text) = run(other.path(), &named, &["status", "old"]);
    assert!(
        text.starts_with("REF ") && text.contains("server 14"),
        "{text}"
    );
    let named = [("OCL_MIGRATE_CONFIG", "nowhere.hcl")];
    let (code, text) = run(other.path(), &named, &["status", "old"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("nowhere.hcl"), "{text}");
    // What is about one repository can't be said of all.
    configure("store = \"/srv/all.db\"\n");
    let (code, text) = run(other.path(), &environment, &["status", "old"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("repository \"DIR\""), "{text}");
}

/// A shell puts what it is offered on the command line.
#[test]
fn names_that_a_shell_would_act_on_are_not_offered() {
    let repo = Sandbox::new("versions");
    repo.shell(
        "git update-ref 'refs/heads/x$(touch${IFS}owned)' old; git update-ref 'refs/heads/x;id' old
        git update-ref \"refs/heads/x$(printf '\\302\\233')2J\" old; git update-ref \"refs/heads/x$(printf '\\342\\200\\256')y\" old
        git update-ref refs/heads/x+fine=1,2%@ old",
    );
    let done = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path())
        .env("COMPLETE", "fish")
        .args(["--", "ocl-migrate", "preview", "x"])
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let text = String::from_utf8(done.stdout).unwrap();
    assert_eq!(text.trim_end(), "x+fine=1,2%@");
}

/// Git's own variables, as a hook has them, lead its commands to another repository; ours lead to another store.
#[test]
fn the_demo_is_made_in_its_own_folder() {
    let repo = Sandbox::new("versions");
    let outside = scratch::folder();
    let refs = repo.shell("git for-each-ref");
    let git_dir = repo.path().join(".git");
    let environment = [
        ("GIT_DIR", git_dir.to_str().unwrap()),
        ("OCL_MIGRATE_STORE", "all.db"),
        ("OCL_MIGRATE_BASE_PATH", ".other"),
        ("OCL_MIGRATE_PROJECT", "other"),
    ];
    let (code, text) = run(outside.path(), &environment, &["demo", "shop"]);
    assert_eq!(code, 0, "{text}");
    // This build has the service.
    let next = "# Such a repository in a browser: ocl-migrate serve --demo\n";
    assert!(text.contains(next), "{text}");
    assert_eq!(repo.shell("git for-each-ref"), refs);
    assert!(outside.path().join("shop/.git").is_dir());
    assert!(!outside.path().join("all.db").exists());
    // It begins with a clean work tree, beside the database's documents.
    let shop = "cd \"$1/shop\"; git status --porcelain; ls .octopus/schema_version.ocl database";
    let shop = shop.replace("$1", outside.path().to_str().unwrap());
    assert_eq!(
        repo.shell(&shop),
        ".octopus/schema_version.ocl\n\ndatabase:\nrestart-shop.ocl\n"
    );
}

#[cfg(unix)]
#[test]
fn the_repository_of_another_user_is_opened_where_its_reader_trusts_it() {
    let repo = Sandbox::new("versions");
    if repo.shell("id -u").trim() != "0" {
        skipped("a repository can be given to another user by root only");
        return;
    }
    let catalog = catalog();
    let status = ["--catalog", &catalog, "status"];
    let (_, own) = run(repo.path(), &[], &status);
    repo.shell("chown -R 65534:65534 .");
    let (code, refused) = run(repo.path(), &[], &status);
    assert_eq!(code, 1, "{refused}");
    assert!(refused.contains("belongs to another user"), "{refused}");

    let home = scratch::folder();
    let config = format!("[safe]\n\tdirectory = {}\n", repo.path().display());
    std::fs::write(home.path().join(".gitconfig"), config).unwrap();
    let config = home.path().join(".gitconfig");
    let trust = [("GIT_CONFIG_GLOBAL", config.to_str().unwrap())];
    for command in ["status", "doctor", "rehearse", "show"] {
        let main = (command == "show").then_some("main");
        let arguments = [&status[..2], &[command], main.as_slice()].concat();
        let (code, told) = run(repo.path(), &trust, &arguments);
        assert!(code == 0 || code == 1, "{command}: {told}");
        assert!(
            !told.contains("belongs to another user"),
            "{command}: {told}"
        );
    }
    // Wherever Git looks for it.
    let named = repo.path().display().to_string();
    let above = format!("{}/*", repo.path().parent().unwrap().display());
    let system = [
        ("GIT_CONFIG_NOSYSTEM", "0"),
        ("GIT_CONFIG_SYSTEM", trust[0].1),
    ];
    let count = |value| {
        [
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "safe.directory"),
            ("GIT_CONFIG_VALUE_0", value),
        ]
    };
    for environment in [
        &trust[..],
        &system,
        &count(&named),
        &count(&above),
        &count("*"),
    ] {
        assert_eq!(
            run(repo.path(), environment, &status).1,
            own,
            "{environment:?}"
        );
    }
    let mut in_home = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path());
    in_home
        .env("HOME", home.path())
        .env_remove("GIT_CONFIG_GLOBAL");
    let told = in_home.args(status).output().unwrap();
    assert_eq!(String::from_utf8(told.stdout).unwrap(), own);
    for value in ["/elsewhere", ""] {
        assert_eq!(run(repo.path(), &count(value), &status).1, refused);
    }
    // What the repository itself says of its trust counts for nothing.
    repo.shell("git config --file .git/config safe.directory '*'");
    assert_eq!(run(repo.path(), &[], &status).1, refused);
}
