//! Renaming things: what changes, what is refused, and what holds whatever is renamed.

mod laws;

use insta::assert_snapshot;
use ocl_migrate::catalog::{Catalog, DocumentName};
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::references::{RenamedThing, rename_thing};

use self::laws::check_laws;

const VARIABLES: &str = r##"variable "Service.Url" {
    value "https://#{ service.host | ToLower }:#{Port}/##{Service.Host}" {
        environment = ["production"]
        process = ["runbook/backup"]
        action = ["deploy"]
    }
}

variable "Service.Host" { # the one
    value "example.com" {}
}

variable "Service" {
    value {
        value = <<-EOT
            first #{Service.Host}

              #{each item in Hosts}#{item.Service} #{Service.Host}#{/each} #{Service.Name}
            EOT
    }
}

variable "Say \"x\"" {
    value "#{Octopus.Action[Deploy it].Output.Url}" {}
}
"##;

const PROCESS: &str = r##"step "deploy" {
    name = "Deploy it"

    action {
        container {
            feed = "docker"
        }
        properties = {
            Octopus.Action.Script.ScriptBody = <<-EOT
                $url = $OctopusParameters["Service.Host"]
                get_octopusvariable Service.Host
                EOT
            Octopus.Action.TargetRoles = "web, api"
            Run.Runbook.Name = "Back up"
        }

        packages "site" {
            feed = "feeds-builtin-releases"
        }
    }
}
"##;

const RUNBOOK: &str = "name = \"Back up\"\r\n\r\nprocess {\r\n    step \"dump\" {\r\n        action {\r\n            environments = [\"production\", \"test\"]\r\n        }\r\n    }\r\n}\r\n";

/// A project of the shipped catalog's kinds.
fn project(documents: &[(&str, &str)]) -> Vec<(DocumentName, Document)> {
    let parsed = documents.iter().map(|(name, text)| {
        let document = Document::parse(*text, Dialect::Current).unwrap();
        (name.parse().unwrap(), document)
    });
    parsed.collect()
}

fn whole() -> Vec<(DocumentName, Document)> {
    project(&[
        ("deployment_process", PROCESS),
        ("variables", VARIABLES),
        ("runbook/backup", RUNBOOK),
    ])
}

/// The lines that differ, and everything that was told.
fn shown(documents: &[(DocumentName, Document)], kind: &str, old: &str, new: &str) -> String {
    let renamed = match rename_thing(documents, &Catalog::builtin(), kind, old, new) {
        Ok(renamed) => renamed,
        Err(error) => return error.to_string(),
    };
    check_laws(documents, kind, old, new, &renamed);
    let RenamedThing {
        documents: changed,
        places,
        is_of_server,
        also,
    } = renamed;
    let mut lines = Vec::new();
    for document in changed {
        lines.push(format!("{} -> {}", document.name, document.new_name));
        let (_, before) = documents
            .iter()
            .find(|(name, _)| *name == document.name)
            .unwrap();
        for (old, new) in before.text().lines().zip(document.text.lines()) {
            if old != new {
                lines.push(format!("- {old}\n+ {new}"));
            }
        }
    }
    lines.extend(places.iter().map(ToString::to_string));
    lines.push(format!("of the server: {is_of_server}, also: {also:?}"));
    lines.join("\n")
}

#[test]
fn a_variable_in_templates_and_scripts() {
    assert_snapshot!(shown(&whole(), "variable", "service.HOST", "Db Host"));
    assert_snapshot!(shown(
        &whole(),
        "variable",
        "Service.Host",
        "Database.Host[eu]"
    ));
    assert_snapshot!(shown(&whole(), "variable", "Service", "Billing"));
    assert_snapshot!(shown(&whole(), "variable", "Say \"x\"", "Say \\ \"y\""));
}

#[test]
fn what_has_its_name_in_the_same_place() {
    assert_snapshot!(shown(&whole(), "step", "deploy", "ship"));
    assert_snapshot!(shown(&whole(), "action", "Deploy it", "Ship [it]"));
    assert_snapshot!(shown(&whole(), "action", "deploy it", "Ship it"));
}

#[test]
fn a_runbook_by_each_of_its_names() {
    assert_snapshot!(shown(&whole(), "runbook", "backup", "nightly/backup"));
    assert_snapshot!(shown(&whole(), "runbook", "Back up", "Nightly"));
}

