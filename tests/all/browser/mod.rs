//! The pages in a real browser. Where there is none, the tests say so and pass.
//!
//! With `OCL_PICTURES=DIR` pictures of the pages are left there, to be looked at.

mod chromium;
mod explorer;
mod pages;

use std::path::PathBuf;

use chromium::{Chromium, Look};
use pages::Page;
use serde_json::json;

const LIGHT: Look = Look {
    width: 1280,
    dark: false,
};
const DARK: Look = Look {
    width: 1280,
    dark: true,
};
const PHONE: Look = Look {
    width: 390,
    dark: false,
};

fn browser() -> Option<Chromium> {
    let program = chromium::find();
    if program.is_none() {
        crate::support::skipped("this machine has no Chromium");
    }
    program.map(|program| Chromium::start(&program))
}

/// Looks at a page in every way, and at what the console had to say.
fn look_at(browser: &mut Chromium, page: &Page) {
    let pictures = std::env::var_os("OCL_PICTURES").map(PathBuf::from);
    for (look, way) in [(LIGHT, "light"), (DARK, "dark"), (PHONE, "phone")] {
        browser.open(&page.file(), "", look);
        let what = format!("{}, {way}", page.name());
        let width = browser.value("document.documentElement.scrollWidth");
        assert_eq!(width, json!(look.width), "{what} is wider than the window");
        let faint = browser.value(include_str!("faint.js"));
        assert_eq!(faint, json!([]), "{what}: text that is hard to read");
        if let Some(pictures) = &pictures {
            browser.picture(&pictures.join(format!("{}-{way}.png", page.name())));
        }
    }
    if let Some(pictures) = &pictures {
        browser.open(&page.file(), "", LIGHT);
        browser.value("document.getElementById('view-split')?.click()");
        browser.picture(&pictures.join(format!("{}-split.png", page.name())));
        browser.value("document.getElementById('view-unified')?.click()");
        browser.print(&pictures.join(format!("{}.pdf", page.name())));
    }
    assert_eq!(browser.problems(), [""; 0], "{}", page.name());
}

#[test]
fn pages_have_no_problems_in_either_theme_nor_on_a_phone() {
    let Some(mut browser) = browser() else { return };
    for page in [pages::preview(), pages::plan(), pages::from_snapshots()] {
        look_at(&mut browser, &page);
    }
}

#[test]
fn a_merge_is_searched_by_kinds_of_conflicts() {
    let Some(mut browser) = browser() else { return };
    let page = pages::merge();
    browser.open(&page.file(), "", LIGHT);
    let shown = "[...document.querySelectorAll('tbody.rows tr:not([hidden]) th')].map(th => th.textContent).join()";
    assert_eq!(browser.value(shown), json!("a,b"));
    let cells = "document.querySelector('thead').textContent";
    assert_eq!(
        browser.value(cells),
        json!("ValueConflictBaseOursTheirsOutcome")
    );
    for (words, expected) in [
        ("both-changed", "a"),
        ("order", ""),
        ("1", "a,b"),
        ("", "a,b"),
    ] {
        browser.value(&format!(
            "(() => {{ const box = document.getElementById('search'); box.value = {}; box.dispatchEvent(new Event('input')) }})()",
            json!(words)
        ));
        assert_eq!(browser.value(shown), json!(expected), "{words}");
    }
}

#[test]
fn hostile_text_stays_text() {
    let Some(mut browser) = browser() else { return };
    let mut all = pages::attacked();
    all.push(pages::merge());
    for page in all {
        look_at(&mut browser, &page);
        browser.open(&page.file(), "", LIGHT);
        assert_eq!(browser.value("typeof window.ran"), json!("undefined"));
        let strange = "document.querySelectorAll('script:not(:last-child), img, iframe, object, link, base, [onerror]').length";
        assert_eq!(browser.value(strange), json!(0), "{}", page.name());
        assert_eq!(browser.value("document.scripts.length"), json!(1));
        let shown = format!(
            "document.body.textContent.includes({})",
            json!("window.ran=1</script>")
        );
        assert_eq!(browser.value(&shown), json!(true), "{}", page.name());
    }
}

