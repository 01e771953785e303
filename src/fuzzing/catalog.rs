//! Catalogs and markers.

use super::input::{is_deep, texts};
use crate::catalog::{Catalog, marker as marker_file};

const STEPS: [&str; 3] = ["0001_a/step.hcl", "0002_b/step.hcl", "0003_c/step.hcl"];

/// A catalog is either read, or refused with errors that can be displayed.
///
/// The input is `catalog.hcl` and up to three steps, with a NUL between them.
pub fn catalog(data: &[u8]) {
    let Some(texts) = texts(data) else { return };
    if texts.iter().any(|text| is_deep(text)) {
        return;
    }
    let files = std::iter::once("catalog.hcl").chain(STEPS).zip(texts);
    let files: Vec<(&str, &str)> = files.collect();
    if let Err(error) = Catalog::from_texts(&files) {
        assert!(!error.to_string().is_empty());
    }
}

/// A marker that states a version can be rewritten to another one, and then states that.
pub fn marker(data: &[u8]) {
    match marker_file::read(data, "version", "schema_version.ocl") {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(version) => {
            let next = version.checked_add(1).unwrap_or(1);
            let text = marker_file::rewrite(data, "version", next);
            let read = marker_file::read(&text, "version", "schema_version.ocl");
            assert_eq!(read, Ok(next));
        }
    }
}
