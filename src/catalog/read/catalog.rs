//! `catalog.hcl`: the catalog's name, the marker and the document kinds.

use hcl::Number;
use hcl::edit::Span;
use hcl::edit::structure::{Attribute, Block, Body};

use super::identity::DECLARATIONS;
use super::modify::block_span;
use super::things::OF_THINGS;
use super::{Reader, value_span};
use crate::catalog::blocks::{CATALOG, DOCUMENT, MARKER, OF_CATALOG, VERSION};
use crate::catalog::spans::{KindSpans, Spans};
use crate::catalog::{Baseline, BlockPath, CatalogParts, Deprecation, DocumentKind, PathPattern};
use crate::text::{either, list, nearest};

/// The blocks in a `document` block.
const IN_DOCUMENT: [&str; 3] = [DECLARATIONS[0], DECLARATIONS[1], "contract"];

impl Reader<'_> {
    /// Fills in the parts, and returns the span of each.
    pub(super) fn catalog(&mut self, body: &Body, parts: &mut CatalogParts) -> Spans {
        let mut spans = Spans {
            file: Some(self.compiler.file.clone()),
            ..Spans::default()
        };
        for attribute in body.attributes() {
            let span = attribute.key.span().unwrap_or_default();
            let blocks = OF_CATALOG.map(|block| format!("`{}`", block.name));
            let message = format!("expected a block: {}", either(blocks));
            self.compiler.problem(span, message);
        }
        let mut seen = Vec::new();
        for block in body.blocks() {
            let name = block.ident.as_str();
            if ["catalog", "marker"].contains(&name) && seen.contains(&name) {
                let message = format!("a second `{name}` block");
                self.compiler.problem(block_span(block), message);
            }
            seen.push(name);
            match name {
                "catalog" => self.catalog_block(block, parts, &mut spans),
                "marker" => self.marker_block(block, parts, &mut spans),
                "version" => self.version_block(block, parts, &mut spans),
                "document" => self.document_block(block, parts, &mut spans),
                // Read with those of the kinds.
                name if DECLARATIONS.contains(&name) || OF_THINGS.contains(&name) => {}
                other => {
                    // It may be meant as a kind, which every step about it would then lack.
                    spans.lacks_kinds = true;
                    let blocks = OF_CATALOG.map(|block| block.name);
                    let help = match nearest(other, blocks) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("a catalog has the blocks {}", list(blocks)),
                    };
                    let message = format!("unknown block `{other}`");
                    self.compiler
                        .problem_with_help(block_span(block), message, help);
                }
            }
        }
        if !seen.contains(&"catalog") {
            spans.lacks_kinds |= parts.kinds.is_empty();
            self.compiler.problem_with_help(
                0..0,
                "there is no `catalog` block",
                "begin with `catalog \"name\" { base_path = \"...\" }`",
            );
        }
        spans
    }

    fn catalog_block(&mut self, block: &Block, parts: &mut CatalogParts, spans: &mut Spans) {
        parts.name = self.label(block, "the catalog's name").unwrap_or_default();
        self.known(block, &CATALOG);
        parts.base_path = self.required_string(block, "base_path").unwrap_or_default();
        spans.base_path = value_span(&block.body, "base_path");
        if let Some(attribute) = block.body.get_attribute("unknown_versions") {
            parts.unknown_versions = self.versions(attribute);
        }
        self.baseline(block, parts, spans);
    }

    fn baseline(&mut self, block: &Block, parts: &mut CatalogParts, spans: &mut Spans) {
        let release = block.body.get_attribute("last_release");
        let Some(attribute) = block.body.get_attribute("baseline") else {
            if let Some(release) = release {
                let span = release.key.span().unwrap_or_default();
                let message =
                    "`last_release` is about versions below the baseline, and there is none";
                self.compiler
                    .problem_with_help(span, message, "write `baseline = N` too");
            }
            return;
        };
        spans.baseline = value_span(&block.body, "baseline");
        let version = match attribute.value.as_number().and_then(Number::as_u64) {
            Some(version) => u32::try_from(version).unwrap_or(0),
            None => 0,
        };
        let release = release.and_then(|attribute| self.string(attribute));
        match Baseline::new(version, release.as_deref()) {
            Ok(baseline) => parts.baseline = Some(baseline),
            Err(message) => self.compiler.problem(spans.baseline.clone(), message),
        }
    }

    fn marker_block(&mut self, block: &Block, parts: &mut CatalogParts, spans: &mut Spans) {
        self.plain_block(block, &MARKER);
        if let Some(path) = self.required_string(block, "path") {
            parts.marker.path = path;
            spans.marker_paths = vec![value_span(&block.body, "path")];
        }
        if let Some(attribute) = self.required_string(block, "attribute") {
            parts.marker.attribute = attribute;
            spans.marker_attribute = value_span(&block.body, "attribute");
        }
        if let Some(attribute) = block.body.get_attribute("legacy_paths") {
            let (paths, more): (Vec<_>, Vec<_>) = self.strings(attribute).into_iter().unzip();
            parts.marker.legacy_paths = paths;
            spans.marker_paths.truncate(1);
            spans.marker_paths.resize(1, 0..0);
            spans.marker_paths.extend(more);
        }
    }

    fn version_block(&mut self, block: &Block, parts: &mut CatalogParts, spans: &mut Spans) {
        self.known(block, &VERSION);
        let label = self.label(block, "the version");
        let deprecated = self.required_string(block, "deprecated");
        let (Some(label), Some(deprecated)) = (label, deprecated) else {
            return;
        };
        let label_span = block.labels.first().and_then(|label| label.span());
        let label_span = label_span.unwrap_or_default();
        let Some(version) = label.parse().ok().filter(|version| *version > 0) else {
            let message = format!("`{label}` is not a version: a positive whole number");
            self.compiler.problem(label_span, message);
            return;
        };
        match Deprecation::parse(&deprecated) {
            Err(message) => {
                let span = value_span(&block.body, "deprecated");
                self.compiler.problem(span, message);
            }
            Ok(deprecation) => {
                spans.deprecated.insert(version, label_span.clone());
                if parts.deprecated.insert(version, deprecation).is_some() {
                    let message = format!("a second `version` block for {version}");
                    self.compiler.problem(label_span, message);
                }
            }
        }
    }

    fn block_paths(&mut self, attribute: &Attribute) -> Vec<BlockPath> {
        let mut paths = Vec::new();
        for (text, span) in self.strings(attribute) {
            match BlockPath::parse_at(&text) {
                Ok(path) => paths.push(path),
                Err((within, message)) => {
                    let place = self.compiler.within(&text, span, within);
                    self.compiler.problem(place, message);
                }
            }
        }
        paths
    }

    fn document_block(&mut self, block: &Block, parts: &mut CatalogParts, spans: &mut Spans) {
        self.known_attributes(&block.body, &DOCUMENT);
        for inner in block.body.blocks() {
            let name = inner.ident.as_str();
            if !IN_DOCUMENT.contains(&name) {
                let help = match nearest(name, IN_DOCUMENT) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", list(IN_DOCUMENT)),
                };
                let message = format!("unknown block `{name}`");
                self.compiler
                    .problem_with_help(block_span(inner), message, help);
            }
        }
        let name = self.label(block, "the kind's name");
        let path = self.required_string(block, "path");
        let path_span = value_span(&block.body, "path");
        let path = path.and_then(|path| match PathPattern::parse(&path) {
            Ok(path) => Some(path),
            Err(message) => {
                self.compiler.problem(path_span.clone(), message);
                None
            }
        });
        let single = block.body.get_attribute("single");
        let single = single.map_or_else(Vec::new, |attribute| self.block_paths(attribute));
        let defaults = block.body.get_attribute("defaults");
        let defaults = defaults.and_then(|attribute| self.string(attribute));
        match (name, path) {
            (Some(name), Some(path)) => {
                let label = block.labels.first().and_then(|label| label.span());
                spans.kinds.push(KindSpans {
                    name: label.unwrap_or_default(),
                    path: path_span,
                    defaults: value_span(&block.body, "defaults"),
                });
                parts.kinds.push(DocumentKind {
                    name,
                    path,
                    single,
                    defaults,
                });
            }
            _ => spans.lacks_kinds = true,
        }
    }
}