#[test]
fn what_lives_in_the_server() {
    assert_snapshot!(shown(&whole(), "environment", "production", "live \"1\""));
    assert_snapshot!(shown(&whole(), "feed", "octopus-server-built-in", "mine"));
    assert_snapshot!(shown(&whole(), "role", "WEB", "front"));
}

#[test]
fn what_is_in_the_way_is_told_with_its_places() {
    let refused = |kind, old, new| {
        let error = rename_thing(&whole(), &Catalog::builtin(), kind, old, new);
        format!("{}\n", error.expect_err("it is refused"))
    };
    let all = [
        // Not known, or not as a name.
        refused("variabel", "A", "B"),
        refused("variable", "Servic.Host", "B"),
        refused("variable", "Port", "B"),
        refused("variable", "Service", " B"),
        refused("variable", "Service", ""),
        refused("variable", "Service", "a\nb"),
        refused("variable", "Service", "Service"),
        // Taken, by the kind's own rules.
        refused("variable", "Service", "SERVICE.HOST"),
        refused("variable", "Service", "port"),
        refused("variable", "Service", "Octopus.Service"),
        refused("environment", "production", "test"),
        refused("role", "web", "API"),
        // It can't be written there.
        refused("variable", "Service.Host", "a|b"),
        refused("variable", "Service.Host", "Say \"x"),
        refused("variable", "Service.Host", "Host's"),
        refused("role", "web", "a,b"),
        refused("role", "web", "#{a}"),
        // It would mean something else.
        refused("variable", "Service.Host", "Item"),
        refused("variable", "Service.Host", "Two  words in one"),
        refused("variable", "Service.Host", "Item.Service"),
    ];
    assert_snapshot!(all.join("\n"));
}

#[test]
fn names_that_only_the_server_knows() {
    let text = r##"variable "Url[eu]" {
    value "#{Url[#{Region}]}" {
        role = "web"
    }
}

variable "Region" {
    value "#{Which[#{Other}]}" {}
}
variable "Pool" {
    type = "WorkerPool"

    value "#{Region}-pool" {}
}
variable "Role" {
    value "" {
        role = ["web", "a-#{Role}-z"]
    }
}
"##;
    let process = "step \"a\" {\n    properties = {\n        Octopus.Action.TargetRoles = \"api,b-#{Role}\"\n    }\n\n    action {\n        worker_pool = \"eu-pool\"\n        properties = {\n            Octopus.Action.Script.ScriptBody = <<-EOT\n                $OctopusParameters[\"Region.$name\"]\n                EOT\n        }\n    }\n}\n";
    let documents = project(&[("variables", text), ("deployment_process", process)]);
    let all = [
        shown(&documents, "variable", "Url[eu]", "Link"),
        shown(&documents, "variable", "Region", "Area"),
        shown(&documents, "variable", "Pool", "Which[a]"),
        shown(&documents, "variable", "Role", "Part"),
        shown(&documents, "worker_pool", "eu-pool", "eu"),
        shown(&documents, "role", "web", "front"),
    ];
    assert_snapshot!(all.join("\n\n"));
}

/// `each` goes through whatever has an index behind that name, and through nothing else.
#[test]
fn items_that_a_loop_goes_through() {
    let text = r##"variable "Image[a].Tag" {
    value "1" {}
}

variable "Image[b]" {
    value "2" {}
}

variable "All" {
    value "#{each image in Image}#{image.Tag}#{/each} #{Image[*].Tag}" {}
}
"##;
    let documents = project(&[("variables", text)]);
    let all = [
        shown(&documents, "variable", "Image[a].Tag", "Image[c].Tag"),
        shown(&documents, "variable", "Image[a].Tag", "Picture"),
        shown(&documents, "variable", "All", "Image[all]"),
        shown(&documents, "variable", "All", "Every"),
    ];
    assert_snapshot!(all.join("\n\n"));
    // Of both, the items are gone through.
    let text = format!("{text}\nvariable \"Image\" {{\n    value \"3,4\" {{}}\n}}\n");
    let documents = project(&[("variables", &text)]);
    assert_snapshot!("of_both", shown(&documents, "variable", "Image", "Picture"));
}

/// Nothing tells which of them a reference means.
#[test]
fn a_name_of_several_things_is_refused() {
    let process = "step \"a\" {\n    action {}\n}\n";
    let runbook = "process {\n    step \"a\" {\n        action {}\n    }\n}\n";
    let documents = project(&[("deployment_process", process), ("runbook/b", runbook)]);
    assert_snapshot!(shown(&documents, "step", "a", "b"));
}
