//! Which things documents name and define, by what a catalog declares.

mod corpus;
mod declarations;
mod rename;

use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::references::References;
use ocl_migrate::values::Values;

/// What a document of the shipped catalog's kinds names and defines, a line each.
fn shown(name: &str, text: &str) -> String {
    let catalog = Catalog::builtin();
    let name = name.parse().unwrap();
    let document = Document::parse(text, Dialect::Current).unwrap();
    let identity = catalog.identity(ocl_migrate::catalog::DocumentName::kind(&name));
    let found = References::of(Values::of(&document, identity), &name, &catalog).unwrap();
    let mut lines = Vec::new();
    for it in found.definitions {
        let names: Vec<&str> = it.names.iter().map(|name| name.text()).collect();
        lines.push(format!(
            "{}: defines {} {}",
            it.line,
            it.kind,
            names.join(" = ")
        ));
    }
    for it in found.references {
        lines.push(format!(
            "{}: {} {} {} {:?} at {}",
            it.line,
            it.certainty.name(),
            it.kind,
            it.name.text(),
            it.name.keys(),
            it.element
        ));
    }
    lines.join("\n")
}

#[test]
fn variables_define_and_name() {
    let text = r##"variable "Url" {
    value "https://#{Db.Host | ToLower}:#{Port}/##{Not}" {
        environment = ["production", "staging"]
        process = ["runbook/backup", "deployment-process"]
        tenant_tag = ["Size/Large"]
    }
}

variable "Account" {
    type = "AzureAccount"

    value "azure-production" {}
    value "#{Other}" {
        role = "web"
    }
}

