//! Cases that are made for a step are cases that verifying accepts.

use ocl_migrate::catalog::Catalog;
use ocl_migrate::verify::{CaseOutcome, Files, StatedUndo, Verification};

use crate::support::{project, scratch};

/// The catalog that ships, and those of the fixtures, with their files.
fn catalogs() -> Vec<(Catalog, Files)> {
    let fixtures = ["fizz", "flags", "gitops"].map(|name| format!("fixtures/catalogs/{name}"));
    let folders = fixtures.iter().map(String::as_str).chain(["steps"]);
    folders
        .map(|folder| {
            let folder = project().join(folder);
            let catalog = Catalog::load(&folder).unwrap();
            (catalog, Files::read(&folder).unwrap())
        })
        .collect()
}

/// The files of a catalog, with one case of a step and none of its others.
fn with_one(files: &Files, step: &str, case: &str) -> Files {
    let others = files.iter().filter(|(path, _)| {
        let case_of =
            |path: &str| Some(path.strip_prefix(step)?.strip_prefix("/cases/")?.to_owned());
        case_of(path).is_none_or(|of| of.split('/').next() == Some(case))
    });
    others.collect()
}

/// What verifying says of the cases in a folder.
fn found(catalog: &Catalog, files: &Files, folder: &str) -> Vec<String> {
    let report = Verification::of(catalog).cases(files).run();
    let findings = report.findings.iter().map(ToString::to_string);
    findings
        .filter(|finding| finding.contains(folder))
        .collect()
}

#[test]
fn what_is_made_from_any_case_is_accepted() {
    let (mut made, mut undone) = (0, 0);
    for (catalog, files) in catalogs() {
        for folder in files.folders() {
            let step = catalog
                .steps()
                .iter()
                .position(|step| folder == format!("{:04}_{}", step.version(), step.name()));
            let Some(step) = step else { continue };
            for case in files.below(folder).below("cases").folders() {
                let mut files = with_one(&files, folder, case);
                let verification = Verification::of(&catalog).cases(&files);
                let Some((model, cases)) = verification.forgotten(step) else {
                    continue;
                };
                let of = format!("{folder}/cases/{case}");
                assert_eq!(model, of);
                let told_before = found(&catalog, &files, &format!("{folder}/cases/"));
                for new in &cases {
                    assert!(
                        !matches!(new.outcome, CaseOutcome::Defect(_)),
                        "{of}: {new:?}"
                    );
                    made += usize::from(!new.files.is_empty());
                    undone += usize::from(new.undo.is_some());
                    if let Some(StatedUndo::Text(text)) = &new.undo {
                        assert_eq!(new.files.get("down.ocl"), Some(text.as_slice()));
                    }
                    for (name, bytes) in new.files.iter() {
                        files.insert(format!("{folder}/cases/{}/{name}", new.name), bytes);
                    }
                }
                let told = found(&catalog, &files, &format!("{folder}/cases/"));
                assert_eq!(told, told_before, "made from {of}");
            }
        }
    }
    // The catalogs have such steps.
    assert!(made > 100 && undone > 10, "{made} {undone}");
}

/// Undone, the step loses what it put in; the model says so in its own file, of another place.
#[test]
fn what_undoing_sets_aside_is_stated_and_what_is_wrong_is_not_made() {
    let folder = scratch::folder();
    let files = [
        (
            "catalog.hcl",
            "catalog \"c\" { base_path = \".c\" }\nmarker {\n  path = \"v.ocl\"\n  attribute = \"version\"\n}\n\
             document \"job\" { path = \"job.ocl\" }\n",
        ),
        (
            "0001_job/step.hcl",
            "description = \"Jobs\"\ndocument = \"job\"\nimport {}\n",
        ),
        (
            "0002_owner/step.hcl",
            "description = \"Owner\"\ndocument = \"job\"\nmodify {\n  default = { owner = \"a\" }\n}\n\
             down {\n  in \"\" {\n    when = self.owner == \"a\"\n    remove = [\"owner\", \"note\"]\n  }\n}\n",
        ),
        (
            "0003_log/step.hcl",
            "description = \"Log\"\ndocument = \"job\"\none_way = \"it is new\"\nmodify {\n  in \"\" {\n    \
             when = self.log == \"x\"\n    default = { more = \"y\" }\n  }\n  in \"\" {\n    when = self.note == null\n    \
             default = { log = \"x\" }\n  }\n}\n",
        ),
        ("0003_log/cases/one/before.ocl", "note = \"n\"\n"),
        ("0003_log/cases/one/after.ocl", "note = \"n\"\n"),
        ("0002_owner/cases/one/before.ocl", "note = \"n\"\n"),
        (
            "0002_owner/cases/one/after.ocl",
            "note = \"n\"\nowner = \"a\"\n",
        ),
        ("0002_owner/cases/one/down.ocl", ""),
        (
            "0002_owner/cases/one/case.hcl",
            "# why\nset_aside = [\"note\"]\nslug = \"\"\n",
        ),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let catalog = Catalog::load(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let files = Files::read(folder.path()).unwrap();
    let verification = Verification::of(&catalog).cases(&files);
    let told = found(&catalog, &files, "/cases/");
    assert_eq!(told, Vec::<String>::new());
    let (_, cases) = verification.forgotten(1).unwrap();
    let case = |name| cases.iter().find(|case| case.name == name).unwrap();
    let crlf = case("crlf");
    assert_eq!(crlf.undo, Some(StatedUndo::Text(Vec::new())));
    assert_eq!(crlf.set_aside, ["note"]);
    let text = |file| std::str::from_utf8(crlf.files.get(file).unwrap()).unwrap();
    assert_eq!(text("after.ocl"), "note = \"n\"\r\nowner = \"a\"\r\n");
    assert_eq!(text("down.ocl"), "");
    assert_eq!(
        text("case.hcl"),
        "# why\nset_aside = [\"note\"]\nslug = \"\"\n"
    );
    assert_eq!(
        case("empty").files.get("case.hcl"),
        Some(&b"# why\nslug = \"\"\n"[..])
    );
    // Of what the one operation puts in, the other one makes more when the step runs again.
    let (_, cases) = verification.forgotten(2).unwrap();
    let empty = cases.iter().find(|case| case.name == "empty").unwrap();
    let CaseOutcome::Defect(why) = &empty.outcome else {
        panic!("{empty:?}");
    };
    assert!(why.contains("changes it again"), "{why}");
    assert!(empty.files.is_empty() && empty.undo.is_none());
}
