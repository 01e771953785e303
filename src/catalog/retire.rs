//! Which steps a new baseline makes superfluous, and what `catalog.hcl` says then.

use std::ops::Range;

use hcl::edit::Span;
use hcl::edit::parser::parse_body;
use hcl::edit::structure::{Attribute, Block, Body};

use super::action::{Action, Target};
use super::baseline::Baseline;
use super::model::Catalog;
use super::step::Step;

impl Catalog {
    /// The steps that would never run with a baseline at this version: all up to it, but for the imports of documents that exist
    /// there. Those still bring documents to branches that have no version yet.
    pub fn superfluous_steps(&self, baseline: u32) -> Vec<&Step> {
        let up_to_it = || self.steps.iter().filter(|step| step.version <= baseline);
        let is_needed = |step: &Step| {
            let removes = |later: &Step| {
                let (version, target) = (later.version, &later.target);
                let is_later = version > step.version && *target == step.target;
                is_later && matches!(later.action, Action::Remove)
            };
            matches!(step.action, Action::Import(_)) && !up_to_it().any(removes)
        };
        up_to_it().filter(|step| !is_needed(step)).collect()
    }

    /// The kinds of which there is nothing from a version on: a step up to it removes them, and no later one brings any in.
    pub fn kinds_gone_at(&self, version: u32) -> impl Iterator<Item = &str> {
        let comes_again = move |kind: &str| {
            let mut later = self.steps.iter().filter(|step| step.version > version);
            later.any(|step| step.concerns(kind) && matches!(step.action, Action::Import(_)))
        };
        let kinds = self.kinds.iter().map(|kind| &*kind.name);
        kinds.filter(move |kind| self.removed_before(kind, version).is_some() && !comes_again(kind))
    }

    /// The imports that stay below a baseline at this version.
    pub fn imports_up_to(&self, baseline: u32) -> impl Iterator<Item = (&str, u32)> {
        let steps = self
            .steps
            .iter()
            .filter(move |step| step.version <= baseline);
        steps.filter_map(|step| match (&step.target, &step.action) {
            (Target::Kind(kind), Action::Import(_)) => Some((&**kind, step.version)),
            _ => None,
        })
    }
}

/// The text of `catalog.hcl` with a baseline. What is said of versions up to it goes, and so do these kinds, of which there is
/// nothing from there on; every other byte stays as it is.
///
/// # Errors
/// Where the text is no catalog's.
pub fn with_baseline(text: &str, baseline: &Baseline, gone: &[&str]) -> Result<String, String> {
    let body = parse_body(text).map_err(|error| error.to_string())?;
    let mut blocks = body.blocks();
    let catalog = blocks.find(|block| block.has_ident("catalog"));
    let catalog = catalog.ok_or("there is no `catalog` block")?;
    let base_path = catalog.body.get_attribute("base_path").and_then(Span::span);
    let base_path = base_path.ok_or("the `catalog` block has no `base_path`")?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let aligned = text[base_path.clone()].find('=');
    let aligned = aligned.filter(|equals| *equals > "base_path ".len());
    let width = aligned.map_or(0, |equals| equals - 1);
    let mut said = format!("{newline}  {:width$} = {}", "baseline", baseline.version());
    if let Some(release) = baseline.last_release() {
        let release = hcl::Value::from(release);
        said.push_str(&format!("{newline}  {:width$} = {release}", "last_release"));
    }
    let rest = &text[base_path.end..];
    let line_end = rest.find(newline);
    let brace = catalog.span().map(|span| span.end - 1);
    let mut splices =
        match brace.filter(|brace| line_end.is_none_or(|end| base_path.end + end > *brace)) {
            // The block stands on one line.
            Some(brace) => {
                let begin = text[..base_path.start].trim_end().len();
                let end = text[..brace].trim_end().len();
                said.push_str(newline);
                vec![
                    (begin..base_path.start, format!("{newline}  ")),
                    (end..brace, said),
                ]
            }
            // After the line of the base path, with the comment that may end it.
            None => {
                let end = line_end.map_or(base_path.end, |end| base_path.end + end);
                vec![(end..end, said)]
            }
        };
    for name in ["baseline", "last_release"] {
        let old = catalog.body.get_attribute(name).and_then(Span::span);
        splices.extend(old.map(|span| (line_of(text, &span), String::new())));
    }
    splices.extend(unknown_versions(text, &catalog.body, baseline));
    splices.extend(below(text, &body, baseline));
    let is_gone = |block: &&Block| {
        let name = block.labels.first().map(|label| label.as_str());
        block.has_ident("document") && name.is_some_and(|name| gone.contains(&name))
    };
    let kinds = body.blocks().filter(is_gone);
    splices.extend(kinds.filter_map(|block| Some((line_of(text, &block.span()?), String::new()))));
    splices.sort_by_key(|(span, _)| span.start);
    let (mut written, mut at) = (String::with_capacity(text.len() + 64), 0);
    for (span, new) in splices {
        written.push_str(&text[at..span.start]);
        written.push_str(&new);
        at = span.end;
    }
    written.push_str(&text[at..]);
    Ok(written)
}