variable "Text" {
    value {
        value = <<-EOT
            first

            #{each item in Machines}#{item.Name} #{Octopus.Action[#{Which}].Name}#{/each}
            EOT
    }
}
"##;
    assert_snapshot!(shown("variables", text), @r#"
    1: defines variable Url
    9: defines variable Account
    18: defines variable Text
    2: template variable Db.Host ["DB.HOST", "DB"] at variable["Url"].value{environment=[production,staging],process=[deployment-process,runbook/backup],tenant_tag=Size/Large}
    2: template variable Port ["PORT"] at variable["Url"].value{environment=[production,staging],process=[deployment-process,runbook/backup],tenant_tag=Size/Large}
    3: exact environment production ["production"] at variable["Url"].value{environment=[production,staging],process=[deployment-process,runbook/backup],tenant_tag=Size/Large}
    3: exact environment staging ["staging"] at variable["Url"].value{environment=[production,staging],process=[deployment-process,runbook/backup],tenant_tag=Size/Large}
    4: exact runbook backup ["backup"] at variable["Url"].value{environment=[production,staging],process=[deployment-process,runbook/backup],tenant_tag=Size/Large}
    5: exact tenant_tag Size/Large ["Size/Large"] at variable["Url"].value{environment=[production,staging],process=[deployment-process,runbook/backup],tenant_tag=Size/Large}
    12: exact account azure-production ["azure-production"] at variable["Account"].value{}
    13: dynamic account #{Other} [] at variable["Account"].value{role=web}
    13: template variable Other ["OTHER"] at variable["Account"].value{role=web}
    14: exact role web ["web"] at variable["Account"].value{role=web}.role
    23: template variable Machines ["MACHINES"] at variable["Text"].value{}
    23: dynamic variable Octopus.Action[#{Which}].Name ["OCTOPUS.ACTION", "OCTOPUS"] at variable["Text"].value{}
    23: dynamic action #{Which} [] at variable["Text"].value{}
    23: template variable Which ["WHICH"] at variable["Text"].value{}
    "#);
}

#[test]
fn processes_name_what_the_server_holds() {
    let text = r##"step "deploy" {
    name = "Deploy it"
    properties = {
        Octopus.Action.TargetRoles = "web, api,#{Role},"
    }

    action {
        environments = ["production"]
        excluded_environments = []
        worker_pool = "linux"
        properties = {
            Octopus.Action.Script.ScriptBody = <<-EOT
                $url = $OctopusParameters["Service.Url"]
                Write-Host "#{Port}"
                EOT
            Octopus.Action.Template.Id = "ActionTemplates-303"
            Run.Runbook.Name = "Create infrastructure"
        }

        container {
            feed = "docker-hub"
            image = "octopusdeploy/worker-tools:6.1"
        }

        packages "web" {
            feed = "feeds-builtin-releases"
            package_id = "Acme.Web"
        }
    }
}
"##;
    assert_snapshot!(shown("deployment_process", text), @r#"
    1: defines step deploy = Deploy it
    7: defines action deploy = Deploy it
    25: defines package_reference web
    4: exact role web ["web"] at step["deploy"].properties["Octopus.Action.TargetRoles"]
    4: exact role api ["api"] at step["deploy"].properties["Octopus.Action.TargetRoles"]
    4: dynamic role #{Role} [] at step["deploy"].properties["Octopus.Action.TargetRoles"]
    4: template variable Role ["ROLE"] at step["deploy"].properties["Octopus.Action.TargetRoles"]
    8: exact environment production ["production"] at step["deploy"].action["deploy"].environments{production}
    10: exact worker_pool linux ["linux"] at step["deploy"].action["deploy"].worker_pool
    13: script variable Service.Url ["SERVICE.URL", "SERVICE"] at step["deploy"].action["deploy"].properties["Octopus.Action.Script.ScriptBody"]
    14: template variable Port ["PORT"] at step["deploy"].action["deploy"].properties["Octopus.Action.Script.ScriptBody"]
    16: exact step_template ActionTemplates-303 ["ActionTemplates-303"] at step["deploy"].action["deploy"].properties["Octopus.Action.Template.Id"]
    17: exact runbook Create infrastructure ["Create infrastructure"] at step["deploy"].action["deploy"].properties["Run.Runbook.Name"]
    21: exact feed docker-hub ["docker-hub"] at step["deploy"].action["deploy"].container.feed
    22: exact container_image octopusdeploy/worker-tools:6.1 ["octopusdeploy/worker-tools:6.1"] at step["deploy"].action["deploy"].container.image
    26: exact feed feeds-builtin-releases ["octopus-server-built-in"] at step["deploy"].action["deploy"].packages["web"].feed
    27: exact package Acme.Web ["Acme.Web"] at step["deploy"].action["deploy"].packages["web"].package_id
    "#);
}

#[test]
fn a_runbook_goes_by_its_slug_and_its_name() {
    let text =
        "name = \"Back up\"\n\nprocess {\n    step \"dump\" {\n        action {}\n    }\n}\n";
    assert_snapshot!(shown("runbook/backup", text), @r#"
    1: defines runbook backup = Back up
    4: defines step dump
    5: defines action dump
    "#);
}

/// Each kind that the shipped catalog declares, named by a document.
#[test]
fn every_declared_kind_has_a_case() {
    let process = r##"step "approve" {
    name = "Approve"
    properties = {
        Octopus.Action.TargetRoles = "Web"
    }

    action "sign" {
        channels = ["hotfix"]
        environments = ["production"]
        worker_pool = "linux"
        worker_pool_variable = "Pool"
        tenant_tags = ["Size/Large"]
        properties = {
            Octopus.Action.Manual.ResponsibleTeamIds = "teams-managers, Teams-2"
            Octopus.Action.Template.Id = "ActionTemplates-1"
            Run.Runbook.Name = "Back up"
            Path = "#{Octopus.Action.Package[site].ExtractedPath}"
        }

        container {
            feed = "docker-hub"
            image = "alpine:3"
        }

        git_dependencies {
            repository_uri = "https://example.com/acme.git"
            git_credential_id = "GitCredentials-1"
        }

        packages "site" {
            feed = "nuget"
            package_id = "Acme.Web"
        }
    }
}
"##;
    let settings =
        "versioning_strategy {\n    donor_package {\n        step = \"approve\"\n    }\n}\n";
    let variables = "variable \"Account\" {\n    type = \"AzureAccount\"\n\n    value \"azure\" {\n        action = [\"sign\"]\n    }\n}\n";
    let all = [
        shown("deployment_process", process),
        shown("deployment_settings", settings),
        shown("variables", variables),
    ]
    .join("\n");
    assert_snapshot!(all);
    for kind in Catalog::builtin().thing_kinds() {
        assert!(
            ["exact", "template"]
                .iter()
                .any(|certainty| all.contains(&format!(" {certainty} {kind} "))),
            "{kind} has no case: {all}"
        );
    }
}

#[test]
fn what_is_no_reference_is_none() {
    for value in ["", "plain", "##{Name}", "#{Name", "#{/if}", "#{}"] {
        let text = format!("variable \"A\" {{\n    value \"{value}\" {{}}\n}}\n");
        assert_eq!(
            shown("variables", &text),
            "1: defines variable A",
            "{value}"
        );
    }
}

/// The catalog that is built in reads its declarations later than one from a folder.
#[test]
fn the_built_in_catalog_declares_what_its_folder_does() {
    let folder = Catalog::load(&crate::support::project().join("steps")).unwrap();
    let kinds: Vec<&str> = folder.thing_kinds().collect();
    let built_in = Catalog::builtin();
    assert!(kinds.contains(&"variable"));
    assert_eq!(built_in.thing_kinds().collect::<Vec<_>>(), kinds);
    assert_eq!(built_in.digest(), folder.digest());
}
