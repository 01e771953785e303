//! The service's pages in a real browser, by the keyboard alone and without the script.

use std::path::PathBuf;

use serde_json::json;

use super::chromium::{Chromium, Look};
use super::pages::ATTACK;
use super::{DARK, LIGHT, PHONE, browser};
use crate::serve::client::Running;
use crate::support::{Sandbox, project};

const ROOT: &str = "/v1/projects/default/";

/// A service that may be written to, of a repository with values that attack, and with many refs.
fn served(refs: usize) -> (Sandbox, Running, String) {
    let sandbox = Sandbox::new("versions");
    let text = format!("name = {}\n", json!(ATTACK));
    std::fs::write(sandbox.path().join("a.ocl"), text).unwrap();
    let put = [
        "commit",
        "main",
        "-m",
        "Attack",
        "--put",
        "team/attack=a.ocl",
    ];
    sandbox.run(&put);
    sandbox.shell("rm a.ocl");
    sandbox.shell(&format!(
        "new=$(git rev-parse main); old=$(git rev-parse old); for i in $(seq {refs}); do \
         echo \"create refs/heads/team-$((i % 40))/feature-$i $new\"; i=$((i + {refs})); \
         echo \"create refs/heads/team-$((i % 40))/feature-$i $old\"; done | git update-ref --stdin"
    ));
    let catalog = project().join("fixtures/catalogs/fizz");
    let catalog = ["--catalog", catalog.to_str().unwrap()];
    let running = Running::start(sandbox.path(), &catalog, &["--writable"]);
    let address = format!("http://{}", running.address);
    (sandbox, running, address)
}

/// Looks at a page in every way.
fn look_at(browser: &mut Chromium, service: &str, name: &str, question: &str) {
    let pictures = std::env::var_os("OCL_PICTURES").map(PathBuf::from);
    for (look, way) in [(LIGHT, "light"), (DARK, "dark"), (PHONE, "phone")] {
        browser.visit(service, &format!("{ROOT}{question}"), look);
        seen(browser, &format!("{name}, {way}"), look);
        if let Some(pictures) = &pictures {
            browser.picture(&pictures.join(format!("explorer-{name}-{way}.png")));
        }
    }
    assert_eq!(browser.value("typeof window.ran"), json!("undefined"));
    let mut problems = browser.problems();
    // The console tells the status of a page that says what isn't there.
    problems.retain(|problem| !problem.contains("status of 404"));
    assert_eq!(problems, [""; 0], "{name}");
}

/// That what is open fits into the window, can be read, and names its fields.
fn seen(browser: &mut Chromium, what: &str, look: Look) {
    let width = browser.value("document.documentElement.scrollWidth");
    assert_eq!(width, json!(look.width), "{what} is wider than the window");
    let faint = browser.value(include_str!("faint.js"));
    assert_eq!(faint, json!([]), "{what}: text that is hard to read");
    let spoken = browser.spoken();
    let named = [
        "button",
        "link",
        "radio",
        "searchbox",
        "checkbox",
        "textbox",
        "combobox",
        "navigation",
    ];
    let silent: Vec<_> = spoken
        .iter()
        .filter(|(role, name)| named.contains(&&**role) && name.is_empty())
        .collect();
    assert!(silent.is_empty(), "{what}: {silent:?}");
}

/// Goes on with Tab until the focus is on what a selector names.
fn tab_to(browser: &mut Chromium, selector: &str) {
    let is_there = format!("document.activeElement.matches({})", json!(selector));
    for _ in 0..120 {
        if browser.value(&is_there) == json!(true) {
            return;
        }
        browser.press("Tab");
    }
    panic!("Tab doesn't lead to {selector}");
}

