//! A page as a strict reader reads it.

use std::collections::BTreeSet;

use crate::report::html::HtmlPage;
use crate::report::html::page::{SCRIPT, STYLE};

/// Reads the page as a strict reader would: every tag closed, every attribute quoted, known and harmless.
pub(super) fn assert_well_formed(page: &HtmlPage) {
    let html = page.to_string().replace(STYLE, "").replace(SCRIPT, "");
    let (mut open, mut ids, mut links) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut rest = html.strip_prefix("<!doctype html>\n").expect("a doctype");
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "{}", &rest[..start]);
        let end = rest[start..].find('>').expect("a tag ends") + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed out of order");
            continue;
        }
        let closed = tag.ends_with('/');
        let (name, attributes) = tag
            .trim_end_matches('/')
            .split_once(' ')
            .unwrap_or((tag, ""));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "<{tag}>");
        for (attribute, value) in attributes_of(attributes) {
            assert!(
                !attribute.starts_with("on") && attribute != "style" && attribute != "src",
                "<{tag}>"
            );
            match attribute {
                "id" => assert!(ids.insert(value), "the id {value} stands twice"),
                "href" => links.push(value.strip_prefix('#').expect("a link within the page")),
                _ => {}
            }
        }
        if !closed && !["meta", "input"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for link in links {
        assert!(ids.contains(link), "#{link} leads nowhere");
    }
}

fn attributes_of(mut text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start();
        let end = text.find(['=', ' ']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if name.is_empty() {
            return found;
        }
        match rest.strip_prefix("=\"") {
            Some(rest) => {
                let (value, rest) = rest.split_once('"').expect("the value ends");
                found.push((name, value));
                text = rest;
            }
            None => {
                assert!(!rest.starts_with('='), "{name} has no quotes");
                found.push((name, ""));
                text = rest;
            }
        }
    }
}