#[test]
fn the_policy_stops_what_the_page_did_not_bring() {
    let Some(mut browser) = browser() else { return };
    let page = pages::plan();
    browser.open(&page.file(), "", LIGHT);
    browser.value(
        "(() => { const script = document.createElement('script'); \
         try { script.textContent = 'window.ran = 1' } catch {} document.body.append(script); \
         const image = document.createElement('img'); image.src = 'https://example.com/x.png'; document.body.append(image); \
         document.body.setAttribute('style', 'color: red') })()",
    );
    let problems = browser.problems().join("\n");
    assert_eq!(browser.value("typeof window.ran"), json!("undefined"));
    for refused in [
        "Loading the image",
        "Applying inline style",
        "TrustedScript",
    ] {
        assert!(problems.contains(refused), "{refused}: {problems}");
    }
}

#[test]
fn documents_fold_and_are_walked_through_and_found_by_keys() {
    let Some(mut browser) = browser() else { return };
    let page = pages::preview();
    browser.open(&page.file(), "", LIGHT);
    let focused = "document.activeElement.closest('details')?.id";
    browser.press("j");
    assert_eq!(
        browser.value(focused),
        json!("doc/runbook/broken"),
        "failures come first"
    );
    let open = "document.activeElement.closest('details').open";
    assert_eq!(browser.value(open), json!(true));
    browser.press("Enter");
    assert_eq!(browser.value(open), json!(false), "Enter folds");
    browser.press("j");
    browser.press("j");
    browser.press("k");
    assert_eq!(browser.value(focused), json!("doc/runbook/unclosed"));
    browser.press("e");
    browser.press("e");
    let all_open = "[...document.querySelectorAll('.item')].every(item => item.open)";
    assert_eq!(browser.value(all_open), json!(true), "e unfolds all");

    browser.press("/");
    assert_eq!(browser.value("document.activeElement.id"), json!("search"));
    for key in ["f", "i", "z", "z"] {
        browser.press(key);
    }
    let visible = "[...document.querySelectorAll('.item')].filter(item => item.checkVisibility()).map(item => item.id)";
    assert_eq!(browser.value(visible), json!(["doc/fizz"]));
    assert_eq!(
        browser.value("document.getElementById('found').textContent"),
        json!("1 of 7")
    );
    browser.press("q");
    assert_eq!(browser.value(visible), json!([]));
    assert_eq!(
        browser.value("document.querySelector('.nothing').checkVisibility()"),
        json!(true)
    );
    browser.press("Escape");
    assert_eq!(
        browser.value(&format!("{visible}.length")),
        json!(7),
        "Escape brings all back"
    );

    let split = "getComputedStyle(document.querySelector('.block')).display";
    assert_eq!(browser.value(split), json!("block"));
    browser.press("v");
    assert_eq!(
        browser.value(split),
        json!("grid"),
        "v puts the diffs side by side"
    );
    browser.value("document.getElementById('keys-on').click()");
    browser.press("v");
    assert_eq!(
        browser.value(split),
        json!("grid"),
        "single keys can be turned off"
    );
    assert_eq!(browser.problems(), [""; 0]);
}

#[test]
fn lines_stand_beside_what_became_of_them() {
    let Some(mut browser) = browser() else { return };
    let page = pages::from_snapshots();
    browser.open(&page.file(), "", LIGHT);
    browser.value("document.getElementById('view-split').click()");
    let beside = "[...document.querySelectorAll('.block')].every(block => { \
        const left = [...block.querySelectorAll('del, .old')], right = [...block.querySelectorAll('ins, .new')]; \
        return left.length === right.length && left.every((line, index) => { \
            const a = line.getBoundingClientRect(), b = right[index].getBoundingClientRect(); \
            return a.top === b.top && a.height === b.height && a.right <= b.left + 1; }); })";
    assert_eq!(browser.value(beside), json!(true));
}