/// The unknown versions that are left.
fn unknown_versions(
    text: &str,
    catalog: &Body,
    baseline: &Baseline,
) -> Option<(Range<usize>, String)> {
    let attribute: &Attribute = catalog.get_attribute("unknown_versions")?;
    let versions = attribute.value.as_array()?.iter();
    let versions: Vec<u64> = versions
        .filter_map(|version| version.as_number()?.as_u64())
        .collect();
    let is_left = |version: &&u64| **version > u64::from(baseline.version());
    let left: Vec<String> = versions
        .iter()
        .filter(is_left)
        .map(u64::to_string)
        .collect();
    if left.len() == versions.len() {
        return None;
    }
    if left.is_empty() {
        return Some((line_of(text, &attribute.span()?), String::new()));
    }
    Some((attribute.value.span()?, format!("[{}]", left.join(", "))))
}

/// The `version` blocks about versions below the baseline.
fn below<'b>(
    text: &'b str,
    body: &'b Body,
    baseline: &'b Baseline,
) -> impl Iterator<Item = (Range<usize>, String)> + 'b {
    let is_below = |block: &&Block| {
        let label = block.labels.first().map(|label| label.as_str());
        let version = label.and_then(|label| label.parse::<u32>().ok());
        version.is_some_and(|version| version < baseline.version())
    };
    let blocks = body.blocks().filter(|block| block.has_ident("version"));
    let blocks = blocks.filter(is_below);
    blocks.filter_map(|block| Some((line_of(text, &block.span()?), String::new())))
}

/// A span with the rest of its lines, their end included, where nothing else stands on them.
fn line_of(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
    let end = text[span.end..]
        .find('\n')
        .map_or(text.len(), |end| span.end + end + 1);
    let before = text[start..span.start].trim();
    let after = text[span.end..end].trim();
    if before.is_empty() && (after.is_empty() || after.starts_with(['#', '/'])) {
        start..end
    } else {
        span.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_byte_stays_as_it_is() {
        let text = "# Ours.\ncatalog \"a\" {\n  base_path = \".a\" # here\n  baseline = 2\n  unknown_versions = [3, 7]\n}\n\n\
                    version \"3\" { deprecated = \"2027-01-01: old\" }\nversion \"6\" { deprecated = \"2028-01-01: old\" }\n\
                    document \"fizz\" { path = \"fizz.ocl\" }\ndocument \"buzz\" {\n  path = \"buzz.ocl\"\n}\n";
        let baseline = Baseline::new(5, Some("2026.4 \"LTS\"")).expect("it is one");
        let written = with_baseline(text, &baseline, &[]).expect("it is a catalog");
        assert_eq!(
            written,
            "# Ours.\ncatalog \"a\" {\n  base_path = \".a\" # here\n  baseline = 5\n  last_release = \"2026.4 \\\"LTS\\\"\"\n\
             \x20 unknown_versions = [7]\n}\n\nversion \"6\" { deprecated = \"2028-01-01: old\" }\n\
             document \"fizz\" { path = \"fizz.ocl\" }\ndocument \"buzz\" {\n  path = \"buzz.ocl\"\n}\n"
        );
        let later = Baseline::new(9, None).expect("it is one");
        let written = with_baseline(&written, &later, &["buzz"]).expect("it is a catalog");
        assert_eq!(
            written,
            "# Ours.\ncatalog \"a\" {\n  base_path = \".a\" # here\n  baseline = 9\n}\n\n\
             document \"fizz\" { path = \"fizz.ocl\" }\n"
        );
        assert!(with_baseline("catalog \"a\" { base_path = \"", &later, &[]).is_err());
    }

    #[test]
    fn a_block_on_one_line_is_unfolded() {
        let baseline = Baseline::new(5, Some("1.0")).expect("it is one");
        let cases = [
            (
                "catalog \"a\" { base_path = \".a\" }\ndocument \"b\" { path = \"b\" }\n",
                "catalog \"a\" {\n  base_path = \".a\"\n  baseline = 5\n  last_release = \"1.0\"\n}\n\
                 document \"b\" { path = \"b\" }\n",
            ),
            (
                "catalog \"a\" {base_path = \".a\"} # ours",
                "catalog \"a\" {\n  base_path = \".a\"\n  baseline = 5\n  last_release = \"1.0\"\n} # ours",
            ),
            (
                "catalog \"a\" { base_path = \".a\" }\r\n",
                "catalog \"a\" {\r\n  base_path = \".a\"\r\n  baseline = 5\r\n  last_release = \"1.0\"\r\n}\r\n",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(with_baseline(text, &baseline, &[]).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_was_aligned_stays_so() {
        let text = "catalog \"a\" {\n  base_path        = \".a\"\n  unknown_versions = [7]\n}\n";
        let baseline = Baseline::new(5, None).expect("it is one");
        assert_eq!(
            with_baseline(text, &baseline, &[]).as_deref(),
            Ok(
                "catalog \"a\" {\n  base_path        = \".a\"\n  baseline         = 5\n  unknown_versions = [7]\n}\n"
            )
        );
    }
}
