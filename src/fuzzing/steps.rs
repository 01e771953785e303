//! Steps on documents.

use std::sync::LazyLock;

use super::input::{is_deep, texts};
use crate::catalog::Catalog;
use crate::engine::DocumentOutcome;
use crate::verify::{Files, MemoryProject};

/// The shipped steps migrate any document up to the latest version and down again, or refuse it with a reason. Their results
/// can be read, and running the steps once more changes nothing.
///
/// The first byte is the version, the second the kind, the rest is the document.
pub fn shipped_steps(data: &[u8]) {
    let [version, kind, text @ ..] = data else {
        return;
    };
    static SHIPPED: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);
    let latest = SHIPPED.server_version();
    let version = 1 + u32::from(*version) % latest;
    let paths = [
        "deployment_process.ocl",
        "deployment_settings.ocl",
        "variables.ocl",
        "runbooks/a.ocl",
    ];
    let path = paths[usize::from(*kind) % paths.len()];
    let files: Files = [(path, text)].into_iter().collect();
    up_and_down(&SHIPPED, version, &files, latest);
}

/// A step changes a document as it says, or is refused with a reason.
///
/// The input is `step.hcl` and the document, with a NUL between them.
pub fn step(data: &[u8]) {
    let Some(texts) = texts(data) else { return };
    let [step, document] = texts[..] else { return };
    if is_deep(step) {
        return;
    }
    let declared = "catalog \"fuzz\" { base_path = \".\" }\n\
                    marker {\n path = \"version.ocl\"\n attribute = \"version\"\n}\n\
                    document \"thing\" { path = \"thing.ocl\" }\n";
    let Ok(catalog) = Catalog::from_texts(&[("catalog.hcl", declared), ("0002_a/step.hcl", step)])
    else {
        return;
    };
    let files: Files = [("thing.ocl", document.as_bytes())].into_iter().collect();
    up_and_down(&catalog, 1, &files, catalog.server_version());
}

fn up_and_down(catalog: &Catalog, version: u32, files: &Files, latest: u32) {
    let Ok(up) = MemoryProject::new(catalog, version, files).migrate(latest) else {
        return;
    };
    for document in &up.documents {
        if let DocumentOutcome::Failed(error) = &document.outcome {
            assert!(!error.to_string().is_empty());
        }
        let _ = document.changes();
    }
    let again = MemoryProject::new(catalog, latest, &up.files).migrate(latest);
    let again = again.expect("the engine writes a marker that states its version");
    assert_eq!(again.files, up.files);
    let _ = MemoryProject::new(catalog, latest, &up.files).migrate(version);
}