#[test]
fn links_lead_into_what_is_folded() {
    let Some(mut browser) = browser() else { return };
    let page = pages::preview();
    browser.open(&page.file(), "#doc/buzz", LIGHT);
    browser.value("document.getElementById('doc/buzz').open = false; location.hash = ''");
    browser.value("document.querySelector('a[href=\"#doc/buzz\"]').click()");
    browser.value("new Promise(resolve => setTimeout(resolve, 100))");
    assert_eq!(
        browser.value("document.getElementById('doc/buzz').open"),
        json!(true)
    );
    assert_eq!(browser.problems(), [""; 0]);
}

#[test]
fn everything_works_without_the_script() {
    let Some(mut browser) = browser() else { return };
    let page = pages::preview();
    browser.without_scripts();
    browser.open(&page.file(), "", LIGHT);
    let shown =
        "[...document.querySelectorAll('.tools, #keys')].some(tool => tool.checkVisibility())";
    assert_eq!(
        browser.value(shown),
        json!(false),
        "nothing is offered that doesn't work"
    );
    browser.value("document.getElementById('theme-dark').click()");
    browser.value("document.getElementById('view-split').click()");
    let ground = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(browser.value(ground), json!("rgb(21, 23, 27)"));
    let split = "getComputedStyle(document.querySelector('.block')).display";
    assert_eq!(browser.value(split), json!("grid"));
    let fold = "(() => { const item = document.querySelector('.item'); item.querySelector('summary').click(); return item.open })()";
    assert_eq!(browser.value(fold), json!(false));
}

