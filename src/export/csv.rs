//! A row for each value.

use super::what::Export;
use crate::values::Value;

pub(super) fn text(export: &Export<'_>) -> String {
    let in_memory = "rows of one length go into memory";
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut columns = vec!["document", "address", "value", "type"];
    columns.extend(export.origins.map(|_| "origin"));
    writer.write_record(columns).expect(in_memory);
    for part in &export.parts {
        for leaf in part.element.leaves() {
            let value = leaf.value();
            let text = match &value {
                Value::String(text) => text.to_string(),
                other => other.to_string(),
            };
            let address = leaf.element().to_string();
            let mut row = vec![part.document, &address, &text, value.type_name()];
            row.extend(export.origins.map(|origin| origin(part.document, &leaf)));
            writer.write_record(row).expect(in_memory);
        }
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).expect("all that was written is text")
}