#[test]
fn its_pages_fit_and_can_be_read_in_either_theme_and_on_a_phone() {
    let Some(mut browser) = browser() else { return };
    let (_sandbox, _running, service) = served(100);
    for (name, question) in [
        ("index", ""),
        ("ref", "?ref=main"),
        ("values", "values?ref=main"),
        ("document", "values?ref=main&document=fizz"),
        ("found", "search?q=name"),
        ("edit", "edit?ref=main&document=fizz&selector=size.width"),
        ("problem", "values?ref=nowhere"),
        ("blame", "blame?ref=main&document=fizz"),
    ] {
        look_at(&mut browser, &service, name, question);
    }
}

#[test]
fn five_thousand_refs_are_filtered_and_sorted_by_the_keyboard_without_the_script() {
    let Some(mut browser) = browser() else { return };
    let (_sandbox, _running, service) = served(2_500);
    browser.without_scripts();
    browser.visit(&service, ROOT, LIGHT);
    let rows = "document.querySelectorAll('tbody tr').length";
    assert_eq!(browser.value(rows), json!(200));
    tab_to(&mut browser, "input[name=filter]");
    browser.type_text("feature-4711");
    browser.press_to_go("Enter");
    assert_eq!(browser.value(rows), json!(1));
    let first = "document.querySelector('tbody th a').textContent";
    assert_eq!(
        browser.value(first),
        json!("refs/heads/team-31/feature-4711")
    );
    tab_to(&mut browser, "tbody th a");
    browser.press_to_go("Enter");
    assert_eq!(
        browser.value("document.querySelector('h1').textContent"),
        json!("refs/heads/team-31/feature-4711")
    );
    browser.visit(&service, &format!("{ROOT}?filter=team-7/&sort=name"), PHONE);
    let sorted = "document.querySelector('th[aria-sort=ascending]').textContent";
    assert_eq!(browser.value(sorted), json!("Ref"));
    assert_eq!(
        browser.value("document.querySelector('[role=status]').textContent"),
        json!("1 to 125 of 125 refs")
    );
}

#[test]
fn a_value_is_found_read_and_changed_by_the_keyboard_alone() {
    let Some(mut browser) = browser() else { return };
    let (sandbox, _running, service) = served(1);
    browser.visit(&service, ROOT, LIGHT);
    tab_to(&mut browser, "input[name=q]");
    browser.type_text("width 100");
    browser.press("Tab");
    browser.type_text("main");
    browser.press_to_go("Enter");
    tab_to(&mut browser, "tbody th a");
    browser.press_to_go("Enter");
    let value = "document.querySelector('.tree code').textContent";
    assert_eq!(browser.value(value), json!("100"));
    tab_to(&mut browser, ".acts a[href^=edit]");
    browser.press_to_go("Enter");
    tab_to(&mut browser, "textarea");
    browser.value("document.activeElement.select()");
    // Keys that mean something elsewhere are letters here.
    browser.type_text("e/jk\nline");
    for key in ["j", "e", "/"] {
        browser.press(key);
    }
    assert_eq!(
        browser.value("document.activeElement.value"),
        json!("e/jk\nlineje/")
    );
    tab_to(&mut browser, "button[value=show]");
    browser.press_to_go("Enter");
    seen(&mut browser, "the diff", LIGHT);
    let pictures = std::env::var_os("OCL_PICTURES").map(PathBuf::from);
    if let Some(pictures) = &pictures {
        browser.picture(&pictures.join("explorer-diff-light.png"));
    }
    let added = "[...document.querySelectorAll('ins code')].map(line => line.textContent).join('')";
    assert!(browser.value(added).as_str().unwrap().contains("lineje/"));
    tab_to(&mut browser, "button[value=write]");
    browser.press_to_go("Enter");
    let done = "document.querySelector('[role=status]').textContent";
    assert!(
        browser
            .value(done)
            .as_str()
            .unwrap()
            .starts_with("Committed")
    );
    let exported = sandbox.run(&["export", "main", "fizz", "size.width", "--as", "json"]);
    assert!(exported.contains("e/jk\\nlineje/"), "{exported}");
    assert_eq!(browser.problems(), [""; 0]);
}