#[test]
fn the_drawing_is_told_to_those_who_do_not_see_it() {
    let Some(mut browser) = browser() else { return };
    let page = pages::preview();
    browser.open(&page.file(), "", LIGHT);
    let spoken = browser.spoken();
    let has = |role: &str, name: &str| spoken.iter().any(|(r, n)| r == role && n.contains(name));
    assert!(has("image", "The plan by version"), "{spoken:?}");
    assert!(has("heading", "refs/heads/release/2023") && has("heading", "Documents"));
    assert!(has("searchbox", "Search documents") && has("link", "runbook/backup"));
    assert!(has("columnheader", "Decision") && has("rowheader", "import_fizz"));
    assert!(has("deletion", "") && has("insertion", "") && has("mark", ""));
    assert!(has("radio", "Side by side") && has("radio", "Dark"));
    let unnamed = ["button", "link", "radio", "searchbox", "checkbox", "image"];
    let silent: Vec<_> = spoken
        .iter()
        .filter(|(role, name)| unnamed.contains(&&**role) && name.is_empty())
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn five_thousand_refs_are_searched_while_one_types() {
    let Some(mut browser) = browser() else { return };
    for page in pages::many_refs() {
        look_at(&mut browser, &page);
        browser.open(&page.file(), "", LIGHT);
        let search = |words: &str| {
            format!(
                "(() => {{ const box = document.getElementById('search'); const start = performance.now(); box.value = {}; \
                 box.dispatchEvent(new Event('input')); document.body.offsetHeight; \
                 return performance.now() - start }})()",
                json!(words)
            )
        };
        let found = "document.getElementById('found').textContent";
        let mut slowest: f64 = 0.0;
        for (words, hits) in [
            ("feature-4711", "1 of 5000"),
            ("t", "5000 of 5000"),
            ("team-12/", "125 of 5000"),
            ("team-12/ feature-45", "3 of 5000"),
            ("no such ref", "0 of 5000"),
        ] {
            let took = browser.value(&search(words)).as_f64().unwrap();
            slowest = slowest.max(took);
            assert_eq!(browser.value(found), json!(hits), "{words}");
        }
        println!(
            "{}: {} bytes, slowest search {slowest:.0} ms",
            page.name(),
            std::fs::metadata(page.file()).unwrap().len()
        );
        // Ten times what it takes, for machines that have other things to do.
        assert!(slowest < 500.0, "{slowest} ms");
        browser.press("/");
        browser.press("Escape");
        assert_eq!(browser.value(found), json!(""));
        assert_eq!(browser.problems(), [""; 0]);
    }
}

#[test]
fn values_are_read_searched_and_stay_values() {
    let Some(mut browser) = browser() else { return };
    for page in pages::of_values() {
        look_at(&mut browser, &page);
        browser.open(&page.file(), "", LIGHT);
        assert_eq!(browser.value("typeof window.ran"), json!("undefined"));
        let strange = "document.querySelectorAll('script:not(:last-child), img, [onerror]').length";
        assert_eq!(browser.value(strange), json!(0), "{}", page.name());
        let shown = format!(
            "document.body.textContent.includes({})",
            json!("window.ran=1</script>")
        );
        assert_eq!(browser.value(&shown), json!(true), "{}", page.name());
    }
    let page = &pages::of_values()[0];
    browser.open(&page.file(), "", LIGHT);
    let rows =
        "[...document.querySelectorAll('tbody tr')].filter(row => row.checkVisibility()).length";
    // The first line is 0 whatever it is multiplied by.
    assert_eq!(browser.value(rows), json!(pages::VALUES + 1));
    let search = "(() => { const box = document.getElementById('search'); const start = performance.now(); \
        box.value = 'line_1999'; box.dispatchEvent(new Event('input')); document.body.offsetHeight; \
        return performance.now() - start })()";
    let took = browser.value(search).as_f64().unwrap();
    assert_eq!(browser.value(rows), json!(1));
    assert!(took < 500.0, "{took} ms");
    assert_eq!(browser.problems(), [""; 0]);
}

#[test]
fn values_are_read_without_the_script() {
    let Some(mut browser) = browser() else { return };
    browser.without_scripts();
    let page = &pages::of_values()[0];
    browser.open(&page.file(), "", LIGHT);
    let rows =
        "[...document.querySelectorAll('tbody tr')].filter(row => row.checkVisibility()).length";
    assert_eq!(browser.value(rows), json!(pages::VALUES + 1));
}

#[test]
fn a_large_diff_is_folded_and_quick_to_open() {
    let Some(mut browser) = browser() else { return };
    let page = pages::large();
    browser.open(&page.file(), "", LIGHT);
    let item = "document.getElementById('doc/fizz')";
    assert_eq!(browser.value(&format!("{item}.open")), json!(false));
    let opened = format!(
        "(() => {{ const start = performance.now(); {item}.open = true; document.body.offsetHeight; \
         return performance.now() - start }})()"
    );
    let took = browser.value(&opened).as_f64().unwrap();
    println!("a diff of 20,001 lines opens in {took:.0} ms");
    assert!(took < 2_000.0, "{took} ms");
    let lines = browser.value("document.querySelectorAll('ins').length");
    assert_eq!(lines, json!(20_001));
    assert_eq!(browser.problems(), [""; 0]);
}

/// The names of the nodes on one side of the graph.
fn nodes(side: &str) -> String {
    format!("[...document.querySelectorAll('#graph text.{side}')].map(text => text.textContent)")
}

#[test]
fn the_graph_shows_neighbours_and_what_fits() {
    let Some(mut browser) = browser() else { return };
    let [page, _] = pages::of_uses();
    look_at(&mut browser, &page);
    browser.open(&page.file(), "", LIGHT);
    let left = |browser: &mut Chromium| browser.value(&nodes("left"));
    let right = |browser: &mut Chromium| browser.value(&nodes("right"));
    let documents = json!(["variables", "runbook/backup", "deployment_process"]);
    let all = left(&mut browser);
    assert!(
        documents
            .as_array()
            .unwrap()
            .iter()
            .all(|it| all.as_array().unwrap().contains(it)),
        "{all}"
    );
    // By the keyboard to one thing and its documents, and to its entry.
    let focus = |name: &str| {
        format!(
            "[...document.querySelectorAll('#graph a')].find(node => node.textContent.startsWith('variable {name}')).focus()"
        )
    };
    browser.value(&focus("Service.Host"));
    let lit = "document.querySelectorAll('#graph path.lit').length";
    assert_eq!(browser.value(lit), json!(2));
    browser.press("Enter");
    assert_eq!(right(&mut browser), json!(["variable Service.Host"]));
    assert_eq!(left(&mut browser), json!(["variables", "runbook/backup"]));
    let defines = "document.querySelectorAll('#graph path.defines').length";
    assert_eq!(browser.value(defines), json!(1));
    browser.press("Enter");
    let open = "document.getElementById('thing/variable/SERVICE.HOST').open";
    assert_eq!(browser.value(open), json!(true));
    // A document's link leads to its neighbours too.
    browser.value("document.querySelector('tbody a[href=\"#doc/runbook/backup\"]').click()");
    browser.value("new Promise(resolve => setTimeout(resolve, 100))");
    assert_eq!(left(&mut browser), json!(["runbook/backup"]));
    browser.value("document.getElementById('whole').click()");
    assert_eq!(left(&mut browser), all);
    for key in ["s", "p", "a", "r", "e"] {
        browser.press(key);
    }
    assert_eq!(right(&mut browser), json!(["variable Spare"]));
    let told = "document.getElementById('drawn').textContent";
    assert_eq!(browser.value(told), json!("1 document, 1 thing"));
    let spoken = browser.spoken();
    let has = |role: &str, name: &str| spoken.iter().any(|(r, n)| r == role && n.contains(name));
    assert!(
        has("group", "Documents and things") && has("link", "Spare"),
        "{spoken:?}"
    );
    assert_eq!(browser.problems(), [""; 0]);
    browser.without_scripts();
    browser.open(&page.file(), "", LIGHT);
    let shown = "document.getElementById('graph').checkVisibility()";
    assert_eq!(browser.value(shown), json!(false));
}

#[test]
fn two_thousand_nodes_are_drawn_by_kind_and_searched_while_one_types() {
    let Some(mut browser) = browser() else { return };
    let [_, page] = pages::of_uses();
    look_at(&mut browser, &page);
    browser.open(&page.file(), "", LIGHT);
    assert_eq!(browser.value("typeof window.ran"), json!("undefined"));
    let drawn = browser.value(&nodes("left"));
    assert_eq!(
        drawn,
        json!(["variables (1)", "deployment_process (1)", "runbook (501)"])
    );
    let search = |words: &str| {
        format!(
            "(() => {{ const box = document.getElementById('search'); const start = performance.now(); box.value = {}; \
             box.dispatchEvent(new Event('input')); document.body.offsetHeight; return performance.now() - start }})()",
            json!(words)
        )
    };
    let mut slowest: f64 = 0.0;
    for (words, left) in [
        ("n", 3),
        ("name142", 15),
        ("number-77", 1),
        ("window.ran", 1),
        ("", 3),
    ] {
        let took = browser.value(&search(words)).as_f64().unwrap();
        slowest = slowest.max(took);
        let shown = format!("{}.length", nodes("left"));
        assert_eq!(browser.value(&shown), json!(left), "{words}");
    }
    let size = std::fs::metadata(page.file()).unwrap().len();
    println!("a graph of 2,000 nodes: {size} bytes, slowest search {slowest:.0} ms");
    assert!(slowest < 1_000.0, "{slowest} ms");
    assert_eq!(browser.problems(), [""; 0]);
}
