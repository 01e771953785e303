//! `applies`: which of several values applies in a scope.

use std::collections::BTreeMap;

use crate::support::{Sandbox, corpus};

/// Variables as an older version wrote them, with values for environments, roles and a channel.
fn shop() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        r#"mkdir -p .octopus && cd .octopus && printf 'version = 9' > schema_version.ocl
        cat > variables.ocl <<'EOF'
variable "Retries" {
    value "5" {}

    value "9" {
        environment = ["production"]
    }

    value "0" {
        environment = ["production", "staging"]
        role = ["web"]
    }
}

variable "Url" {
    value "https://beta" {
        channel = ["beta"]
    }

    value "https://production" {
        environment = ["production"]
    }
}

variable "Same" {
    value "1" {
        environment = ["staging"]
    }

    value "1" {
        environment = ["production"]
    }
}

variable "Twice" {
    value "a" {}

    value "b" {}
}
EOF
        printf 'version_strategy = "x"\n' > deployment_settings.ocl
        git add . && git commit -qm Begin"#,
    );
    repo
}

#[test]
fn what_applies_in_one_scope() {
    let repo = shop();
    let run = |words: &[&str]| repo.run_plain(&[&["applies", "main"], words].concat());
    insta::assert_snapshot!("production", run(&["--for", "environment=production"]));
    let known = "environment = production, role = [], channel = []";
    insta::assert_snapshot!("known", run(&["--for", known]));
    // By the variable, by one of its values, and by the address in one word.
    let retries = run(&[
        "variables",
        "variable[\"Retries\"]",
        "--for",
        "environment=staging,role=web",
    ]);
    assert!(
        retries.contains("  variable[\"Retries\"].value{environment=[production,staging],role=web} = \"0\"\n\n1 value for"),
        "{retries}"
    );
    for other in [
        "variables variable[\"Retries\"].value",
        "variables variable[\"Retries\"].value{}",
    ] {
        assert_eq!(
            run(&[other, "--for", "environment=staging,role=web"]),
            retries
        );
    }
}

#[test]
fn what_differs_between_scopes() {
    let repo = shop();
    let scopes = [
        "applies",
        "main",
        "--for",
        "environment=staging",
        "--for",
        "environment=production",
    ];
    insta::assert_snapshot!("differs", repo.run_plain(&scopes));
    // What is the same for both, whoever says it, isn't told.
    let scopes = [&scopes[..], &["variables", "variable[\"Same\"]"]].concat();
    let same = repo.run_plain(&scopes);
    assert!(
        same.starts_with("--- stdout\n0 of 1 value differ"),
        "{same}"
    );
}

#[test]
fn in_json() {
    let repo = shop();
    let words = ["applies", "main", "--for", "environment=production"];
    insta::assert_snapshot!("json", repo.pretty_plain(&words));
}

#[test]
fn what_cannot_be_asked() {
    let repo = shop();
    let run = |words: &[&str]| repo.run_plain(&[&["applies", "main"], words].concat());
    let told = [
        run(&["--for", "enviroment=production"]),
        run(&["--for", "environment"]),
        run(&["--for", "environment=Test / EU"]),
        run(&["deployment_settings", "--for", "environment=a"]),
        run(&[
            "variables",
            "variable[\"Retires\"]",
            "--for",
            "environment=a",
        ]),
        run(&[
            "variables",
            "variable[\"Retries\"]",
            "--for",
            "environment=prodution",
        ]),
        run(&[]),
        repo.run(&["applies", "main", "--for", "environment=a"]),
    ];
    insta::assert_snapshot!("refused", told.join("\n\n"));
}

/// A document that can't be read is told, and the exit code says so.
#[test]
fn what_cannot_be_read() {
    let repo = shop();
    repo.shell("echo '}' >> .octopus/variables.ocl && git commit -qam broken");
    let words = ["applies", "main", "--for", "environment=a"];
    let text = repo.run_plain(&words);
    assert!(text.contains("--> .octopus/variables.ocl:"), "{text}");
    assert!(text.ends_with("--- exit 1"), "{text}");
    let json = repo.command(&[&["--format", "json"], &words[..]].concat());
    let line: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(line["document"], "variables");
    assert!(
        line["error"]
            .as_str()
            .unwrap()
            .contains(".octopus/variables.ocl"),
        "{line}"
    );
    assert_eq!(json.status.code(), Some(1));
}

/// The values of a real project in its two environments; what depends on the step that asks is said to.
#[test]
fn a_real_project() {
    let Some(corpus) = corpus() else { return };
    let repo = Sandbox::empty();
    let bundle = corpus.join("repositories/worker-tools.bundle");
    repo.shell(&format!(
        "git clone -q --mirror '{}' mirror",
        bundle.display()
    ));
    let run = |words: &[&str]| {
        let global = [
            "--repo",
            "mirror",
            "--base-path",
            ".octopus/deploy-worker-tools",
            "applies",
            "main",
        ];
        repo.pretty_plain(&[&global, words].concat())
    };
    let values = |text: &str| -> BTreeMap<String, serde_json::Value> {
        let lines = serde_json::Deserializer::from_str(text).into_iter();
        let lines = lines.map(|line| line.unwrap());
        let named = |line: serde_json::Value| (line["address"].as_str().unwrap().to_owned(), line);
        lines.map(named).collect()
    };
    let production = values(&run(&["--for", "environment=production"]));
    let hostname = &production["variable[\"Docker.Registry.Target.Hostname\"].value"];
    assert_eq!(
        hostname["applies"]["value"],
        "#{DockerHubDockerRegistry.Hostname}"
    );
    assert_eq!(hostname.get("depends_on"), None);
    let tag = &production["variable[\"Docker.Image.Tag\"].value"];
    assert_eq!(tag["applies"], serde_json::Value::Null);
    assert_eq!(tag["depends_on"].as_array().unwrap().len(), 5);
    assert_eq!(tag["depends_on"][0]["types"], serde_json::json!(["action"]));
    let dependent = production
        .values()
        .filter(|line| line.get("depends_on").is_some());
    assert_eq!(dependent.count(), 6);
    let both = run(&[
        "--for",
        "environment=production",
        "--for",
        "environment=staging",
    ]);
    let differing: Vec<String> = values(&both).into_keys().collect();
    let names = ["Hostname", "Password", "Repository", "Username"];
    let names = names.map(|name| format!("variable[\"Docker.Registry.Target.{name}\"].value"));
    assert_eq!(differing, names);
}
